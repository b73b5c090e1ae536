/**
 * What carries context, and when that is decided: copies of the module that find other engines.
 * `explicit_only_test.ts` has the one that finds none.
 */
import { test } from "node:test";
import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import type * as AsyncContextModule from "../../../src/runtime/async_context.ts";

/** Loads a copy of the module: the query makes it one of its own, with an engine of its own to choose. */
function load(copy: string): Promise<typeof AsyncContextModule> {
  return import(`../../../src/runtime/async_context.ts?${copy}`);
}

/** Calls `fn` while an object has another property, and answers what it returns. */
function replacing<R>(owner: object, key: string, value: unknown, fn: () => R): R {
  const before = Object.getOwnPropertyDescriptor(owner, key);
  Object.defineProperty(owner, key, { value, configurable: true, writable: true });
  try {
    return fn();
  } finally {
    if (before === undefined) Reflect.deleteProperty(owner, key);
    else Object.defineProperty(owner, key, before);
  }
}

/** The proposal's global, as far as a fake of it goes. */
function fakeAsyncContext() {
  const calls: unknown[] = [];
  return {
    calls,
    Variable: class {
      readonly #storage = new AsyncLocalStorage<unknown>();
      constructor(options: unknown) {
        calls.push(options);
      }
      run(value: unknown, fn: () => unknown) {
        return this.#storage.run(value, fn);
      }
      get() {
        return this.#storage.getStore();
      }
    },
    Snapshot: class {
      readonly run = AsyncLocalStorage.snapshot();
      constructor() {
        calls.push("snapshot");
      }
    },
  };
}

test("The native AsyncContext is preferred, and told the variable's name", async () => {
  const { AsyncVariable, hasAsyncContext, Snapshot } = await load("native");
  const fake = fakeAsyncContext();
  replacing(globalThis, "AsyncContext", fake, () => {
    const variable = new AsyncVariable<string>({ name: "v", defaultValue: "default" });
    const snapshot = variable.run("then", () => new Snapshot());
    assertEquals(variable.run("now", () => snapshot.run(() => variable.get())), "then");
    assertEquals(variable.get(), "default");
    assertEquals(hasAsyncContext(), true);
  });
  assertEquals(fake.calls, [{ name: "v" }, "snapshot"]);
});

test("A global called AsyncContext that has no Variable is not taken for the native one", async () => {
  const { AsyncVariable } = await load("other");
  replacing(globalThis, "AsyncContext", {}, () => {
    const variable = new AsyncVariable<number>();
    assertEquals(variable.run(1, () => variable.get()), 1);
  });
});

test("A6: AsyncLocalStorage is taken from the global object where there are no modules of Node", async () => {
  const { AsyncVariable, hasAsyncContext, Snapshot } = await load("edge");
  await replacing(
    process,
    "getBuiltinModule",
    undefined,
    () =>
      replacing(globalThis, "AsyncLocalStorage", AsyncLocalStorage, async () => {
        assertEquals(hasAsyncContext(), true);
        const variable = new AsyncVariable<number>();
        await variable.run(1, async () => {
          await null;
          assertEquals(variable.get(), 1);
          const snapshot = new Snapshot();
          assertEquals(variable.run(2, () => snapshot.run(() => variable.get())), 1);
        });
      }),
  );
});

test("Nothing is looked for at import, nor by a variable that was never set", async () => {
  const asked: unknown[] = [];
  const spy = (id: string) => {
    asked.push(id);
    return { AsyncLocalStorage };
  };
  const { getBuiltinModule } = process;
  Object.defineProperty(process, "getBuiltinModule", { value: spy, configurable: true });
  try {
    const { AsyncVariable } = await load("lazy");
    const variable = new AsyncVariable<number>({ defaultValue: 5 });
    assertEquals(variable.get(), 5);
    assertEquals(asked, []);
    variable.run(1, () => {});
    variable.run(2, () => {});
    assertEquals(asked, ["node:async_hooks"]);
  } finally {
    Object.defineProperty(process, "getBuiltinModule", {
      value: getBuiltinModule,
      configurable: true,
    });
  }
});

test("R6 defaults hold where AsyncLocalStorage knows no options, as in Node 20", async () => {
  const { AsyncVariable } = await load("no-options");
  class OldStorage<T> extends AsyncLocalStorage<T> {
    constructor(..._: unknown[]) {
      super();
    }
  }
  replacing(process, "getBuiltinModule", () => ({ AsyncLocalStorage: OldStorage }), () => {
    const variable = new AsyncVariable<number | undefined>({ defaultValue: 5 });
    const other = new AsyncVariable<number>();
    other.run(1, () => assertEquals(variable.get(), 5));
    variable.run(7, () => assertEquals(variable.get(), 7));
    variable.run(undefined, () => assertStrictEquals(variable.get(), undefined));
    assertEquals(variable.get(), 5);
  });
});

test("R6 defaults hold where AsyncLocalStorage has a default of its own", async () => {
  const { AsyncVariable } = await load("own-default");
  const options: unknown[] = [];
  class NewStorage<T> extends AsyncLocalStorage<T> {
    constructor(...given: unknown[]) {
      super();
      options.push(...given);
    }
  }
  replacing(process, "getBuiltinModule", () => ({ AsyncLocalStorage: NewStorage }), () => {
    const variable = new AsyncVariable<number | undefined>({ name: "v", defaultValue: 5 });
    variable.run(undefined, () => assertStrictEquals(variable.get(), undefined));
  });
  // The name is for debuggers; the default stays ours, or it would come back for a value of undefined.
  assertEquals(options, [{ name: "v" }]);
});

test("B2: without async context run() answers what is more than a promise as it is", async () => {
  const { AsyncVariable } = await load("promises");
  replacing(process, "getBuiltinModule", undefined, () => {
    const variable = new AsyncVariable<number>();
    const special = new (class extends Promise<number> {})((resolve) => resolve(2));
    assertStrictEquals(variable.run(1, () => special), special);
    const thenable = { then: (resolve: (value: number) => void) => resolve(3) };
    assertStrictEquals(variable.run(1, () => thenable), thenable);
    const cancellable = Object.assign(Promise.resolve(1), { cancel: () => "cancelled" });
    assertEquals(variable.run(1, () => cancellable).cancel(), "cancelled");
  });
});

test("B2: without async context a value is set until its consumer has the answer", async () => {
  const { AsyncVariable } = await load("answers");
  await replacing(process, "getBuiltinModule", undefined, async () => {
    const variable = new AsyncVariable<number>();
    let calls = 0;
    const query = {
      then(resolve: (value: number) => void) {
        calls++;
        resolve(3);
      },
    };
    variable.run(1, () => query);
    assertEquals(calls, 0);
    assertThrows(() => variable.get(), Error, "use the handle");
    await query;
    assertEquals([calls, variable.get()], [1, undefined]);
  });
});

test("B2: without async context a value is not set for what nobody may ever read", async () => {
  const { AsyncVariable } = await load("readers");
  await replacing(process, "getBuiltinModule", undefined, async () => {
    const variable = new AsyncVariable<number>();
    const items = variable.run(1, function* () {
      yield 1;
    });
    const stream = await variable.run(1, () => Promise.resolve(new ReadableStream()));
    assertEquals(variable.get(), undefined);
    assertEquals([...items], [1]);
    await stream.cancel();
    assertEquals(variable.get(), undefined);
  });
});
