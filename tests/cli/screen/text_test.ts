import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  firstLine,
  fit,
  fitPath,
  oneLine,
  textWidth,
  truncate,
  visible,
  wrap,
} from "../../../src/cli/screen/text.ts";

test("visible() pictures control characters", () => {
  assertEquals(visible("a\x1b[31mb\0c\td\x7f"), "a␛[31mb␀c␉d␡");
});

test("visible() spells out what hides or reorders text", () => {
  assertEquals(visible("\x9b \u202e \u200b \ufeff"), "\\u{9b} \\u{202e} \\u{200b} \\u{feff}");
});

test("visible() replaces half a surrogate pair and keeps whole ones", () => {
  assertEquals(visible("\ud83d 👍"), "\ufffd 👍");
});

test("textWidth() counts terminal cells", () => {
  const cases: [string, number][] = [
    ["", 0],
    ["abc", 3],
    ["漢字", 4],
    ["한글", 4],
    ["ｆｕｌｌ", 8],
    ["é", 1],
    ["e\u0301", 1],
    ["👍", 2],
    ["👨‍👩‍👧", 2],
    ["🇳🇴", 2],
    ["❤️", 2],
    ["✓ … ━", 5],
  ];
  for (const [text, width] of cases) assertEquals([text, textWidth(text)], [text, width]);
});

test("truncate() cuts between characters and says so", () => {
  assertEquals(truncate("abcdef", 6), "abcdef");
  assertEquals(truncate("abcdef", 4), "abc…");
  assertEquals(truncate("漢字漢字", 6), "漢字…");
  assertEquals(truncate("漢字漢字", 5), "漢字…");
  assertEquals(truncate("e\u0301e\u0301e\u0301", 2), "e\u0301…");
  assertEquals(truncate("abc", 0), "");
});

test("fit() fills up to the width, also after a wide character that did not fit", () => {
  assertEquals(fit("ab", 4), "ab  ");
  assertEquals(fit("漢字漢字", 6), "漢字… ");
  assertEquals(fit("abc", -1), "");
});

test("fitPath() keeps the end of a path, and the beginning of anything else", () => {
  assertEquals(fitPath("src/core/bus.ts", 8), "…/bus.ts");
  assertEquals(fitPath("src/漢字.ts", 7), "…字.ts ");
  assertEquals(fitPath("src", 5), "src  ");
  assertEquals(fitPath("two words", 5), "two …");
  assertEquals(fitPath("src/core/bus.ts", 0), "");
});

test("wrap() breaks between words, keeps line breaks and indentation", () => {
  assertEquals(wrap("one two three\n  four", 8), ["one two", "three", "  four"]);
});

test("wrap() breaks a word that is too long, and wide characters never in half", () => {
  assertEquals(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
  assertEquals(wrap("漢字漢字", 5), ["漢字", "漢字"]);
  for (const line of wrap("a漢b字c👍 ".repeat(40), 7)) assert(textWidth(line) <= 7, line);
});

test("wrap() ends for a long text, also where it is all spaces", () => {
  // So long that anything worse than in proportion would not end.
  assertEquals(wrap(`a${" ".repeat(2_000_000)}`, 80), ["a"]);
});

test("wrap() loses nothing but the spaces where it breaks", () => {
  const text = "The quick brown fox jumps over the lazy dog, abcdefghijklmnopqrstuvwxyz.";
  for (let width = 1; width < 30; width++) {
    assertEquals(wrap(text, width).join("").replaceAll(" ", ""), text.replaceAll(" ", ""));
  }
});

test("oneLine() joins lines; firstLine() takes the first that says something", () => {
  assertEquals(oneLine(" a\n  b\r\nc "), "a b c");
  assertEquals(firstLine("2 lines\nmore"), "2 lines");
  assertEquals(firstLine('{\n  "a": 1\n}'), '{ "a": 1 }');
});
