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
    assertEquals(found("src/core/bus/bus.ts", source), ["locus/runtime-names"], source);
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
  assertEquals(found("src/core/bus/bus.ts", `state.process.next();`), []);
});

test("locus/other-realms finds built-in objects that are told by their class", () => {
  for (const name of ["AbortSignal", "Error", "Headers", "Promise", "Uint8Array", "URL"]) {
    const source = `x instanceof ${name};`;
    assertEquals(found("src/core/a.ts", source), ["locus/other-realms"], source);
    assertEquals(found("src/runtime/realm.ts", source), [], source);
    assertEquals(found("tests/a.ts", source), [], source);
  }
  assertEquals(found("src/core/a.ts", `x instanceof ClientError;`), []);
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
    `import fc from "fast-check";`,
  ];
  for (const source of sources) {
    assertEquals(found("tests/a_test.ts", source), ["locus/plain-tests"], source);
  }
  const plain = `import { test } from "node:test"; test("x", await requires("redis"), () => {});`;
  assertEquals(found("tests/a_test.ts", plain), []);
});

const MEASURED = [
  `const start = performance.now(); await run(); assert(performance.now() - start < 100);`,
  `const start = Date.now(); await run(); const ms = Date.now() - start; assertLess(ms, 5_000);`,
  `const from = performance.now(); work(); const to = performance.now(); assert(to - from < 5);`,
  `let at; at = performance.now(); const once = () => (performance.now() - at) / 100;`,
  `const took = (from) => performance.now() - from;`,
  `const from = process.hrtime.bigint(); const ns = process.hrtime.bigint() - from;`,
  `const limit = Date.now() + 500; await run(); assert(Date.now() < limit);`,
  `const before = Date.now(); await run(); assertGreater(Date.parse(event.timestamp), before);`,
  `assert(elapsed < 100);`,
  `assert(isDone && elapsedMs <= limit, "slow");`,
  `assertLess(event.data.duration_ms, 50);`,
  `assert(Number(event["duration_ms"]) > 20);`,
  `await Promise.race([reply, delay(50)]);`,
  `await Promise.race([reply, new Promise((resolve) => setTimeout(resolve, 50))]);`,
  `await Promise.race([reply, new Promise((resolve) => void setTimeout(() => resolve(1), 50))]);`,
  `const late = delay(50).then(() => null); assertEquals(await Promise.race([late, reply]), null);`,
];

const NOT_MEASURED = [
  `const hourAgo = Date.now() - 3_600_000; publish(hourAgo);`,
  `const dayAgo = Date.now() - 24 * HOUR_MS;`,
  `const giveUpAt = performance.now() + 500; while (performance.now() < giveUpAt) await turn();`,
  `const then = Date.now(); await until("the clock goes on", () => Date.now() > then);`,
  `assert(duration_ms >= 0);`,
  `assertEquals(span.duration_ms, 20);`,
  `assert(clock.now < 30_000);`,
  `const condition = ({ elapsedMs }) => elapsedMs > 5;`,
  `await Promise.race([first, second]);`,
  `await Promise.race([reply, new Promise((_, reject) => setTimeout(() => reject(e), LIMIT))]);`,
  `const [a, b] = [4, 3]; assert(a - b < 2);`,
];

test("locus/measured-time finds every way to compare how long something took", () => {
  for (const source of MEASURED) {
    const finds = (file: string) => found(file, source).includes("locus/measured-time");
    const files = [
      "tests/a_test.ts",
      "tests/harness/support/a.ts",
      "tests/harness/run/a.ts",
      "bench/a.ts",
    ];
    assertEquals(files.map(finds), [true, true, false, false], source);
  }
});

test("locus/measured-time lets a test wait, write times down and use a clock of its own", () => {
  for (const source of NOT_MEASURED) assertEquals(found("tests/a_test.ts", source), [], source);
});

function found(file: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, root + file, source).map(({ id }) => id);
}
