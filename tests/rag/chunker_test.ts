import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../harness/support/property.ts";
import { type Chunk, chunker, type ChunkerOptions, type Source } from "../../src/rag/mod.ts";

const words = fc.constantFrom(
  "one",
  "two.",
  "three,",
  "x".repeat(40),
  "😀",
  "e\u0301",
  "漢字。",
  "\ud83d",
  "{",
  "};",
);
const between = fc.constantFrom(" ", "\n", "\n\n", "\r\n", "\r\n\r\n", "", "\t", "\n  ", "\n\n\n");
const lines = fc.constantFrom(
  "# Head\n",
  "### Deep ##\n",
  "```ts\n",
  "```\n",
  "~~~\n",
  "| a | b |\n",
  "- item\n",
  "1. first\r\n",
  "---\n",
);
const texts = fc.array(fc.oneof(words, between, lines), { maxLength: 60 })
  .map((parts) => parts.join(""));
const formats = fc.constantFrom("text", "markdown", "code" as const);
const sizes = fc.record({
  size: fc.integer({ min: 2, max: 120 }),
  share: fc.double({ min: 0, max: 0.9, noNaN: true }),
})
  .map(({ size, share }): ChunkerOptions => ({ size, overlap: Math.floor(size * share) }));

test("a chunk is a range of its source, and all but white space is in one", () => {
  fc.assert(
    fc.property(texts, formats, sizes, (text, format, options) => {
      const chunks = chunker(options)({ id: "s", text, format } as Source);
      checkRanges(text, chunks);
      for (const { content } of chunks) assert(content.length <= options.size!, "size is kept");
    }),
    { numRuns: 3000 },
  );
});

test("size may count something else than characters", () => {
  const length = (text: string) => text.split(/\s+/).filter((word) => word !== "").length;
  fc.assert(
    fc.property(texts, formats, fc.integer({ min: 1, max: 12 }), (text, format, size) => {
      const chunks = chunker({ size, overlap: 0, length })({ id: "s", text, format } as Source);
      checkRanges(text, chunks);
      for (const { content } of chunks) assert(length(content) <= size);
    }),
    { numRuns: 500 },
  );
});

test("a length that is none still comes to an end, and loses nothing", () => {
  const length = (text: string) => text.length % 5;
  fc.assert(
    fc.property(texts, formats, (text, format) => {
      checkRanges(
        text,
        chunker({ size: 3, overlap: 2, length })({ id: "s", text, format } as Source),
      );
    }),
    { numRuns: 500, examples: [["e\u0301```ts\n```ts\n```\n one### Deep ##\n", "markdown"]] },
  );
});

function checkRanges(text: string, chunks: readonly Chunk[]): void {
  const covered = new Uint8Array(text.length);
  let [start, end] = [-1, -1];
  for (const [index, chunk] of chunks.entries()) {
    assertEquals(chunk.content, text.slice(chunk.start, chunk.end));
    assertEquals(chunk.index, index);
    assertEquals(chunk.content.trim(), chunk.content);
    assert(chunk.content !== "");
    assert(chunk.start > start && chunk.end > end, "no chunk lies inside of another");
    ({ start, end } = chunk);
    covered.fill(1, start, end);
    assert(!cutsPair(text, start) && !cutsPair(text, end), "no surrogate pair is cut");
  }
  for (let i = 0; i < text.length; i++) {
    assert(covered[i] === 1 || /\s/.test(text[i]!), `lost ${JSON.stringify(text[i])} at ${i}`);
  }
}

function cutsPair(text: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));
}

const contents = (source: Source, options: ChunkerOptions) =>
  chunker(options)(source).map(({ content }) => content);

test("ids are those of the source, numbered where there are several", () => {
  const ids = (text: string) =>
    chunker({ size: 10, overlap: 0 })({ id: "x", text }).map(({ id }) => id);
  assertEquals(ids("short"), ["x"]);
  assertEquals(ids("one two three four"), ["x_0", "x_1"]);
  assertEquals(ids(" \n "), []);
});

test("a fence that fits stays whole", () => {
  const fence = "```ts\nconst a = 1;\n\nconst b = 2;\n```";
  const text = `# Title\n\n${
    "Words that fill. ".repeat(4)
  }\n\n${fence}\n\nMore words that follow.\n`;
  const found = contents({ id: "a.md", text }, { size: 80, overlap: 0 });
  assert(found.some((content) => content.includes(fence)), JSON.stringify(found));
});

test("a heading begins a chunk, stays with what follows, and is known below", () => {
  const text = "Before.\n\n# A\n\n## B\n\nText of B.\n\n## C\n\nText of C.\n\n# D\nText of D.";
  const chunks = chunker({ size: 1000 })({ id: "a.md", text });
  assertEquals(chunks.map(({ headings }) => headings), [[], ["A", "B"], ["A", "C"], ["D"]]);
  assertEquals(chunks[1]?.content, "# A\n\n## B\n\nText of B.");
});

test("the kind of a chunk is that of its blocks", () => {
  const text =
    "# T\n\n| a |\n|---|\n\n# L\n\n- one\n- two\n\n# F\n\n```\ncode\n```\n\n# M\n\ntext\n\n- one\n\n# E";
  const kinds = chunker()({ id: "a.md", text }).map(({ kind }) => kind);
  assertEquals(kinds, ["table", "list", "code", "mixed", "text"]);
});

test("overlap is whole sentences", () => {
  const text = "First one here. Second one here. Third one here. Fourth one here.";
  assertEquals(contents({ id: "x", text }, { size: 34, overlap: 18 }), [
    "First one here. Second one here.",
    "Second one here. Third one here.",
    "Third one here. Fourth one here.",
  ]);
});

test("code is cut between functions before it is cut between lines", () => {
  const body = (name: string) => `function ${name}() {\n  one();\n\n  two();\n}\n`;
  const text = `${body("a")}\n${body("b")}`;
  assertEquals(contents({ id: "x.ts", text }, { size: 60, overlap: 0 }), [
    body("a").trim(),
    body("b").trim(),
  ]);
});

test("front matter is not a heading, and an open fence goes to the end", () => {
  const text = "---\n# not a heading\n---\n# Real\n\n```\n# not one either\n";
  const chunks = chunker()({ id: "a.md", text });
  assertEquals(chunks.map(({ headings }) => headings), [[], ["Real"]]);
});

test("chunker() refuses an overlap that is not less than the size", () => {
  assertThrows(
    () => chunker({ size: 100, overlap: 100 }),
    RangeError,
    'chunker(): "overlap" must be a whole number from 0 to 99, got 100',
  );
});
