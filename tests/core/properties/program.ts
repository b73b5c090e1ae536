/**
 * Random programs for a bus: what is done to it, in which order, within which bounds.
 *
 * A program is plain data, so a counterexample can be read, and names readers and handlers by their place in
 * the order of their creation.
 *
 * @module
 */
import fc from "../../harness/support/property.ts";

/**
 * How a reader reads: as `for await` does, with an iterator that can be left without cancelling, by batches,
 * or with the stream's own reader.
 */
export type Via = "loop" | "iterator" | "batches" | "stream";

/** One step of a program. */
export type Op =
  | { op: "publish"; run: number; type: number; count: number; text: number; writer: boolean }
  | { op: "refused"; run: number; writer: boolean }
  | { op: "subscribe"; run: number; from: "history" | "live"; via: Via; select: number }
  | { op: "subscribeAll"; via: Via; select: number }
  | { op: "resume"; run: number; reader: number; cursor: CursorKind; via: Via }
  | { op: "resumeAll"; reader: number; cursor: CursorKind; via: Via }
  | { op: "read"; reader: number; count: number }
  | { op: "handOver"; reader: number; via: Via }
  | { op: "leave"; reader: number; how: "return" | "abort" }
  | {
    op: "on";
    run: number | null;
    from: "history" | "live";
    concurrency: number;
    kind: HandlerKind;
  }
  | { op: "finish"; handler: number; fails: boolean }
  | { op: "off"; handler: number; how: "call" | "dispose" | "abort" }
  | { op: "drained"; run: number }
  | { op: "close"; run: number }
  | { op: "closeAll" }
  | { op: "drop"; run: number }
  | { op: "history"; run: number | null; type: number; limit: number }
  | { op: "tick"; count: number };

/** Whose place a reader resumes from, or which one that nobody had. */
export type CursorKind = "reader" | "garbage" | "beyond" | "otherRun";

/** Handlers that return nothing, that return a promise, that throw. */
export type HandlerKind = "sync" | "async" | "throws";

/** The bounds of a bus, small enough that programs reach them. */
export interface Bounds {
  historyPerRun: number;
  maxQueueSize: number;
  maxRunsRetained: number;
  maxGlobalSubscribers: number;
  maxBytes: number;
}

/** The types that programs publish, and the selections that readers make of them. */
export const types = ["test.a", "test.b", "other.c"] as const;
export const selections: readonly (string | readonly string[] | undefined)[] = [
  undefined,
  undefined,
  undefined,
  "test.a",
  "test.*",
  ["other.c", "test.b"],
];

/** Whether a selection takes a type: written out, so as not to ask the bus. */
export function selects(selection: string | readonly string[] | undefined, type: string): boolean {
  if (selection === undefined) return true;
  return [selection].flat().some((pattern) =>
    pattern.endsWith(".*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern
  );
}

/** How often each kind of step comes; 0 leaves it out. */
export type Weights = Readonly<Partial<Record<Op["op"], number>>>;

const usual: Record<Op["op"], number> = {
  publish: 12,
  refused: 1,
  subscribe: 5,
  subscribeAll: 2,
  resume: 3,
  resumeAll: 2,
  read: 12,
  handOver: 2,
  leave: 3,
  on: 2,
  finish: 3,
  off: 1,
  drained: 1,
  close: 2,
  closeAll: 1,
  drop: 2,
  history: 1,
  tick: 4,
};

/** Programs of up to 120 steps over a few runs, in which the steps come as often as `weights` says. */
export function programs(weights: Weights = {}, runs = 3): fc.Arbitrary<Op[]> {
  const run = fc.nat(runs - 1);
  const index = fc.nat(11);
  const via = fc.constantFrom<Via[]>("loop", "iterator", "batches", "stream");
  const from = fc.constantFrom<("history" | "live")[]>("history", "history", "live");
  const select = fc.nat(selections.length - 1);
  const arbitraries: { [K in Op["op"]]: fc.Arbitrary<Omit<Extract<Op, { op: K }>, "op">> } = {
    publish: fc.record({
      run,
      type: fc.nat(types.length - 1),
      count: fc.integer({ min: 1, max: 9 }),
      text: fc.constantFrom(0, 0, 0, 40, 200),
      writer: fc.boolean(),
    }),
    refused: fc.record({ run, writer: fc.boolean() }),
    subscribe: fc.record({ run, from, via, select }),
    subscribeAll: fc.record({ via, select }),
    resume: fc.record({
      run,
      reader: index,
      cursor: fc.constantFrom<CursorKind[]>("reader", "reader", "garbage", "beyond", "otherRun"),
      via,
    }),
    resumeAll: fc.record({
      reader: index,
      cursor: fc.constantFrom<CursorKind[]>("reader", "reader", "garbage", "beyond", "otherRun"),
      via,
    }),
    read: fc.record({ reader: index, count: fc.integer({ min: 1, max: 6 }) }),
    handOver: fc.record({ reader: index, via }),
    leave: fc.record({ reader: index, how: fc.constantFrom("return" as const, "abort" as const) }),
    on: fc.record({
      run: fc.option(run, { freq: 3 }),
      from,
      concurrency: fc.integer({ min: 1, max: 3 }),
      kind: fc.constantFrom<HandlerKind[]>("sync", "async", "throws"),
    }),
    finish: fc.record({ handler: index, fails: fc.boolean() }),
    off: fc.record({
      handler: index,
      how: fc.constantFrom("call" as const, "dispose" as const, "abort" as const),
    }),
    drained: fc.record({ run }),
    close: fc.record({ run }),
    closeAll: fc.record({}),
    drop: fc.record({ run }),
    history: fc.record({
      run: fc.option(run, { freq: 2 }),
      type: fc.nat(selections.length - 1),
      limit: fc.nat(20),
    }),
    tick: fc.record({ count: fc.integer({ min: 1, max: 5 }) }),
  };
  const steps = (Object.keys(arbitraries) as Op["op"][])
    .map((op) => ({ op, weight: weights[op] ?? usual[op] }))
    .filter(({ weight }) => weight > 0)
    .map(({ op, weight }) => ({
      weight,
      arbitrary: (arbitraries[op] as fc.Arbitrary<object>).map((rest) => ({ op, ...rest }) as Op),
    }));
  // Of its own accord fast-check would make programs of ten steps or so.
  return fc.array(fc.oneof(...steps), { minLength: 1, maxLength: 120, size: "max" });
}

/** Bounds that a program of a hundred steps runs into; those that are given hold instead. */
export function smallBounds(fixed: Partial<Bounds> = {}): fc.Arbitrary<Bounds> {
  const count = (max: number) => fc.integer({ min: 1, max });
  return fc.record({
    historyPerRun: count(12),
    maxQueueSize: count(12),
    maxRunsRetained: count(4),
    maxGlobalSubscribers: count(3),
    maxBytes: fc.constantFrom(500, 1_000, 3_000, 1_000_000),
  }).map((bounds) => ({ ...bounds, ...fixed }));
}

/** Bounds that nothing runs into, to be overridden one by one. */
export const wide: Bounds = {
  historyPerRun: 10_000,
  maxQueueSize: 10_000,
  maxRunsRetained: 1_000,
  maxGlobalSubscribers: 1_000,
  maxBytes: 1_000_000_000,
};
