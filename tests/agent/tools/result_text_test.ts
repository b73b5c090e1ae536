import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { errorText, resultText, truncate } from "../../../src/agent/state/texts.ts";

test("resultText() tells any value", () => {
  const cyclic: Record<string, unknown> = { name: "loop" };
  cyclic.self = cyclic;
  const cases: [unknown, string][] = [
    [undefined, "Success (no output)"],
    [null, "Success (no output)"],
    ["", ""],
    ["text", "text"],
    [0, "0"],
    [false, "false"],
    [10n, "10"],
    [{ a: [1, "x"] }, '{\n  "a": [\n    1,\n    "x"\n  ]\n}'],
    [
      { big: 10n, when: new Date(0), f: undefined },
      json({ big: "10", when: "1970-01-01T00:00:00.000Z" }),
    ],
    [new Map([["k", new Set([1])]]), json({ k: [1] })],
    [cyclic, json({ name: "loop", self: "[circular]" })],
    [new Uint8Array(3), "[3 bytes]"],
    [Object.assign(new Uint8Array(3), { toJSON: () => ({ type: "Buffer" }) }), "[3 bytes]"],
    [new RangeError("far"), "RangeError: far"],
    [[undefined, NaN], json([null, null])],
  ];
  for (const [value, text] of cases) assertEquals(resultText(value), text);
});

test("resultText() throws what the value throws", () => {
  const broken = {
    get x() {
      throw new RangeError("no x");
    },
  };
  assertThrows(() => resultText(broken), RangeError, "no x");
});

test("resultText() refuses what has yet to be read", () => {
  const unread = [
    new ReadableStream(),
    new Response("x"),
    new Blob(["x"]),
    (function* () {})(),
    (async function* () {})(),
  ];
  for (const value of unread) {
    assertThrows(() => resultText(value), TypeError, "has to be read first");
  }
});

test("resultText() gives up on a small value that is an endless text", () => {
  let value: unknown = {};
  for (let i = 0; i < 100; i++) value = [value, value];
  assertThrows(() => resultText(value), RangeError, "more than 1000000 objects");
});

test("errorText() is one line, whatever was thrown", () => {
  const nasty = {
    toString() {
      throw new Error("no");
    },
  };
  const cases: [unknown, string][] = [
    [new TypeError("first\nsecond"), "TypeError: first"],
    [new Error(""), "Error"],
    [new DOMException("stop", "AbortError"), "AbortError: stop"],
    ["text", "Error: text"],
    [undefined, "Error: undefined"],
    [nasty, "Error: the tool threw a value that cannot be shown"],
    [new Error("password=hunter2 for you"), "Error: password=[REDACTED] for you"],
  ];
  for (const [value, text] of cases) assertEquals(errorText(value), text);
  assertEquals(errorText(new Error("x".repeat(1e6))).length, 2000);
});

test("truncate() never leaves half a character", () => {
  assertEquals(truncate("ab😀", 3), "ab\n[truncated: 4 characters in full]");
  assertEquals(truncate("abc", 3), "abc");
  assertEquals(truncate("abc", 0), "abc");
});

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
