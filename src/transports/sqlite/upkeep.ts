import { setBackgroundTimer } from "../../runtime/background_timer.ts";
import type { Engine } from "./engine.ts";
import { openersThere, SEEN_MS } from "./openers.ts";

export interface UpkeepOptions {
  readonly engine: Engine;
  readonly opener: () => string;
  readonly retentionMs: number;
  readonly maxStoredBytes: number;
  readonly isRead: (runId: string) => boolean;
  readonly evict: (runId: string) => void;
  readonly undo: (runId: string, importing: number) => void;
  readonly trim: (runId: string, count: number) => void;
  readonly onFailure: (error: unknown) => void;
}

interface Candidate {
  readonly run_id: string;
  readonly bytes: number;
  /** How many events of it are kept. */
  readonly held: number;
}

/**
 * Keeps the file within its bounds, a little at a time: runs that are too old go, and then those that went first if there
 * were too many, until the rest is small enough. And says now and then that somebody has the file open.
 */
export function createUpkeep(
  { engine, opener, retentionMs, maxStoredBytes, isRead, evict, undo, trim, onFailure }:
    UpkeepOptions,
) {
  let stop = () => {};
  let stored = 0;
  // Before anything is imported here.
  attempt(dropParts);
  later(0);
  return {
    hasOthers: (): boolean => openersThere(engine).some((id) => id !== opener()),
    /** So much was stored. */
    stored(bytes: number): void {
      stored += bytes;
      if (stored < maxStoredBytes / 16) return;
      stored = 0;
      later(0);
    },
    end: (): void => stop(),
  };

  function later(ms: number): void {
    stop();
    stop = setBackgroundTimer(() => {
      const isTooMuch = attempt(look) ?? false;
      // An object is not kept awake: what is too old goes when something is stored again.
      if (engine.isOfObject && !isTooMuch) return;
      // What goes now is gone soon: then the rest is looked at.
      later(isTooMuch ? SOON_MS : INTERVAL_MS);
    }, ms);
  }

  function attempt<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      onFailure(error);
    }
  }

  function look(): boolean {
    engine.run("UPDATE locus_openers SET seen = ? WHERE id = ?", Date.now(), opener());
    dropParts();
    const old = engine.all<{ run_id: string }>(
      "SELECT run_id FROM locus_runs WHERE updated < ? ORDER BY updated LIMIT ?",
      ...[Date.now() - retentionMs, MAX_AT_ONCE],
    );
    for (const { run_id: runId } of old) evict(runId);
    const free = pragma("freelist_count");
    const used = pragma("page_count") - free;
    const tooMuch = (engine.isOfObject ? bytesOfRuns() : used * pragma("page_size")) -
      maxStoredBytes;
    if (tooMuch > 0) makeRoom(tooMuch);
    // What is free is used again; it is given back where that is much.
    if (free > used / 4) engine.exec(`PRAGMA incremental_vacuum(${VACUUMED})`);
    return tooMuch > 0 || old.length === MAX_AT_ONCE;
  }

  /** What imports have left whose process is gone. */
  function dropParts(): void {
    const parts = engine.all<{ run_id: string; importing: number; opener: string }>(
      "SELECT run_id, importing, opener FROM locus_runs WHERE importing <> 0",
    );
    if (parts.length === 0) return;
    const there = openersThere(engine);
    for (const { run_id: runId, importing, opener } of parts) {
      if (!there.includes(opener)) undo(runId, importing);
    }
  }

  function makeRoom(tooMuch: number): void {
    const columns = `run_id, bytes, ${HELD} AS held FROM locus_runs`;
    const next = engine.all<Candidate>(
      `SELECT ${columns} ORDER BY closed DESC, touched LIMIT ${MAX_AT_ONCE}`,
    );
    // The newest run is not among them, however large it is: of that, the oldest events go.
    const newest = engine.one<Candidate>(`SELECT ${columns} ORDER BY touched DESC LIMIT 1`);
    let left = tooMuch;
    for (const { run_id: runId, bytes, held } of next) {
      if (left <= 0) return;
      if (runId === newest?.run_id || isRead(runId)) continue;
      evict(runId);
      left -= bytes + held * BYTES_BESIDE;
    }
    if (left <= 0 || next.length === MAX_AT_ONCE) return;
    const largest = engine.one<Candidate>(`SELECT ${columns} ORDER BY bytes DESC LIMIT 1`);
    if (largest === undefined) return;
    const { run_id: runId, bytes, held } = largest;
    const part = Math.min(1, left / (bytes + held * BYTES_BESIDE));
    trim(runId, Math.ceil(held * part));
  }

  /** About what the events take, where pages cannot be counted. */
  function bytesOfRuns(): number {
    const all = `SELECT sum(bytes + (${HELD}) * ${BYTES_BESIDE}) AS n FROM locus_runs`;
    return engine.one<{ n: number | null }>(all)?.n ?? 0;
  }

  function pragma(name: string): number {
    const row = engine.one<Record<string, number>>(`PRAGMA ${name}`) ?? {};
    return Object.values(row)[0] ?? 0;
  }
}

const HELD = "head - tail + 1 - holes";
const INTERVAL_MS = SEEN_MS / 3;
const SOON_MS = 100;
const MAX_AT_ONCE = 100;
// Pages that are given back at a time: some milliseconds.
const VACUUMED = 1_000;
// What an event takes beside its payload, about.
const BYTES_BESIDE = 90;
