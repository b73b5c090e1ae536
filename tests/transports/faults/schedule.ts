/**
 * What may happen to processes that share a store: random schedules of it.
 *
 * @module
 */
import fc from "../../harness/support/property.ts";

/** How many processes there are, and runs that they publish to. */
export const PROCESSES = 3;
/** The runs that are published to. */
export const RUNS: readonly string[] = ["a", "b"];
/** What a reader of all runs reads. */
export const ALL = "*";
/** What a reader of several runs reads. */
export const SEVERAL = RUNS.join("+");

/** Which of a process's links: the one on which it asks, or the one on which it is told. */
export type Side = "asks" | "hears";

/** One thing that happens. `at` is a process. */
export type Step =
  | { readonly do: "publish"; readonly at: number; readonly run: string; readonly count: number }
  /** More than may wait for the store. */
  | { readonly do: "flood"; readonly at: number; readonly run: string }
  | { readonly do: "read"; readonly at: number; readonly run: string; readonly from: From }
  /** Of the readers, one leaves, and goes on elsewhere. */
  | { readonly do: "move"; readonly reader: number; readonly at: number }
  | { readonly do: "stall" | "resume"; readonly reader: number }
  | { readonly do: "cut"; readonly at: number; readonly side: Side }
  /** It reaches nobody, until `mend`. */
  | { readonly do: "sever" | "mend"; readonly at: number }
  /** What it is told comes late, until `mend`. */
  | { readonly do: "lag"; readonly at: number }
  | { readonly do: "wipe" | "restart" }
  /** Something that the store keeps of a run is taken away, as by a server that runs out of memory. */
  | { readonly do: "evict"; readonly run: string; readonly what: number }
  /** One event in the middle is gone. */
  | { readonly do: "punch"; readonly run: string }
  | { readonly do: "wait"; readonly turns: number };

/** Where a reader starts. */
export type From = "history" | "live";

/** The bounds of the buses. */
export interface Bounds {
  readonly historyPerRun: number;
  readonly maxQueueSize: number;
  readonly maxPendingEvents: number;
}

/** What happens, and within which bounds. */
export interface Schedule {
  readonly bounds: Bounds;
  readonly steps: readonly Step[];
}

const at = fc.nat(PROCESSES - 1);
const run = fc.constantFrom(...RUNS);
const reader = fc.nat(7);
const from = fc.constantFrom<From>("history", "live");
const side = fc.constantFrom<Side>("asks", "hears");

const step: fc.Arbitrary<Step> = fc.oneof(
  weighted(10, { do: "publish", at, run, count: fc.integer({ min: 1, max: 5 }) }),
  weighted(1, { do: "flood", at, run }),
  weighted(4, { do: "read", at, run: fc.constantFrom(...RUNS, ALL, SEVERAL), from }),
  weighted(3, { do: "move", reader, at }),
  weighted(1, { do: "stall", reader }),
  weighted(2, { do: "resume", reader }),
  weighted(2, { do: "cut", at, side }),
  weighted(1, { do: "sever", at }),
  weighted(2, { do: "lag", at }),
  weighted(3, { do: "mend", at }),
  weighted(1, { do: "wipe" }),
  weighted(1, { do: "restart" }),
  weighted(1, { do: "evict", run, what: fc.nat(3) }),
  weighted(1, { do: "punch", run }),
  weighted(6, { do: "wait", turns: fc.integer({ min: 1, max: 12 }) }),
);

/** Random schedules. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  bounds: fc.record({
    historyPerRun: fc.constantFrom(5, 100),
    maxQueueSize: fc.constantFrom(8, 1_000),
    maxPendingEvents: fc.constantFrom(8, 1_000),
  }),
  steps: fc.array(step, { maxLength: 60, size: "max" }),
});

/** The schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  return fc.sample(schedules, { seed, numRuns: 1 })[0]!;
}

/** A step with the name as it is given, and the rest as it comes. */
function weighted<K extends Step["do"]>(
  weight: number,
  { do: name, ...rest }: { do: K } & Record<string, K | fc.Arbitrary<unknown>>,
): { weight: number; arbitrary: fc.Arbitrary<Step> } {
  const fields = rest as Record<string, fc.Arbitrary<unknown>>;
  const arbitrary = fc.record({ do: fc.constant(name), ...fields }) as fc.Arbitrary<unknown>;
  return { weight, arbitrary: arbitrary as fc.Arbitrary<Step> };
}
