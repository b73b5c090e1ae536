/**
 * `AsyncVariable` against what test262 asks of `AsyncContext.Variable`, in our own words.
 *
 * Left out, because they hold for every JavaScript class or cannot hold for one:
 * - `constructor`, `is-a-constructor`, `proto`, `internal-prototype`, `instance-prototype`,
 *   `instance-extensible`, `prototype/{constructor,descriptor,prop-desc,proto}`, `prop-desc`: what a class
 *   declaration makes anyway.
 * - `prototype-from-newtarget*`, `newtarget-prototype-is-not-object`, `proto-from-ctor-realm`: how the
 *   language makes instances; a class cannot do it otherwise.
 * - `name`: the class is `AsyncVariable`, because `AsyncContext` is not ours to define.
 * - `Symbol.toStringTag`: nothing reads it.
 * - `prototype/name/name`: a getter of a class is named `get name` anyway.
 *
 * Of `context-propagation`:
 * - `generators*`, `async-generators*`: the proposal gives a generator the context of its creation, every
 *   runtime that of whoever resumes it. That is the language's; `context_rules_test.ts` has the pattern that
 *   is right under both (R4).
 * - `CreateIteratorFromClosure`, `FinalizationRegistry`, `cross-realm`: built-ins and realms, which a
 *   library does not reach.
 */
import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { AsyncVariable, Snapshot } from "@locus/core";
import { requires } from "../harness/support/requires.ts";

const carried = await requires("async-context");

const notOptions = [undefined, null, 42, "name", Symbol("s"), true, [], () => {}];
const notVariables = [undefined, null, 1, true, "", Symbol("s"), {}, [], new Snapshot()];
const notFunctions = [undefined, null, 1, true, "", Symbol("s"), {}];

// The constructor

test("AsyncVariable() takes one argument, and cannot be called without new", () => {
  assertEquals(AsyncVariable.length, 1);
  const call = AsyncVariable as never as () => unknown;
  assertThrows(() => call(), TypeError);
});

test("A new AsyncVariable has no properties of its own", () => {
  const options = { name: "v", defaultValue: 1 };
  const variable = new AsyncVariable(options);
  assertEquals(Reflect.ownKeys(variable), []);
  assert(variable instanceof AsyncVariable && (variable as object) !== options);
});

test("AsyncVariable.name is empty where no options, or no name, are given", () => {
  for (const options of [...notOptions, { defaultValue: 42 }]) {
    if (typeof options === "function") continue; // It has a name.
    assertEquals(new AsyncVariable(options as never).name, "");
  }
});

test("AsyncVariable.name is what was given, as a string", () => {
  const nameOf = (name: unknown) => new AsyncVariable({ name } as never).name;
  assertEquals(nameOf("request"), "request");
  assertEquals(nameOf(42), "42");
  assertEquals(nameOf(undefined), "undefined");
  assertEquals(nameOf({ toString: () => "stringified" }), "stringified");
});

