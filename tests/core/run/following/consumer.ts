/** Somebody who consumes a value in every way that its kind has, and notes what it gets. */
import type { World } from "./world.ts";

type Any = Record<PropertyKey, (...args: unknown[]) => unknown>;

/** One thing that a consumer does. */
export type Act = (world: World, value: Any, n: number) => unknown;

/** Notes what comes of something, now or later. An error that is not handled stays so. */
function noteResult(world: World, what: string, result: unknown): void {
  if (typeof (result as Any | undefined)?.then !== "function") {
    return world.note(`${what} -> ${text(result)}`);
  }
  world.note(`${what} -> later`);
  void (async () => {
    try {
      world.note(`${what} => ${text(await result)}`);
    } catch (error) {
      world.note(`${what} => ${error}`);
    }
  })();
}

function text(value: unknown): string {
  return value instanceof Object && !("done" in value)
    ? "an object"
    : JSON.stringify(value) ?? "undefined";
}

function attempt(world: World, what: string, call: () => unknown): void {
  try {
    noteResult(world, what, call());
  } catch (error) {
    world.note(`${what} threw ${error}`);
  }
}

function isMissing({ lacksReturn }: World, value: Any, name: string): boolean {
  return typeof value[name] !== "function" || name === "return" && lacksReturn;
}

/** Calls a method and looks at what comes of it. */
const calling = (name: string, argument?: unknown): Act => (world, value, n) => {
  if (isMissing(world, value, name)) return world.note(`no ${name}`);
  attempt(world, `${n} ${name}`, () => value[name]!(argument));
};

/** Calls a method and forgets what it returns. */
const ignoring = (name: string): Act => (world, value) => {
  if (isMissing(world, value, name)) return;
  try {
    void value[name]!();
  } catch (error) {
    world.note(`${name} threw ${error}`);
  }
};

const looping = (turns: number): Act => (world, value, n) => {
  const loop = async () => {
    let left = turns;
    for await (const item of value as Any & AsyncIterable<unknown>) {
      world.note(`${n} loop got ${text(item)}`);
      if (--left < 0) break;
    }
    return "left the loop";
  };
  attempt(world, `${n} loop`, loop);
};

const awaiting: Act = (world, value, n) => noteResult(world, `${n} await`, value);

const awaitingAnd = (act: Act): Act => async (world, value, n) => {
  try {
    const result = await (value as Any & PromiseLike<Any>);
    await null;
    act(world, result, n);
  } catch (error) {
    world.note(`${n} => ${error}`);
  }
};

const callbacks: Act[] = [
  [true, true],
  [true, false],
  [false, true],
  [false, false],
].map(([hasDone, hasFailure]) => (world, value, n) => {
  const onDone = (...values: unknown[]) => {
    world.note(`${n} done ${values.map(text)}`);
    return "from onDone";
  };
  const onFailure = (error: unknown) => {
    world.note(`${n} failure ${error}`);
    return "from onFailure";
  };
  attempt(
    world,
    `${n} then`,
    () => value.then!(hasDone ? onDone : undefined, hasFailure ? onFailure : undefined),
  );
});

const reads: Act[] = [
  (world, value, n) => {
    const reader = value.getReader!() as Any;
    attempt(world, `${n} read`, () => reader.read!());
    attempt(world, `${n} read`, () => reader.read!());
    void (reader.closed as never as Promise<void>).then(
      () => world.note(`${n} closed`),
      (error) => world.note(`${n} closed: ${error}`),
    );
  },
  async (world, value, n) => {
    try {
      const reader = value.getReader!() as Any;
      const reading = reader.read!();
      world.note(`${n} read ${text(await reading)}`);
      reader.releaseLock!();
      world.note(`${n} released`);
    } catch (error) {
      world.note(`${n} ${error}`);
    }
  },
  (world, value, n) => {
    const reader = value.getReader!() as Any;
    attempt(world, `${n} cancel`, () => reader.cancel!("enough"));
    reader.releaseLock!();
  },
];

const pipes: Act[] = [
  (world, value, n) => attempt(world, `${n} pipe`, () => value.pipeTo!(sink(world, n))),
  (world, value, n) =>
    attempt(world, `${n} pipe`, () => value.pipeTo!(sink(world, n, true), { preventCancel: true })),
  (world, value, n) => attempt(world, `${n} pipe`, () => value.pipeTo!(sink(world, n, true))),
  (world, value, n) => attempt(world, `${n} pipe`, () => value.pipeTo!("nowhere")),
  (world, value, n) => attempt(world, `${n} through`, () => value.pipeThrough!({ readable: 1 })),
  (world, value, n) => attempt(world, `${n} through`, () => value.pipeThrough!()),
];

const branches: Act[] = [
  (world, value, n) =>
    attempt(world, `${n} through`, () => {
      const through = value.pipeThrough!(new TransformStream()) as Any;
      looping(1)(world, through, n);
    }),
  (world, value, n) =>
    attempt(world, `${n} tee`, () => {
      const [a, b] = value.tee!() as [Any, Any];
      looping(9)(world, a, n);
      looping(0)(world, b, n);
    }),
  (world, value, n) =>
    attempt(world, `${n} values`, () => {
      const iterator = value.values!({ preventCancel: true }) as Any;
      noteResult(world, `${n} next`, iterator.next!());
      noteResult(world, `${n} return`, iterator.return!("left"));
    }),
];

function sink(world: World, n: number, isBroken = false): WritableStream {
  return new WritableStream({
    write(chunk) {
      world.note(`${n} written ${chunk}`);
      if (isBroken) throw new Error("the sink is broken");
    },
  });
}

const calls = [
  ...[calling("next", "a"), calling("next", "b"), calling("return", "r")],
  ...[calling("throw", new Error("thrown by the consumer")), ignoring("next"), ignoring("return")],
];
const loops = [looping(0), looping(1), looping(9)];

/** What can be done with a kind of value. */
export interface Acts {
  /** Single calls, any number of them at once. */
  readonly calls: readonly Act[];
  /**
   * What goes on by itself, at most one of them. Where two wait for the same, it shows which of them was sooner, and
   * following takes its turns.
   */
  readonly works: readonly Act[];
}

/** What can be done with each kind of value. */
export const acts: Record<string, Acts> = {
  promises: {
    calls: [
      ...callbacks,
      ...[awaiting, calling("catch"), calling("finally"), ignoring("then"), calling("kill")],
    ],
    works: [],
  },
  iterators: { calls, works: loops },
  others: { calls: [...calls, ...callbacks, awaiting], works: loops },
  promised: { calls: [...callbacks, awaiting], works: [...calls, ...loops].map(awaitingAnd) },
  streams: {
    calls: [...reads, calling("cancel", "c"), ignoring("cancel")],
    works: [...pipes, ...branches, ...loops],
  },
  "streams that read ahead": { calls: reads, works: pipes },
};

/** Consumes what is left of a value. False if somebody else has it. */
export async function drain(value: unknown): Promise<boolean> {
  const given = value as Any & AsyncIterable<unknown> & PromiseLike<unknown>;
  try {
    if (typeof given.then === "function") return await drain(await given);
    if (given instanceof ReadableStream) {
      if (given.locked) return false;
      await given.cancel();
    } else if (typeof given === "object") { for await (const _ of given); }
  } catch {
    // That is an end, too.
  }
  return true;
}
