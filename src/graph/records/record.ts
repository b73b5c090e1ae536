/** The form of what is stored of a thread: records of what changed, each under a number of its own. */

import type { GraphCheckpoint, GraphInterrupt } from "../types/graph.ts";

/** One run of a node that is to come, or that is under way. */
export interface Task {
  /** Unique in the thread, also among branches: `once` and answers of one branch never reach another. */
  readonly id: string;
  readonly node: string;
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** A target of a node, before it is a task. */
export type NextTask = Omit<Task, "id">;

/** What a task came to. */
export interface Outcome {
  readonly status: "completed" | "failed" | "skipped";
  readonly update?: Readonly<Record<string, unknown>>;
  /** Where a command or sends lead, in place of the edges. */
  readonly to?: readonly NextTask[];
  readonly stop?: boolean;
  /** Where the graph inside of the node ended, if it keeps its state. */
  readonly kept?: Kept;
  readonly error?: string;
}

/** The record of a graph that goes on from there when its node runs again. */
export interface Kept {
  readonly seq: number;
  readonly low: number;
}

/** A question that waits, with its place. */
export interface Question extends GraphInterrupt {
  /** The task of the outermost graph that it belongs to; then those of the graphs inside. */
  readonly path: readonly string[];
}

/** An answer, with the question that it was given to. */
export interface Answer {
  readonly question: unknown;
  readonly value: unknown;
}

/** What changed in a field: whole, appended after the first `f`, or by key. */
export type Change =
  | { readonly s?: unknown }
  | { readonly a: readonly unknown[]; readonly f?: number }
  | { readonly k: Readonly<Record<string, unknown>>; readonly x?: readonly string[] };

/** A checkpoint as it is stored. */
export interface GraphRecord {
  readonly v: 1;
  readonly seq: number;
  /** The one before it of the same graph; another than `seq - 1` is a branch. 0: none. */
  readonly parent: number;
  readonly kind: GraphCheckpoint<unknown>["kind"];
  /** Which graph: `""` for the outermost, else the path of the task that runs it. */
  readonly ns: string;
  /** The last record of the outermost graph. */
  readonly root: number;
  readonly step: number;
  /** Whether the step of `next` has begun. */
  readonly open?: true;
  readonly at: string;
  /** Where the graph's span is. */
  readonly span: SpanPlace | null;
  /** How many records of its graph lead to it. */
  readonly depth: number;
  /** The record whose values `d` is on top of. 0: none. */
  readonly base: number;
  /** The oldest record that it needs. */
  readonly low: number;
  readonly d: Readonly<Record<string, Change>>;
  readonly next: readonly Task[];
  readonly held?: readonly Task[];
  readonly joins?: Readonly<Record<string, readonly string[]>>;
  readonly done?: Readonly<Record<string, Outcome>>;
  readonly waits?: readonly Question[];
  readonly answers?: Readonly<Record<string, Answer>>;
  /** How often each task was begun, where that was more than once. */
  /** Where graphs inside that keep their state have ended, by node. */
  readonly kept?: Readonly<Record<string, Kept>>;
  readonly executions?: Readonly<Record<string, number>>;
  readonly errors?: Readonly<Record<string, string>>;
}

/** Where a span is. */
export interface SpanPlace {
  readonly run_id: string;
  readonly span_id: string;
  readonly parent_span_id: string | null;
}
