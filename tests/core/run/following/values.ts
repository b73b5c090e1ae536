/** Values of every kind that work can be behind. */
import { runInNewContext } from "node:vm";
import { perform, performAll, performAtOnce, type Script, type World } from "./world.ts";

/** Makes a value whose work goes by a script. */
export type MakeValue = (world: World, script: Script) => unknown;

const promises: Record<string, MakeValue> = {
  "a promise": performAll,
  "a promise with properties": (world, script) =>
    Object.assign(performAll(world, script), { kill: () => "killed", [Symbol.for("mark")]: 1 }),
  "a promise of a class of its own": (world, script) => Request.from(performAll(world, script)),
  "a promise of another realm": (world, script) => {
    const { promise, resolve, reject } = runInNewContext("Promise.withResolvers()");
    performAll(world, script).then(resolve, reject);
    return promise;
  },
  "a query that runs when awaited": (world, script) => new Query(() => performAll(world, script)),
  "a thenable of callbacks": (world, script) => ({
    then(onDone: unknown, onFailure: unknown) {
      world.begin()(`then(${typeof onDone}, ${typeof onFailure})`);
      performAll(world, script).then(
        (value) => typeof onDone === "function" && onDone(value, "more"),
        (error) => typeof onFailure === "function" && onFailure(error),
      );
    },
  }),
  "a thenable that calls back at once": (world, script) => ({
    then(onDone?: (value: unknown) => void, onFailure?: (error: unknown) => void) {
      world.begin()("then");
      for (const step of script.steps) {
        if (step.do === "throw") return onFailure?.(new Error("thrown by the work"));
      }
      onDone?.("the answer");
    },
  }),
  "a thenable that throws": (world) => ({
    then() {
      world.begin()("then");
      throw new Error("thrown by then");
    },
  }),
};

const iterators: Record<string, MakeValue> = {
  "an async generator": perform,
  "a generator": performAtOnce,
  "an async iterator": (world, script) => new Source(world, script),
  "an iterator of queries": (world, script) => {
    const generator = perform(world, script);
    // One after the other: of steps that wait in the generator, some runtimes lose the context.
    let last: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(step: () => Promise<T>): Promise<T> => {
      const result = last.then(step);
      last = result.catch(() => {});
      return result;
    };
    return {
      next: (value: string) => new Query(() => inTurn(() => generator.next(value))),
      return: () => Request.from(inTurn(() => generator.return("left"))),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  },
  "an iterator without return": (world) => {
    const mark = world.begin();
    let n = 0;
    return {
      next() {
        mark(`next ${n}`);
        return { value: n, done: n++ > 2 };
      },
      [Symbol.iterator]() {
        return this;
      },
    };
  },
  "an iterator of an array": (_, { steps }) => steps.map((step) => step.do).values(),
  "an iterator that is left without a word": (world, script) => ({
    ...methodsOf(new Source(world, script)),
    return: () => ({}),
  }),
};

const others: Record<string, MakeValue> = {
  "an object that can be iterated": (world, script) => ({
    name: "pages",
    [Symbol.asyncIterator]: () => perform(world, script),
  }),
  "a query that can also be iterated": (world, script) =>
    Object.assign(new Query(() => performAll(world, script)), {
      [Symbol.asyncIterator]: () => perform(world, script),
    }),
  "an iterator that makes others": (world, script) => ({
    next: () => perform(world, script).next(),
    [Symbol.asyncIterator]: () => perform(world, script),
  }),
};

const promised: Record<string, MakeValue> = Object.fromEntries(
  Object.entries({ ...iterators, ...others }).map(([name, make]) => [
    `a promise of ${name}`,
    // deno-lint-ignore require-await
    async (world: World, script: Script) => make(world, script),
  ]),
);

const streams: Record<string, MakeValue> = {
  "a stream": (world, script) => new ReadableStream(sourceOf(world, script), { highWaterMark: 0 }),
};

const ahead: Record<string, MakeValue> = {
  "a stream with a queue": (world, script) =>
    new ReadableStream(sourceOf(world, script), { highWaterMark: 2 }),
};

/** What these lack is added. */
export const WITHOUT_RETURN: ReadonlySet<string> = new Set([
  "an iterator without return",
  "an iterator of an array",
  "an iterator that makes others",
]);

/** All kinds, by their names. */
export const values = {
  promises,
  iterators,
  others,
  promised,
  streams,
  "streams that read ahead": ahead,
};

/** The name of a kind. */
export type Kind = keyof typeof values;

class Request<T> extends Promise<T> {
  readonly id = 7;

  static from<T>(promise: PromiseLike<T>): Request<T> {
    return new Request((resolve, reject) => void promise.then(resolve, reject));
  }
}

class Query<T> {
  readonly #run: () => Promise<T>;

  constructor(run: () => Promise<T>) {
    this.#run = run;
  }

  then<A, B>(onDone?: (value: T) => A, onFailure?: (error: unknown) => B): Promise<unknown> {
    return this.#run().then(onDone, onFailure);
  }
}

/** An iterator that is left while it works: what it waits for is given up. */
class Source implements AsyncIterableIterator<number> {
  readonly #world: World;
  readonly #mark: (text: string) => void;
  readonly #steps: Script["steps"];
  readonly id = "source";
  #n = 0;
  #giveUp: (() => void) | undefined;

  constructor(world: World, { steps }: Script) {
    this.#world = world;
    this.#mark = world.begin();
    this.#steps = steps;
  }

  next(): Promise<IteratorResult<number>> {
    const step = this.#steps[this.#n++];
    this.#mark(`next: ${step?.do}`);
    return new Promise((resolve, reject) => {
      if (step === undefined) return resolve({ value: undefined, done: true });
      if (step.do === "throw") return reject(new Error("thrown by the work"));
      if (step.do !== "gate") return resolve({ value: this.#n, done: false });
      this.#giveUp = () => resolve({ value: undefined, done: true });
      void this.#world.gate(step.gate).then(() => resolve({ value: this.#n, done: false }));
    });
  }

  return(): Promise<IteratorResult<number>> {
    this.#mark("return");
    this.#giveUp?.();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function methodsOf(source: Source) {
  return {
    next: () => source.next(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function sourceOf(world: World, script: Script): UnderlyingDefaultSource<number> {
  const generator = perform(world, script);
  return {
    async pull(controller) {
      world.note("pull");
      const { value, done } = await generator.next("pulled");
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      world.note(`cancel ${reason}`);
      await generator.return("cancelled");
    },
  };
}
