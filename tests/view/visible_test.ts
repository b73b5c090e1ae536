import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { oneLine, visible, visibleJson, visibleLines } from "../../src/view/visible.ts";
import { HOSTILE_MARKS, unsafeIn } from "../harness/support/hostile.ts";

test("oneLine() puts lines side by side, and keeps the spaces inside of each", () => {
  assertEquals(oneLine("  a  b \r\n\n\t c\rd \n"), "a  b c d");
  assertEquals(oneLine("a\tb\x1b"), "a␉b␛");
});

test("G9: visible() leaves nothing that steers a screen, turns the order or hides", () => {
  for (const mark of HOSTILE_MARKS) {
    for (const text of [mark, `a${mark}b`, `漢${mark}${mark}`]) {
      for (const shown of [visible(text), visibleLines(text), oneLine(`x${text}x`)]) {
        assertEquals(unsafeIn(shown), [], JSON.stringify(text));
      }
      assertEquals(unsafeIn(visibleJson({ [text]: [text] })), []);
      assertEquals(JSON.parse(visibleJson({ [text]: [text] })), { [text]: [text] });
    }
  }
});

test("G9: visible() keeps joiners and selectors where writing needs them", () => {
  for (const text of ["👨‍👩‍👧", "❤️‍🔥", "👩🏽‍💻", "1️⃣", "می‌خواهم", "क्‍ष", "שלום", "é", "e\u0301"]) {
    assertEquals(visible(text), text);
    assertEquals(visibleJson(text), `"${text}"`);
  }
  assertEquals(
    visible("pay\u200dpal \u200c漢\u200d\u200d"),
    "pay\\u{200d}pal \\u{200c}漢\u200d\\u{200d}",
  );
  assertEquals(visible("x\ufe0f\ufe0f"), "x\ufe0f\\u{fe0f}");
});

test("G9: visibleLines() keeps lines and tabs, and knows one kind of line end", () => {
  assertEquals(visibleLines("a\r\nb\n\tc\rd\u2028e"), "a\nb\n\tc␍d\\u{2028}e");
});

test("oneLine() ends for a long text, whatever it is made of", () => {
  // So long that anything worse than in proportion would not end.
  assertEquals(oneLine(`a${" ".repeat(2_000_000)}b`).length, 2_000_002);
});
