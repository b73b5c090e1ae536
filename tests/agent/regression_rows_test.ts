/**
 * The list of what went wrong in the implementation that this one follows has fifty rows, B1 to B50. Each
 * that concerns us is a test whose name has its number, exactly one; `grep -rn "B22" tests` finds it.
 */

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";

/** The rows without a test of their own, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  B45:
    "about the bus: how it overflows, evicts, closes and rejects is its contract, tests/contract",
  B48: "about a second loop and a runner, which do not exist here",
};

/** Rows with a second half that has a number of its own. */
const FURTHER = ["B15b"];

const rows = [...Array.from({ length: 50 }, (_, i) => `B${i + 1}`), ...FURTHER];

test("Every row of the list is the name of exactly one test, or does not concern us", () => {
  const found = new Map(rows.map((row): [string, string[]] => [row, []]));
  for (const { path, name } of namesOfAll()) {
    // Rows of other lists have such numbers, too.
    if (!/^(agent|adapters.agent_server)\b/.test(path)) continue;
    for (const [row] of name.matchAll(/\bB\d{1,2}b?\b/g)) found.get(row)?.push(`${path}: ${name}`);
  }
  const wrong = [...found].filter(([row, tests]) => tests.length !== (row in ELSEWHERE ? 0 : 1));
  assertEquals(wrong, []);
});

test("Every acceptance case is the name of a test", () => {
  const cases = namesOfAll().flatMap(({ name }) =>
    [...name.matchAll(/\bacceptance (\d+)/g)].map(([, number]) => Number(number))
  );
  const missing = Array.from({ length: 38 }, (_, i) => i + 1).filter((n) => !cases.includes(n));
  assertEquals(missing, []);
});

test("The rows that have no test are rows", () => {
  assert(Object.keys(ELSEWHERE).every((row) => rows.includes(row)));
});

/** What the tests under `tests/` are called, as far as it is written there. */
function namesOfAll(): { path: string; name: string }[] {
  const tests = new URL("../", import.meta.url);
  return readdirSync(tests, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("_test.ts"))
    .flatMap((path) =>
      [...readFileSync(new URL(path, tests), "utf8").matchAll(TEST)]
        .map(([, , name = ""]) => ({ path, name }))
    );
}

const TEST = /\btest\(\s*(["'`])((?:\\.|(?!\1).)*)\1/gs;
