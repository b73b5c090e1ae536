/**
 * A process that is going to be killed: it publishes and appends to runs of a file, and writes down what its own readers
 * were given, before anything else happens. It goes on where the file says that the one before it stopped.
 *
 * @module
 */
import { closeSync, openSync, truncateSync, writeSync } from "node:fs";
import process from "node:process";
import { sqliteBus } from "@locus/core/transports/sqlite";
import type { AnyEvent } from "../../harness/support/read.ts";

/** What it is told. */
export interface CrashSettings {
  readonly file: string;
  readonly log: string;
  readonly seed: number;
  /** A file on the same disk, which is small: it is filled with it, and emptied again. */
  readonly ballast?: string;
}

/** What it writes down. */
export type CrashLine =
  | { readonly seen: string; readonly run: string; readonly n: number }
  | { readonly from: number; readonly to: number; readonly run: string }
  | { readonly stored: number }
  | { readonly begun: number };

/** The runs that are published to, and the one that is appended to. */
export const RUNS = ["crash-0", "crash-1", "crash-2"];
export const APPENDED = "crash-appended";

const STDOUT = 1;

if (process.argv[2]?.startsWith("{")) await main(JSON.parse(process.argv[2]));

async function main({ file, log, seed, ballast }: CrashSettings): Promise<void> {
  const little = { maxPendingEvents: 80, historyPerRun: 200, onError() {} };
  const bus = sqliteBus({ path: file, ...ballast && little });
  const fd = openSync(log, "a");
  const write = (line: CrashLine) => {
    writeSync(fd, `${JSON.stringify(line)}\n`);
    // A byte for each line: whoever kills this process counts them.
    try {
      writeSync(STDOUT, ".");
    } catch {
      // There are so many that have not been counted yet that the pipe is full: that is enough.
    }
  };
  write({ begun: seed });
  // What was lost has a number as well.
  const last = async (run: string) => {
    const [info] = (await bus.runs()).filter(({ run_id }) => run_id === run);
    return Number(info?.cursor.split("-")[1] ?? 0);
  };
  const next = new Map<string, number>();
  for (const run of RUNS) {
    next.set(run, await last(run) + 1);
    void follow(run);
  }
  async function follow(run: string) {
    for await (const event of bus.subscribe(run, { from: "live" })) {
      const { event_id, event_type, data } = event as AnyEvent;
      if (event_type === "bus.gap") {
        write({ from: data.from_seq as number, to: data.to_seq as number, run });
      } else write({ seen: event_id, run, n: data.n as number });
    }
  }
  void appendAll();
  async function appendAll() {
    // Whoever does not know whether it was stored asks again.
    for (let n = await last(APPENDED) || 1;; n++) {
      const data = { n };
      const events = [{ run_id: APPENDED, event_type: "test.tick", data }] as const;
      const append = () => bus.append(APPENDED, events, { producer: { id: "p", seq: n } });
      while (await append().catch(() => null) === null) await turn();
      write({ stored: n });
    }
  }
  const random = createRandom(seed);
  // More than may wait at once, where something is to be lost.
  const most = ballast === undefined ? 60 : 240;
  for (;;) {
    if (ballast !== undefined && random() < 0.2) load(ballast, random() < 0.5);
    for (let i = 1 + Math.floor(random() * most); i > 0; i--) {
      const run = RUNS[Math.floor(random() * RUNS.length)]!;
      const n = next.get(run)!;
      next.set(run, n + 1);
      bus.publish({
        run_id: run,
        event_type: "test.tick",
        data: { n, text: "x".repeat(Math.floor(random() * 500)) },
      });
    }
    await turn(Math.floor(random() * 3));
  }
}

function turn(ms = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Leaves no room on the disk, or what there was. */
function load(ballast: string, isFull: boolean): void {
  const fd = openSync(ballast, "a");
  try {
    while (isFull) writeSync(fd, new Uint8Array(65_536));
    truncateSync(ballast);
  } catch {
    // The disk is full, as intended.
  } finally {
    closeSync(fd);
  }
}

/** Numbers from 0 to 1 that are the same for a seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
