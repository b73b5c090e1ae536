/**
 * `Snapshot` against what test262 asks of `AsyncContext.Snapshot`, in our own words.
 *
 * Left out: what `async_variable_test.ts` leaves out, for the same reasons;
 * `wrap/wrapped-function/has-prototype-from-current-realm`, because a library lives in one realm; and the cases on
 * the wrapped function's `name` and `length`, which only debuggers see and every browser bundle would carry.
 */
import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { AsyncVariable, Snapshot } from "@locus/core";
import { requires } from "../harness/support/requires.ts";

const carried = await requires("async-context");

const notSnapshots = [undefined, null, 1, true, "", Symbol("s"), {}, [], new AsyncVariable()];
const notFunctions = [undefined, null, 1, true, "", Symbol("s"), {}];

/** Both ways to run a function with the values of a moment, taken at that moment. */
const ways: [string, () => <R>(fn: () => R) => R][] = [
  ["Snapshot.run()", () => {
    const snapshot = new Snapshot();
    return (fn) => snapshot.run(fn);
  }],
  ["A function of Snapshot.wrap()", () => {
    let inner: () => unknown = () => {};
    const wrapped = Snapshot.wrap(() => inner());
    return <R>(fn: () => R) => {
      inner = fn;
      return wrapped() as R;
    };
  }],
];

for (const [name, take] of ways) {
  test(`${name} brings back the values of its moment`, carried, () => {
    const [a, b, c] = [1, 2, 3].map(() => new AsyncVariable<string>());
    const then = a!.run("a", () => b!.run("b", () => c!.run("c", take)));
    then(() => assertEquals([a!.get(), b!.get(), c!.get()], ["a", "b", "c"]));
  });

  test(`${name} unsets what was not set then, also variables made later`, carried, () => {
    const known = new AsyncVariable<string>({ defaultValue: "default" });
    const then = new AsyncVariable<string>().run("then", take);
    const late = new AsyncVariable<string>({ defaultValue: "default" });
    const bare = new AsyncVariable<string>();
    known.run("now", () =>
      late.run("now", () =>
        bare.run("now", () => {
          const values = then(() => [known.get(), late.get(), bare.get()]);
          assertEquals(values, ["default", "default", undefined]);
        })));
  });

  test(`${name} restores what was set before, also after a throw`, carried, () => {
    const [a, b] = [new AsyncVariable<string>(), new AsyncVariable<string>()];
    const then = a.run("then", take);
    a.run("now", () =>
      b.run("now", () => {
        then(() => {});
        assertEquals([a.get(), b.get()], ["now", "now"]);
        assertThrows(() =>
          then(() => {
            throw new Error("thrown");
          })
        );
        assertEquals([a.get(), b.get()], ["now", "now"]);
      }));
  });

  test(`${name} holds through awaits, and its promise does not carry it out`, carried, async () => {
    const variable = new AsyncVariable<string>();
    const { promise, resolve } = Promise.withResolvers<void>();
    const then = variable.run("then", take);
    const following = variable.run("now", () =>
      then(async () => {
        assertEquals(variable.get(), "then");
        await promise;
        assertEquals(variable.get(), "then");
      }).then(() => variable.get()));
    resolve();
    assertEquals(await following, "now");
  });

  test(`${name} answers what the function returns, and passes on what it throws`, async () => {
    const call = take();
    const [object, error] = [{}, new Error("thrown")];
    assertStrictEquals(call(() => object), object);
    const promise = call(() => Promise.resolve(object));
    assert(promise instanceof Promise);
    assertStrictEquals(await promise, object);
    const thrown = assertThrows(() =>
      call(() => {
        throw error;
      })
    );
    assertStrictEquals(thrown, error);
  });
}

// The constructor and run()

test("Snapshot() takes no argument, cannot be called without new, and shows nothing", () => {
  assertEquals(Snapshot.length, 0);
  const call = Snapshot as never as () => unknown;
  assertThrows(() => call(), TypeError);
  assertEquals(Reflect.ownKeys(new Snapshot()), []);
});

test("Snapshot.run() is a method that takes one argument, and needs a snapshot", () => {
  const { run } = Snapshot.prototype;
  assertEquals([run.name, run.length], ["run", 1]);
  assertNoConstructor(run);
  for (const value of notSnapshots) {
    assertThrows(() => run.call(value as never, () => {}), TypeError);
  }
});

test("Snapshot.run() passes the arguments on, and calls its function on undefined", () => {
  const snapshot = new Snapshot();
  const [object, symbol] = [{}, Symbol("s")];
  const seen = snapshot.run((...args) => args, 42, "text", object, symbol);
  assertEquals(seen.length, 4);
  [42, "text", object, symbol].forEach((value, i) => assertStrictEquals(seen[i], value));
  const self = snapshot.run(function (this: unknown) {
    return this;
  });
  assertStrictEquals(self, undefined);
});

test("Snapshot.run() refuses what is no function", () => {
  for (const value of notFunctions) {
    assertThrows(() => new Snapshot().run(value as never), TypeError);
  }
});

// wrap()

test("Snapshot.wrap() is a static method that takes one argument", () => {
  const { wrap } = Snapshot;
  assertEquals([wrap.name, wrap.length], ["wrap", 1]);
  assertNoConstructor(wrap);
});

test("Snapshot.wrap() refuses what is no function", () => {
  for (const value of notFunctions) assertThrows(() => Snapshot.wrap(value as never), TypeError);
});

test("Snapshot.wrap() calls nothing itself; each call of its function is one call", () => {
  let calls = 0;
  const wrapped = Snapshot.wrap(() => calls++);
  assertEquals(calls, 0);
  wrapped();
  assertEquals(calls, 1);
});

test("A function of Snapshot.wrap() passes this and the arguments on", () => {
  const wrapped = Snapshot.wrap(function (this: object, ...args: string[]) {
    return [this, ...args];
  });
  const self = {};
  const [first, ...rest] = wrapped.call(self, "a", "b", "c");
  assertStrictEquals(first, self);
  assertEquals(rest, ["a", "b", "c"]);
});

test("A function of Snapshot.wrap() is plain, and no constructor even if the inner is", () => {
  const wrapped = Snapshot.wrap(function inner() {});
  assertEquals(typeof wrapped, "function");
  assertStrictEquals(Object.getPrototypeOf(wrapped), Function.prototype);
  assertNoConstructor(wrapped);
});

function assertNoConstructor(method: unknown): void {
  const Method = method as new () => unknown;
  assertThrows(() => new Method(), TypeError);
}
