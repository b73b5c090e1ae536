import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { didYouMean, nearest } from "../../src/core/nearest.ts";

const COMMANDS = ["tail", "runs", "record", "replay", "events"];

test("G10: nearest() finds the word that was mistyped, and no other", () => {
  const cases: [word: string, meant: string | undefined][] = [
    ["tial", "tail"],
    ["tal", "tail"],
    ["TAIL", "tail"],
    ["run", "runs"],
    ["rec", "record"],
    ["rpelay", "replay"],
    ["evnets", "events"],
    ["list", undefined],
    ["x", undefined],
    ["", undefined],
    ["tailtailtailtail", undefined],
  ];
  for (const [word, meant] of cases) {
    assertEquals([word, nearest(word, COMMANDS)[0]], [word, meant]);
  }
});

test("G10: nearest() looks at words of any length", () => {
  assertEquals(nearest("x".repeat(100_000), ["x".repeat(99_999), "tail"]), []);
  assertEquals(nearest("order-4", ["x", "order-41", "order-42"], 3), ["order-41", "order-42"]);
});

test("G10: didYouMean() says nothing where nothing is near", () => {
  assertEquals(didYouMean("tial", COMMANDS), '; did you mean "tail"?');
  assertEquals(
    didYouMean("order-4", ["order-1", "order-2"]),
    '; did you mean "order-1" or "order-2"?',
  );
  assertEquals(didYouMean("frobnicate", COMMANDS), "");
});
