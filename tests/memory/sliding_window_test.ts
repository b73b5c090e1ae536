import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { type Message, slidingWindow } from "../../src/memory/mod.ts";
import { chat, listening, outlineOf, round, say } from "./_conversations.ts";

const users = (count: number): Message[] => [
  say("system", "Be brief."),
  ...Array.from({ length: count }, (_, i) => say("user", `m${i}`)),
];

for (const [name, messages] of [["of the user alone", users(25)], ["in turn", chat(25)]] as const) {
  test(`slidingWindow() sends the last 20 of 25 messages ${name}, and the instructions`, async () => {
    const { context, events } = listening({ spanId: "s" });
    assertEquals((await slidingWindow().apply(messages, context)).length, 21);
    const data = { strategy: "sliding_window", window_size: 20, removed_count: 5, span_id: "s" };
    assertEquals(events, [["memory.conversation.pruned", data]]);
  });
}

test("slidingWindow() returns what fits as it is, and says nothing", async () => {
  const { context, events } = listening();
  for (const messages of [[], chat(20)]) {
    assertStrictEquals(await slidingWindow().apply(messages, context), messages);
  }
  assertEquals(events, []);
});

const search = round("a", ["one", "two"]);
for (
  const [windowSize, messages, kept] of [
    // The question that is being answered stays, however long the answer takes.
    [3, [say("user", "q"), ...search, ...search], ["u q", "a calls", "t one", "t two"]],
    [1, [say("user", "q"), say("assistant", "a")], ["u q", "a a"]],
    // No call without its results.
    [4, [say("user", "p"), ...search, say("user", "q")], ["u p", "u q"]],
    [5, [...chat(3).slice(1), ...search, say("user", "q")], [
      "u m2",
      "a calls",
      "t one",
      "t two",
      "u q",
    ]],
    // A result without its call does not count, and goes with the others.
    [2, [...chat(4).slice(1), ...search.slice(1)], ["u m2", "a m3"]],
    // An instruction stays where it was said.
    [1, [say("user", "p"), say("system", "!"), say("user", "q")], ["s !", "u q"]],
  ] as const
) {
  test(`slidingWindow() of ${windowSize} leaves ${kept.join(", ")}`, async () => {
    assertEquals(outlineOf(await slidingWindow({ windowSize }).apply(messages)), [...kept]);
  });
}

test("slidingWindow() halves what was too long for the model", async () => {
  const messages = chat(8);
  const kept = await slidingWindow().apply(messages, { because: "overflow" });
  assertEquals(outlineOf(kept), ["s Be brief.", "u m4", "a m5", "u m6", "a m7"]);
  const one = chat(1);
  assertStrictEquals(await slidingWindow().apply(one, { because: "overflow" }), one);
});

test("slidingWindow() names the option that is wrong", () => {
  assertThrows(() => slidingWindow({ windowSize: 0 }), RangeError, '"windowSize"');
  assertThrows(() => slidingWindow({ size: 3 } as never), TypeError, '"size"');
});
