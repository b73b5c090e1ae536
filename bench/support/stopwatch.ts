/**
 * The clock of the benches that have a loop of their own.
 *
 * Where the system tells (Linux), it counts the time that the main thread had a processor, in steps of a few
 * milliseconds: so whatever else runs on the machine counts less. Elsewhere it is the wall's.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";

const path = `/proc/self/task/${process.pid}/schedstat`;

/** What is counted. */
export const clockName: "thread" | "wall" = canReadThread() ? "thread" : "wall";

/** Starts to count; call what it returns for the milliseconds since then. */
export function startStopwatch(): () => number {
  const now = clockName === "thread" ? threadTime : () => performance.now();
  const start = now();
  return () => now() - start;
}

function canReadThread(): boolean {
  try {
    return threadTime() > 0;
  } catch {
    return false;
  }
}

function threadTime(): number {
  return Number.parseInt(readFileSync(path, "utf8")) / 1e6;
}
