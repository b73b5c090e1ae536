import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { environmentVariable } from "../../src/runtime/environment.ts";

/** Calls `read` where `globalThis.process` is this. */
function withProcess<R>(process: unknown, read: () => R): R {
  const before = Object.getOwnPropertyDescriptor(globalThis, "process");
  Object.defineProperty(globalThis, "process", { value: process, configurable: true });
  try {
    return read();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, "process");
    else Object.defineProperty(globalThis, "process", before);
  }
}

test("environmentVariable() reads a variable of the environment", () => {
  const read = (name: string) =>
    withProcess({ env: { LOCUS_TEST: "here" } }, () => environmentVariable(name));
  assertEquals([read("LOCUS_TEST"), read("LOCUS_TEST_NOT_SET")], ["here", undefined]);
});

test("environmentVariable() is undefined where there is no environment", () => {
  for (const process of [undefined, {}, { env: undefined }]) {
    assertEquals(withProcess(process, () => environmentVariable("LOCUS_TEST")), undefined);
  }
});

test("environmentVariable() is undefined where the environment may not be read", () => {
  const env = new Proxy({}, {
    get: () => {
      throw new Error("Requires env access");
    },
  });
  assertEquals(withProcess({ env }, () => environmentVariable("LOCUS_TEST")), undefined);
});

test("environmentVariable() does not read what Deno would ask the user for", () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "Deno");
  const permissions = { querySync: () => ({ state: "prompt" }) };
  Object.defineProperty(globalThis, "Deno", { value: { permissions }, configurable: true });
  try {
    const read = () => environmentVariable("LOCUS_TEST");
    assertEquals(withProcess({ env: { LOCUS_TEST: "here" } }, read), undefined);
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, "Deno");
    else Object.defineProperty(globalThis, "Deno", before);
  }
});

test("environmentVariable() asks this runtime's own environment without throwing", () => {
  assertEquals(environmentVariable("LOCUS_TEST_NOT_SET"), undefined);
});
