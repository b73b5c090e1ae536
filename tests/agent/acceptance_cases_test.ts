import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";

test("Every acceptance case is the name of a test", () => {
  const cases = namesOfAll().flatMap((name) =>
    [...name.matchAll(/\bacceptance (\d+)/g)].map(([, number]) => Number(number))
  );
  const missing = Array.from({ length: 38 }, (_, i) => i + 1).filter((n) => !cases.includes(n));
  assertEquals(missing, []);
});

/** What the tests under `tests/` are called, as far as it is written there. */
function namesOfAll(): string[] {
  const tests = new URL("../", import.meta.url);
  return readdirSync(tests, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("_test.ts"))
    .flatMap((path) =>
      [...readFileSync(new URL(path, tests), "utf8").matchAll(TEST)].map(([, , name = ""]) => name)
    );
}

const TEST = /\btest\(\s*(["'`])((?:\\.|(?!\1).)*)\1/gs;
