/** Who has a file open: it is noted in the file itself. */
import { randomHex } from "../../core/random_hex.ts";
import { bootName, isProcessThere, isSameBoot, processName } from "../../runtime/machine.ts";
import type { Engine } from "./engine.ts";

/** How long somebody counts as there who has not said so, in milliseconds. */
export const SEEN_MS = 180_000;

/** Stands for one opening: `4711@web-1 <random>`, where the process has a name. */
export function newOpener(): string {
  return [processName() ?? "", randomHex(16)].join(" ").trim();
}

/**
 * Notes on the disk itself that the file is open. Who had it open when the machine went down may have lost its newest
 * commits, and their numbers would be given to others: so what was open then goes on under another epoch.
 *
 * @param isSafe Whether each commit waits for the disk: then nothing is lost.
 * @returns How many runs go on under another epoch.
 */
export function register(engine: Engine, opener: string, isSafe: boolean): number {
  engine.exec("PRAGMA synchronous = FULL");
  const boot = bootName() ?? opener;
  return engine.transaction(() => {
    const gone = openersOf(engine).filter(({ boot: other }) =>
      other !== SAFE && !isSameBoot(other, boot)
    );
    for (const { id } of gone) engine.run("DELETE FROM locus_openers WHERE id = ?", id);
    // Of those that were killed, nothing is missing that anybody has seen.
    engine.run("DELETE FROM locus_openers WHERE seen < ?", Date.now() - DAY_MS);
    engine.run(
      "INSERT INTO locus_openers VALUES(?, ?, ?)",
      opener,
      isSafe ? SAFE : boot,
      Date.now(),
    );
    return gone.length === 0 ? 0 : renewEpochs(engine);
  });
}

/** Notes that the file was closed, and nothing is missing. */
export function unregister(engine: Engine, opener: string): void {
  engine.all("PRAGMA wal_checkpoint(TRUNCATE)");
  engine.run("DELETE FROM locus_openers WHERE id = ?", opener);
}

/** Those who have the file open, as far as it can be known. */
export function openersThere(engine: Engine): string[] {
  const boot = bootName();
  return openersOf(engine).filter(({ id, boot: other, seen }) => {
    const isHere = other === SAFE || boot === undefined || isSameBoot(other, boot);
    return isHere && seen > Date.now() - SEEN_MS && isProcessThere(nameOf(id)) !== false;
  }).map(({ id }) => id);
}

/**
 * Two connections that write may damage a file with an SQLite older than 3.51.3, where both finish its log at one moment.
 *
 * @throws {Error} If this is one, and another process is known to have the file open.
 */
export function checkCompany(engine: Engine): void {
  const { v: version } = engine.one<{ v: string }>("SELECT sqlite_version() AS v")!;
  if (isSafeInCompany(version)) return;
  const names = openersThere(engine).map(nameOf);
  const other = names.find((name) => name !== processName() && isProcessThere(name));
  if (other === undefined) return;
  const [pid, host] = other.split("@");
  throw new Error(
    `process ${pid} on ${host} has it open, and SQLite ${version} may damage a file that several write: upgrade the runtime, or close the other one`,
  );
}

/** Whether several processes may write to a file with this version of SQLite. */
export function isSafeInCompany(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (major !== 3) return major > 3;
  const mended = MENDED.get(minor);
  return mended === undefined ? minor > 51 : patch >= mended;
}

// Of these, the patch that has it mended.
const MENDED: ReadonlyMap<number, number> = new Map([[44, 6], [50, 7], [51, 3]]);

/** What was open goes on under other epochs. How many runs that are. */
function renewEpochs(engine: Engine): number {
  const open = engine.all<{ id: number }>("SELECT id FROM locus_runs WHERE closed = 0");
  for (const { id } of open) {
    engine.run("UPDATE locus_runs SET epoch = ? WHERE id = ?", randomHex(12), id);
  }
  engine.run("UPDATE locus_meta SET epoch = ?, changes = changes + 1", randomHex(12));
  return open.length;
}

function openersOf(engine: Engine): { id: string; boot: string; seen: number }[] {
  return engine.all("SELECT id, boot, seen FROM locus_openers");
}

function nameOf(opener: string): string {
  return opener.includes(" ") ? opener.slice(0, opener.lastIndexOf(" ")) : "";
}

/** Stands for a machine of which nothing is lost. */
const SAFE = "safe";
const DAY_MS = 24 * 60 * 60 * 1_000;
