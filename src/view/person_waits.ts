import { type Fields, textIn } from "./payload.ts";
import type { PictureSpan } from "./picture_rows.ts";
import type { Branch } from "./row_tree.ts";

/** From now on it waits for a person. */
export function startWaiting(span: PictureSpan, at: number): void {
  if (span.state === "waiting") return;
  span.state = "waiting";
  // Hostile streams ask for ever: past the limit, the latest wait begins where the one before it did.
  if (span.waits.length >= MAX_WAITS) span.waits.at(-1)!.to = null;
  else span.waits.push({ from: at, to: null });
}

/** From now on it is at work again; nothing changes for one that does not wait. */
export function stopWaiting(span: PictureSpan, at: number): void {
  const wait = span.waits.at(-1);
  if (span.state !== "waiting" || wait === undefined) return;
  span.state = "running";
  wait.to = Math.max(at, wait.from);
  span.waitedMs += wait.to - wait.from;
}

/** The graph that waits with an agent inside of it; its nodes have ended until the answer comes. */
export function graphAround(asking: Branch | null, data: Fields): Branch | null {
  const isPassedOn = asking?.kind === "span" && asking.role === "agent" &&
    textIn(data, "graph_id") !== "";
  let row = isPassedOn ? asking.parent : null;
  while (row !== null && row.endedAt !== null) row = row.parent;
  return row;
}

/** When the stretch of work began that goes on, or was the last. */
export function workedSince({ startedAt, waits }: PictureSpan): number {
  return waits.at(-1)?.to ?? startedAt;
}

const MAX_WAITS = 100;
