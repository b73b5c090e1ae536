import type { PictureRow } from "./picture_rows.ts";

/** A stretch of time, in milliseconds since 1970. */
export interface Stretch {
  /** When it began. */
  readonly from: number;
  /** When it was over. */
  readonly to: number;
}

/** What a run took, as far as it is shown. */
export interface IdleOptions {
  readonly startedAt: number;
  /** Its end, or now. */
  readonly endsAt: number;
  /** While it goes on: when its latest event came. It is not known to be idle since. */
  readonly busySince?: number | null;
}

/**
 * When nothing was done, oldest first: no work was open but what waited for a person, and what that is part of.
 * None of a run without any work: then there is nothing that could be crushed.
 */
export function idleTimes(
  rows: readonly PictureRow[],
  { startedAt, endsAt, busySince = null }: IdleOptions,
): Stretch[] {
  const busy: Stretch[] = [];
  addBusy(rows, endsAt, busy);
  if (busy.length === 0) return [];
  if (busySince !== null) busy.push({ from: busySince, to: endsAt });
  return without({ from: startedAt, to: endsAt }, busy);
}

/**
 * The idle times that are worth folding: each of more than a tenth of what is left when longer ones are folded, so
 * that a minute beside ten seconds of work is folded although there is an hour elsewhere.
 */
export function longIdleTimes(rows: readonly PictureRow[], options: IdleOptions): Stretch[] {
  let left = options.endsAt - options.startedAt;
  const long = new Set<Stretch>();
  const times = idleTimes(rows, options);
  for (const time of times.toSorted((a, b) => lengthOf(b) - lengthOf(a))) {
    const length = lengthOf(time);
    if (length < MIN_FOLD_MS || length * 10 <= left || long.size >= MAX_FOLDS) break;
    long.add(time);
    left -= length;
  }
  return times.filter((time) => long.has(time));
}

/** Adds when each line was at work. @returns When some of them waited. */
function addBusy(rows: readonly PictureRow[], endsAt: number, busy: Stretch[]): Stretch[] {
  const allWaits: Stretch[] = [];
  for (const row of rows) {
    if (row.kind === "note") continue;
    const waits = addBusy(row.children, endsAt, busy);
    if (row.kind === "span") {
      for (const { from, to } of row.waits) waits.push({ from, to: to ?? endsAt });
    }
    const time = { from: row.startedAt, to: row.endedAt ?? endsAt };
    if (waits.length === 0) {
      if (time.from < time.to) busy.push(time);
      continue;
    }
    for (const part of without(time, waits)) busy.push(part);
    for (const wait of waits) allWaits.push(wait);
  }
  return allWaits;
}

/** What is left of a time when others are taken away, in order. */
function without({ from, to }: Stretch, others: Stretch[]): Stretch[] {
  const rest: Stretch[] = [];
  let start = from;
  for (const other of others.sort((a, b) => a.from - b.from)) {
    if (other.from >= to) break;
    if (other.from > start) rest.push({ from: start, to: other.from });
    start = Math.max(start, other.to);
  }
  if (start < to) rest.push({ from: start, to });
  return rest;
}

function lengthOf({ from, to }: Stretch): number {
  return to - from;
}

/** Shorter waits take too little room to fold them. */
const MIN_FOLD_MS = 1_000;
/** More breaks than this would take the room that they give. */
const MAX_FOLDS = 8;
