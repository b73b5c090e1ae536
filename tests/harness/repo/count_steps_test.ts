import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { countSteps } from "../support/count_steps.ts";

const NUMBERS = Array.from({ length: 1_000 }, (_, n) => n);
const SET = new Set(NUMBERS);

/** Ways to look at all of a thousand. */
const looks: Record<string, () => unknown> = {
  "for…of an array": () => {
    for (const n of NUMBERS) if (n < 0) return;
  },
  "for…of a set": () => {
    for (const n of SET) if (n < 0) return;
  },
  "spreading": () => [...SET],
  "forEach() of a set": () => SET.forEach(() => {}),
  "find()": () => NUMBERS.find((n) => n === 999),
  "map()": () => NUMBERS.map((n) => n),
  "indexOf()": () => NUMBERS.indexOf(999),
  "slice()": () => NUMBERS.slice(),
  "a promise for each": () => NUMBERS.map((n) => Promise.resolve(n).then()),
};

for (const [name, look] of Object.entries(looks)) {
  test(`countSteps() counts ${name}`, () => {
    const steps = countSteps(() => void look());
    assertEquals(steps >= 1_000 && steps <= 2_001, true, `${steps} steps`);
  });
}

test("countSteps() counts a search as far as it goes, and nothing where nothing is looked at", () => {
  assertEquals(countSteps(() => NUMBERS.find((n) => n === 2)), 3);
  assertEquals(countSteps(() => NUMBERS.indexOf(2)), 3);
  assertEquals(countSteps(() => SET.has(500) && NUMBERS.at(-1)), 0);
});

test("countSteps() leaves everything as it was, also if the code throws", () => {
  const before = [Array.prototype.map, Promise.prototype.then];
  try {
    countSteps(() => {
      throw new Error("no");
    });
  } catch { /* that is the point */ }
  assertEquals([Array.prototype.map, Promise.prototype.then].map((fn, i) => fn === before[i]), [
    true,
    true,
  ]);
});
