import type { RunState as RunStateName } from "../../events/run_state.ts";

export interface RunRow {
  readonly id: number;
  readonly run_id: string;
  /** The incarnation: another one begins at 1 again. */
  readonly epoch: string;
  readonly head: number;
  readonly tail: number;
  readonly closed: number;
  /** Whether the run had a life before, which was forgotten to make room. */
  readonly continued: number;
  readonly dropped: number;
  readonly bytes: number;
  readonly created: number;
  readonly updated: number;
  readonly touched: number;
  readonly opener: string | null;
  /** How it stands, … */
  readonly state: RunStateName;
  /** … and what of that the next event may change: see `standings.ts`. */
  readonly standing: string;
  /** Which import has stored a part of it, and may store more; 0 if it is whole. Who dies over it leaves nothing. */
  readonly importing: number;
  /** How many of its numbers stand for events that were lost. */
  readonly holes: number;
  /** The models that it has named: a list, as JSON. */
  readonly models: string;
  readonly started: string | null;
  readonly completed: string | null;
}

/** How many events of a run are kept. */
export function heldOf({ head, tail, holes }: Pick<RunRow, "head" | "tail" | "holes">): number {
  return head - tail + 1 - holes;
}

/** A run while it is changed: its row as it will be. */
export type RunState = { -readonly [K in keyof RunRow]: RunRow[K] };

export interface GoneRow {
  readonly run_id: string;
  readonly epoch: string;
  readonly last: number;
  /** Whether it was closed; null if it was dropped on request, and may begin anew. */
  readonly closed: number | null;
}

/** A row of `locus_events`. Nothing of it is to be trusted. */
export interface EventRow {
  readonly id: number;
  readonly seq: number;
  readonly type: unknown;
  readonly time: unknown;
  readonly data: unknown;
}
