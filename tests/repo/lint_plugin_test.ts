import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { root } from "../run/paths.ts";
import plugin from "./lint_plugin.ts";

test("locus/runtime-names finds every way to name a runtime in src", () => {
  const sources = [
    `import { readFile } from "node:fs";`,
    `export * from "node:fs";`,
    `await import("node:async_hooks");`,
    `Deno.readTextFileSync("x");`,
    `process.env;`,
    `Buffer.from("x");`,
    `globalThis.process?.getBuiltinModule("node:async_hooks");`,
    `typeof Deno === "undefined";`,
  ];
  for (const source of sources) {
    assertEquals(found("src/core/bus.ts", source), ["locus/runtime-names"], source);
    assertEquals(found("src/runtime/async_context.ts", source), [], source);
    assertEquals(found("tests/core/bus.ts", source), [], source);
  }
});

test("locus/runtime-names lets the program use the modules that every runtime has, and no more", () => {
  const allowed = `import process from "node:process"; process.exit(0);`;
  assertEquals(found("src/cli/main.ts", allowed), []);
  for (const source of [`Deno.exit(0);`, `globalThis.process.exit(0);`]) {
    assertEquals(found("src/cli/main.ts", source), ["locus/runtime-names"], source);
  }
});

test("locus/runtime-names leaves a property of that name alone", () => {
  assertEquals(found("src/core/bus.ts", `state.process.next();`), []);
});

test("locus/double-assertion finds `as unknown as`", () => {
  assertEquals(found("src/a.ts", `x as unknown as string;`), ["locus/double-assertion"]);
  assertEquals(found("src/a.ts", `x as string;`), []);
});

test("locus/plain-tests finds what not every runtime runs alike", () => {
  const sources = [
    `import { describe, test } from "node:test";`,
    `test.only("x", () => {});`,
    `test("x", { skip: true }, () => {});`,
  ];
  for (const source of sources) {
    assertEquals(found("tests/a_test.ts", source), ["locus/plain-tests"], source);
  }
  const plain = `import { test } from "node:test"; test("x", await requires("redis"), () => {});`;
  assertEquals(found("tests/a_test.ts", plain), []);
});

function found(file: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, root + file, source).map(({ id }) => id);
}