test("AsyncVariable.name can be read only, and only from a variable", () => {
  const { get, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(
    AsyncVariable.prototype,
    "name",
  )!;
  assertEquals([set, enumerable, configurable, get!.length], [undefined, false, true, 0]);
  for (const value of notVariables) assertThrows(() => get!.call(value), TypeError);
});

test("AsyncVariable() passes on what reading its options throws", () => {
  class Custom extends Error {}
  const fail = () => {
    throw new Custom();
  };
  const make = (options: object) => () => new AsyncVariable(options);
  assertThrows(make(Object.defineProperty({}, "name", { get: fail })), Custom);
  assertThrows(make(Object.defineProperty({}, "defaultValue", { get: fail })), Custom);
  assertThrows(make(new Proxy({}, { has: (_, key) => key === "name" && fail() })), Custom);
  assertThrows(make({ name: { toString: fail } }), Custom);
  assertThrows(make({ name: Symbol("s") }), TypeError);
});

test("AsyncVariable.get() answers undefined where no default is given", () => {
  for (const options of [...notOptions, {}, { name: "v" }, { defaultValue: undefined }]) {
    assertStrictEquals(new AsyncVariable(options as never).get(), undefined);
  }
});

test("AsyncVariable.get() answers the default itself, whatever it is", () => {
  for (const defaultValue of ["text", 42, 0, null, false, Symbol("s"), {}, () => {}]) {
    assertStrictEquals(new AsyncVariable<unknown>({ defaultValue }).get(), defaultValue);
  }
});

// get()

test("AsyncVariable.get() is a method that takes nothing, and needs a variable", () => {
  const { get } = AsyncVariable.prototype;
  assertEquals([get.name, get.length], ["get", 0]);
  assertNoConstructor(get);
  for (const value of notVariables) assertThrows(() => get.call(value as never), TypeError);
});

test("AsyncVariable.get() answers the value itself, inside of run() only", carried, () => {
  const variable = new AsyncVariable<unknown>();
  for (const value of ["text", 42, 0, null, false, Symbol("s"), {}, () => {}]) {
    assertStrictEquals(variable.get(), undefined);
    variable.run(value, () => assertStrictEquals(variable.get(), value));
  }
  assertStrictEquals(variable.get(), undefined);
});

test("AsyncVariable.get() tells undefined that was set from nothing that was set", carried, () => {
  const variable = new AsyncVariable<string | undefined>({ defaultValue: "default" });
  variable.run("set", () => {
    variable.run(undefined, () => assertStrictEquals(variable.get(), undefined));
    assertEquals(variable.get(), "set");
  });
  assertEquals(variable.get(), "default");
});

// run()

test("AsyncVariable.run() is a method that takes two arguments, and needs a variable", () => {
  const { run } = AsyncVariable.prototype;
  assertEquals([run.name, run.length], ["run", 2]);
  assertNoConstructor(run);
  for (const value of notVariables) {
    assertThrows(() => run.call(value as never, 1, () => {}), TypeError);
  }
});

test("AsyncVariable.run() passes the arguments on, all of them", () => {
  const [object, symbol] = [{}, Symbol("s")];
  const seen = new AsyncVariable<number>().run(1, (...args) => args, 42, "text", object, symbol);
  assertEquals(seen.length, 4);
  [42, "text", object, symbol].forEach((value, i) => assertStrictEquals(seen[i], value));
});

test("AsyncVariable.run() calls its function on undefined", () => {
  const seen = new AsyncVariable<number>().run(1, function (this: unknown) {
    return this;
  });
  assertStrictEquals(seen, undefined);
});

test("AsyncVariable.run() answers what its function returns, or a promise of it", async () => {
  const variable = new AsyncVariable<number>();
  const object = {};
  assertStrictEquals(variable.run(1, () => object), object);
  const promise = variable.run(1, () => Promise.resolve(object));
  assert(promise instanceof Promise);
  assertStrictEquals(await promise, object);
});

test("AsyncVariable.run() passes on what its function throws, and refuses what is none", () => {
  const variable = new AsyncVariable<number>();
  const error = new Error("thrown");
  const thrown = assertThrows(() =>
    variable.run(1, () => {
      throw error;
    })
  );
  assertStrictEquals(thrown, error);
  for (const value of notFunctions) assertThrows(() => variable.run(1, value as never), TypeError);
  assertStrictEquals(variable.get(), undefined);
});

test("AsyncVariable.run() restores what was set, however its function ends", carried, () => {
  const variable = new AsyncVariable<string>();
  const endings = [
    () => {},
    () => new Promise(() => {}), // never settles
    () => new Snapshot(),
    () => {
      throw new Error("thrown");
    },
  ];
  variable.run("outer", () => {
    for (const ending of endings) {
      try {
        variable.run("inner", ending);
      } catch { /* expected of the last */ }
      assertEquals(variable.get(), "outer");
    }
  });
  assertStrictEquals(variable.get(), undefined);
});

test("AsyncVariable.run() leaves other variables as they are", carried, () => {
  const [a, b, c] = [1, 2, 3].map(() => new AsyncVariable<string>());
  const values = () => [a!.get(), b!.get(), c!.get()];
  a!.run("a", () =>
    b!.run("b", () =>
      c!.run("c", () => {
        b!.run("B", () => a!.run("A", () => assertEquals(values(), ["A", "B", "c"])));
        assertEquals(values(), ["a", "b", "c"]);
      })));
});

// Through promises

test("A value holds after every await of the function that it was set for", carried, async () => {
  const variable = new AsyncVariable<number>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const working = variable.run(42, async () => {
    assertEquals(variable.get(), 42);
    await promise;
    assertEquals(variable.get(), 42);
  });
  resolve();
  await working.then(() => assertStrictEquals(variable.get(), undefined));
});

test("The promise that run() answers does not carry the inner value out", carried, async () => {
  const variable = new AsyncVariable<string>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const following = variable.run("outer", () =>
    variable.run("inner", async () => {
      await promise;
      assertEquals(variable.get(), "inner");
    }).then(() => variable.get()));
  resolve();
  assertEquals(await following, "outer");
});

test("A then() callback has the values of its registration", carried, async () => {
  const variable = new AsyncVariable<string>();
  const { promise, resolve } = variable.run("creation", () => Promise.withResolvers<void>());
  const seen = variable.run("registration", () => promise.then(() => variable.get()));
  variable.run("resolution", () => resolve());
  assertEquals(await seen, "registration");
});

test(
  "A foreign then() method is called with the values of who resolved with it",
  carried,
  async () => {
    const variable = new AsyncVariable<string>();
    const thenable = {
      then: (resolve: (value: unknown) => void) => resolve(variable.get()),
    };
    assertEquals(await variable.run("here", () => Promise.resolve(thenable)), "here");
  },
);

function assertNoConstructor(method: unknown): void {
  const Method = method as new () => unknown;
  assertThrows(() => new Method(), TypeError);
}
