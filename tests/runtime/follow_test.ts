/**
 * What a function returns is followed to its end: the whole table, on every runtime. Where a step runs is asked with
 * the run's handle, and with the context where there is one.
 */
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { currentRun, withSpan } from "@locus/core";
import { hasAsyncContext } from "../../src/runtime/async_context.ts";
import { settled } from "../harness/support/runs.ts";
import { readAll, Scene } from "../harness/support/scene.ts";

class Request<T> extends Promise<T> {
  readonly id = 7;
}

/** A query as database clients have it: it runs when it is awaited, and has private fields. */
class Query {
  readonly #scene: Scene;
  runs = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  then<A, B>(onDone?: (value: number) => A, onFailure?: (error: unknown) => B): Promise<A | B> {
    this.runs++;
    this.#scene.mark();
    return Promise.resolve(this.runs).then(onDone, onFailure);
  }
}

/** An iterator of somebody's own, whose pending step is given up when it is left. */
class Source implements AsyncIterableIterator<number> {
  readonly id = "source";
  readonly #scene: Scene;
  #giveUp: (() => void) | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  next(): Promise<IteratorResult<number>> {
    this.#scene.mark();
    return new Promise((resolve) => {
      this.#giveUp = () => resolve({ value: undefined, done: true });
    });
  }

  return(): Promise<IteratorResult<number>> {
    this.#scene.mark();
    this.#giveUp?.();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

async function* numbers(scene: Scene): AsyncGenerator<number> {
  for (let n = 1; n <= 3; n++) {
    scene.mark();
    await null;
    scene.mark();
    yield n;
  }
}

test("B2: a plain promise is over when it is settled, and keeps what was added to it", async () => {
  const scene = new Scene();
  const symbol = Symbol("added");
  const promise = Object.assign(Promise.resolve(5), { kill: () => "killed", [symbol]: 1 });
  const returned = scene.span(() => promise);
  assertEquals([returned.kill(), returned[symbol], Object.keys(returned)], ["killed", 1, ["kill"]]);
  assertEquals(scene.ends, []);
  assertEquals(await returned, 5);
  assertEquals(scene.ends, ["ok"]);
});

test("B2: a failed promise fails its span, before its consumer goes on", async () => {
  const scene = new Scene();
  const error = new TypeError("bad");
  const caught = await assertRejects(() => scene.span(() => Promise.reject(error)));
  assertStrictEquals(caught, error);
  assertEquals(scene.ends, ["TypeError: bad"]);
});

test("B2: a promise of a class of its own is the same object, over when it is awaited", async () => {
  const scene = new Scene();
  const request = new Request<number>((resolve) => setTimeout(resolve, 0, 3));
  const returned = scene.span(() => request);
  assertStrictEquals(returned, request);
  assertEquals([returned.id, Object.keys(returned)], [7, ["id"]]);
  assertEquals(scene.ends, []);
  assertEquals(await returned, 3);
  assertEquals(scene.ends, ["ok"]);
});

test("B2: then(), catch() and finally() of such a promise notice its failure", async () => {
  for (
    const ask of [
      (request: Request<number>) => request.then(() => {}),
      (request: Request<number>) => request.catch(() => {}),
      (request: Request<number>) => request.finally(() => {}),
    ]
  ) {
    const scene = new Scene();
    const failed = () => new Request<number>((_, reject) => reject(new Error("no")));
    await ask(scene.span(failed)).catch(() => {});
    assertEquals(scene.ends, ["Error: no"], String(ask));
  }
});

test("B2: a query is not executed by those who watch it, and runs inside when it is awaited", async () => {
  const scene = new Scene();
  const query = new Query(scene);
  const returned = scene.span(() => query);
  await settled();
  assertStrictEquals(returned, query);
  assertEquals([query.runs, scene.ends], [0, []]);
  assertEquals(await returned, 1);
  assertEquals([query.runs, scene.ends, scene.inside], [1, ["ok"], [true]]);
});

test("B2: a query that is awaited again runs again, and outside of what is over", async () => {
  const scene = new Scene();
  const query = scene.span(() => new Query(scene));
  await query;
  assertEquals(await query, 2);
  assertEquals([scene.ends, scene.inside], [["ok"], [true, !hasAsyncContext()]]);
});

test("B2: a consumer's callbacks run in the context of the consumer", async () => {
  const scene = new Scene();
  const seen = () => hasAsyncContext() ? currentRun() : undefined;
  assertEquals(await scene.span(() => new Query(scene)).then(seen), undefined);
  assertEquals(await scene.span(() => Request.resolve(1)).then(seen), undefined);
  assertEquals(await scene.span(() => Promise.resolve(1)).then(seen), undefined);
});

test("B2: a thenable gets no callback that its consumer did not give", () => {
  const scene = new Scene();
  const given: unknown[] = [];
  const thenable = { then: (...callbacks: unknown[]) => void given.push(callbacks.map(String)) };
  const returned = scene.span(() => thenable);
  returned.then();
  returned.then(undefined, null, "progress");
  assertEquals(given, [[], ["undefined", "null", "progress"]]);
});

test("B2: a consumer's callback is called as the thenable calls it", () => {
  const scene = new Scene();
  const seen: unknown[] = [];
  const thenable = {
    then(callback: (this: string, ...values: unknown[]) => unknown) {
      return callback.call("the caller", 1, 2);
    },
  };
  const answer = scene.span(() => thenable).then(function (...values) {
    seen.push(this, values);
    return "answer";
  });
  assertEquals([seen, answer], [["the caller", [1, 2]], "answer"]);
});

test("B2: a thenable whose then() throws fails its span", () => {
  const scene = new Scene();
  const returned = scene.span(() => ({
    then() {
      throw new Error("broken");
    },
  }));
  assertThrows(() => returned.then(), Error, "broken");
  assertEquals(scene.ends, ["Error: broken"]);
});

test("B1: the steps of a generator run inside, whoever asks for them", async () => {
  const scene = new Scene();
  const generator = numbers(scene);
  const returned = scene.span(() => generator);
  assertStrictEquals(returned, generator);
  assertEquals(await readAll(returned), [1, 2, 3]);
  assertEquals([scene.inside, scene.ends], [Array(6).fill(true), ["ok"]]);
});

test("B1: steps that do not wait for each other all run inside", async () => {
  const scene = new Scene();
  const items = scene.span(() => numbers(scene));
  const results = await Promise.all([items.next(), items.next(), items.next(), items.next()]);
  assertEquals(results.map(({ value }) => value), [1, 2, 3, undefined]);
  assertEquals([scene.inside, scene.ends], [Array(6).fill(true), ["ok"]]);
});

test("B2: a step begins when it is asked for, not a turn later", () => {
  const scene = new Scene();
  const items = scene.span(() => numbers(scene));
  void items.next();
  assertEquals(scene.inside.length, 1);
});

test("B1: a synchronous generator works with for, spread and destructuring", () => {
  const scene = new Scene();
  const letters = () =>
    scene.span(function* () {
      scene.mark();
      yield "a";
      scene.mark();
      yield "b";
    });
  assertEquals([...letters()], ["a", "b"]);
  const [first] = letters();
  for (const letter of letters()) {
    assertEquals(letter, first);
    break;
  }
  assertEquals([scene.inside, scene.ends], [Array(4).fill(true), ["ok", "ok", "ok"]]);
});

test("B2: return() reaches an iterator while a step is pending", async () => {
  const scene = new Scene();
  const source = new Source(scene);
  const returned = scene.span(() => source);
  assertStrictEquals(returned, source);
  const pending = returned.next();
  assertEquals([await returned.return(), await pending].map(({ done }) => done), [true, true]);
  assertEquals([returned.id, scene.inside, scene.ends], ["source", [true, true], ["ok"]]);
});

test("B2: a generator that goes on when it is left is over later", async () => {
  const scene = new Scene();
  const items = scene.span(async function* () {
    try {
      yield 1;
    } finally {
      yield 2;
    }
  });
  await items.next();
  assertEquals(await items.return(undefined), { value: 2, done: false });
  assertEquals(scene.ends, []);
  assertEquals((await items.next()).done, true);
  assertEquals(scene.ends, ["ok"]);
});

test("B2: throw() reaches a generator, which may go on", async () => {
  const scene = new Scene();
  const items = scene.span(async function* () {
    try {
      yield 1;
    } catch (error) {
      yield String(error);
    }
  });
  await items.next();
  assertEquals((await items.throw(new Error("enough"))).value, "Error: enough");
  assertEquals(scene.ends, []);
  await assertRejects(() => items.throw(new Error("more")));
  assertEquals(scene.ends, ["Error: more"]);
});

test("B2: an iterator without return() can be left, and one without throw() stays without", () => {
  const scene = new Scene();
  const entries = scene.span(() => new Map([[1, "a"], [2, "b"]]).entries());
  for (const _ of entries) break;
  assertEquals(scene.ends, ["ok"]);
  assert(!("throw" in entries));
  assertEquals([...entries], [[2, "b"]]);
});

test("B2: an object that can be iterated is over with its first iterator", async () => {
  const scene = new Scene();
  const pages = { name: "pages", [Symbol.asyncIterator]: () => numbers(scene) };
  const returned = scene.span(() => pages);
  assertStrictEquals(returned, pages);
  for await (const _ of returned) break;
  assertEquals([scene.inside, scene.ends], [[true, true], ["ok"]]);
  assertEquals(await readAll(returned), [1, 2, 3]);
  assertEquals(scene.ends, ["ok"]);
});

test("B2: what a promise comes to is followed as well", async () => {
  const scene = new Scene();
  const generator = numbers(scene);
  const returned = await scene.span(() =>
    Promise.resolve(Request.resolve({ generator }))
      .then(({ generator }) => generator)
  );
  assertStrictEquals(returned, generator);
  assertEquals(scene.ends, []);
  await readAll(returned);
  assertEquals([scene.inside, scene.ends], [Array(6).fill(true), ["ok"]]);
});

test("B2: everything else is over at once, and untouched", () => {
  const scene = new Scene();
  const subject = {
    seen: [] as number[],
    next(n: number) {
      this.seen.push(n);
    },
    subscribe() {},
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  const nodeStream = { pipe() {}, on() {}, [Symbol.asyncIterator]: () => numbers(scene) };
  const kept = [
    subject,
    nodeStream,
    [1],
    new Map(),
    () => 1,
    new Response("text"),
    "text",
    null,
    0,
  ];
  for (const value of kept) {
    const before = Reflect.ownKeys(Object(value));
    assertStrictEquals(scene.span(() => value), value);
    assertEquals(Reflect.ownKeys(Object(value)), before);
  }
  assertEquals(scene.ends, kept.map(() => "ok"));
});

test("B2: what refuses to be watched is over at once, and works", async () => {
  const scene = new Scene();
  const frozen = Object.freeze(new Query(scene));
  const generator = Object.freeze(numbers(scene));
  const stubborn: PromiseLike<number> = new Proxy(new Query(scene), {
    get: (target, key) => key === "then" ? target.then.bind(target) : Reflect.get(target, key),
  }) as never;
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const sealed = Object.defineProperty(numbers(scene), "return", { value: undefined });
  for (const value of [frozen, generator, stubborn, proxy, sealed]) {
    assert(scene.span(() => value) === value);
  }
  assertEquals(scene.ends, ["ok", "ok", "ok", "ok", "ok"]);
  assertEquals(await readAll(generator), [1, 2, 3]);
  assertEquals(await stubborn, 1);
});

test("B2: an object that is returned over and over is watched once", async () => {
  const scene = new Scene();
  const shared = Request.resolve(1);
  for (let i = 0; i < 20_000; i++) scene.span(() => shared);
  assertEquals(await shared, 1);
  for (let i = 0; i < 20_000; i++) scene.span(() => shared).then(() => {});
  assertEquals(await shared, 1);
  await settled();
  assertEquals(scene.bus.stats().published_events_total, 2 * 2 * 20_000);
});

test("B2: a span that is around another one ends after it", async () => {
  const scene = new Scene();
  await readAll(scene.span(() => withSpan("inner", { run: scene.run }, () => numbers(scene))));
  const names = scene.bus.history("span.completed").toReversed().map(({ data }) => data.name);
  assertEquals(names, ["inner", "work"]);
});
