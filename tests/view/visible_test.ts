import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { oneLine } from "../../src/view/visible.ts";

test("oneLine() puts lines side by side, and keeps the spaces inside of each", () => {
  assertEquals(oneLine("  a  b \r\n\n\t c\rd \n"), "a  b c d");
  assertEquals(oneLine("a\tb\x1b"), "a␉b␛");
});

test("oneLine() takes time in proportion to the text, whatever it is made of", () => {
  const once = (length: number) => {
    const text = `a${" ".repeat(length)}b`;
    const start = performance.now();
    assertEquals(oneLine(text).length, length + 2);
    return (performance.now() - start) / length;
  };
  const best = (length: number) => Math.min(...Array.from({ length: 3 }, () => once(length)));
  const [short, long] = [best(5_000), best(80_000)];
  assert(long < 8 * short + 1e-3, `${short} ms a character, then ${long} ms`);
});
