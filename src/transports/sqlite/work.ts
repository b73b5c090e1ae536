import type { Appended, Producer } from "../../core/bus/bus.ts";
import type { Captured } from "../../core/copy_payload.ts";
import type { RunState } from "./run_state.ts";

/** An event that waits to be stored. What is found when it is, is noted in it. */
export interface NewEvent {
  readonly type: string;
  readonly time: number;
  readonly captured: Captured;
  seq: number;
  order: number;
}

/** What waits to be done to a run, and how it went. */
export type Work =
  | EventsWork
  | LostWork
  | CommandWork
  | TrimWork
  | ImportWork
  | AppendWork
  | ClaimWork;

interface RunWork {
  readonly runId: string;
  /** The run after the change; null if nothing was changed. */
  state: RunState | null;
}

/** Events that were published one after the other. */
export interface EventsWork extends RunWork {
  readonly kind: "events";
  readonly events: NewEvent[];
}

/** Events that were lost before they could be stored: they take numbers, so that readers are told. */
export interface LostWork extends RunWork {
  readonly kind: "lost";
  readonly count: number;
  /** The last of their numbers. */
  seq: number;
  order: number;
}

/** A change of the run as a whole. */
export interface CommandWork extends RunWork {
  readonly kind: "close" | "drop" | "evict";
}

/** So many of the oldest events of a run go, to make room. */
export interface TrimWork extends RunWork {
  readonly kind: "trim";
  readonly count: number;
}

/** An import is over with a run: it is whole, or what was stored of it is taken back. */
export interface ImportWork extends RunWork {
  readonly kind: "whole" | "undo";
  readonly importing: number;
}

/** Where events of a recording belong. */
export interface Recorded {
  /** The import. */
  readonly importing: number;
  /** The place where the run must stand, 0 for none. */
  readonly after: number;
  /** What is missing before the events. */
  readonly lost: LostWork;
}

interface Call<T> extends RunWork {
  readonly events: NewEvent[];
  /** Set when its caller has given up. */
  isGivenUp: boolean;
  answer: T | null;
  /** Tells the caller: the answer, or why there is none. */
  readonly settle: (error?: unknown) => void;
}

export interface AppendWork extends Call<Appended> {
  readonly kind: "append";
  readonly producer: Required<Producer> | null;
  readonly recorded: Recorded | null;
  /** The newest epoch of the producer, if that is newer. */
  fencedBy: number;
}

export interface ClaimWork extends Call<number> {
  readonly kind: "claim";
  readonly producerId: string;
}

export function sizeOf(work: Work): number {
  return "events" in work ? Math.max(1, work.events.length) : 1;
}

export function bytesOf(work: Work): number {
  if (!("events" in work)) return 0;
  return work.events.reduce((sum, { captured }) => sum + captured.bytes, 0);
}
