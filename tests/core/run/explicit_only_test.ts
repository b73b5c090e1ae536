/** The context engine of browsers: a copy of the module that finds no other engine. */
import { test } from "node:test";
import process from "node:process";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type * as AsyncContextModule from "../../../src/runtime/async_context.ts";

// The query makes it a module of its own, with an engine of its own to choose.
const specifier = "../../../src/runtime/async_context.ts?explicit-only";
const { AsyncVariable, hasAsyncContext, Snapshot }: typeof AsyncContextModule = await import(
  specifier
);
const { getBuiltinModule } = process;
Object.defineProperty(process, "getBuiltinModule", { value: undefined, configurable: true });
const found = hasAsyncContext();
Object.defineProperty(process, "getBuiltinModule", { value: getBuiltinModule, configurable: true });

test("Without AsyncLocalStorage the engine is the explicit one", () => {
  assertEquals(found, false);
});

test("Without async context a variable has its default where nothing is set", () => {
  assertEquals(new AsyncVariable<number>({ defaultValue: 1 }).get(), 1);
});

test("Without async context get() throws while a value is set, and never guesses", async () => {
  const variable = new AsyncVariable<number>();
  await variable.run(1, async () => {
    assertThrows(() => variable.get(), Error, "use the handle of runContext()");
    await null;
    assertThrows(() => variable.get(), Error, "use the handle of runContext()");
  });
  assertEquals(variable.get(), undefined);
});

test("A6: without async context the error names what each runtime needs to have one", () => {
  const variable = new AsyncVariable<number>();
  const { message } = assertThrows(() => variable.run(1, () => variable.get()), Error);
  assertStringIncludes(message, '"nodejs_compat"');
  assertStringIncludes(message, "Node since 20.16");
});

test("Without async context a value is set no more once its function threw or rejected", async () => {
  const variable = new AsyncVariable<number>();
  assertThrows(() =>
    variable.run(1, () => {
      throw new Error("at once");
    })
  );
  assertEquals(variable.get(), undefined);
  await variable.run(1, async () => {
    await null;
    throw new Error("later");
  }).catch(() => {});
  assertEquals(variable.get(), undefined);
});

test("Without async context a snapshot calls its function all the same", () => {
  assertEquals(new Snapshot().run((n: number) => n + 1, 1), 2);
});
