import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { toSvg } from "../../docs/ansi_svg.ts";

/** The class (none: always there, `p`: for a time, `f`: at the end) and the text of every line. */
function linesOf(svg: string): string[] {
  return [
    ...svg.matchAll(
      /<g(?: class="(.)" style="([^"]*)")? transform="translate\(0 [^>]*>(.*?)<\/g>/g,
    ),
  ]
    .map(([, kind, timing, body]) =>
      [kind, timing, body!.replace(/<[^>]*>/g, "")].filter(Boolean).join(" ")
    );
}

test("toSvg() draws a line that stays the same once, and others for as long as they are there", () => {
  const svg = toSvg(
    [
      { at: 0, lines: ["$ run", "one"] },
      { at: 100, lines: ["$ run", "two"] },
      { at: 300, lines: ["$ run", "done"] },
    ],
    20,
    "A run",
  );
  assertEquals(linesOf(svg), [
    "$ run",
    "p --t:0ms;--d:100ms one",
    "p --t:100ms;--d:200ms two",
    "f --t:300ms done",
  ]);
});

test("toSvg() escapes what is in the text", () => {
  const svg = toSvg([{ at: 0, lines: ["a<b>&c"] }], 20, "<title>");
  assert(svg.includes(">a&lt;b&gt;&amp;c</text>"), svg);
  assert(svg.includes("<title>&lt;title&gt;</title>"), svg);
});

test("toSvg() keeps colours, also over the end of a line, and no code is left", () => {
  const svg = toSvg([{ at: 0, lines: ["\x1b[32mgreen", "still\x1b[0m plain"] }], 20, "");
  assertEquals(svg.match(/style="fill:#3fb950;">\w+/g), [
    'style="fill:#3fb950;">green',
    'style="fill:#3fb950;">still',
  ]);
  assert(/<text [^>]*"\d+(?:\.\d)?">plain/.test(svg), svg);
  assert(!svg.includes("\x1b"), "no escape code is left");
});

test("toSvg() puts every word where its cell is", () => {
  const svg = toSvg([{ at: 0, lines: ["│ 漢字  x"] }], 20, "");
  assert(/<text x="16.8"[^>]*>漢字</.test(svg), svg);
  assert(/<text x="67.2"[^>]*>x</.test(svg), svg);
  assert(/<path d="M4.2 0V20"/.test(svg), svg);
});
