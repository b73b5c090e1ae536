/** Numbers in words. */

import { describe } from "../core/describe.ts";

/** `12 ms`, `1.2 s`, `1 m 04 s`, `2 h 05 m`. */
export function formatDuration(ms: number): string {
  checkNumber("formatDuration()", ms);
  if (!(ms >= 999.5)) return `${Math.max(0, Math.round(ms)) || 0} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} m`;
}

/** `1 event`, `2 events`. */
export function count(n: number, noun: string): string {
  checkNumber("count()", n);
  return `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;
}

function checkNumber(owner: string, value: unknown): void {
  if (typeof value === "number") return;
  throw new TypeError(`${owner}: expected a number, got ${describe(value)}`);
}
