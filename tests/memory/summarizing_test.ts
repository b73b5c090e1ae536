import { test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { type Message, summarizing } from "../../src/memory/mod.ts";
import { chat, listening, outlineOf, round, say } from "./_conversations.ts";

const brief = (messages: readonly Message[], previous: string | null) =>
  `${previous ?? "nothing"} and ${messages.length}`;

test("summarizing() puts a summary in the place of the older messages", async () => {
  const { context, events } = listening({ spanId: "s" });
  const messages = chat(31);
  const kept = await summarizing({ summarize: brief }).apply(messages, context);
  assertEquals(outlineOf(kept).slice(2), outlineOf(messages.filter((_, i) => i === 21 || i > 22)));
  assertEquals(
    kept[1]!.content!.split("\n").slice(0, 5),
    ["[Summary of previous conversation (21 messages)]:", "nothing and 21", "", WORDS, "- m0"],
  );
  const [[triggered, before], [completed, after]] = events as [typeof events[0], typeof events[0]];
  const place = { strategy: "summarizing", parent_span_id: "s", span_id: before.span_id };
  assertEquals([triggered, before], ["memory.compactor.triggered", {
    ...place,
    messages_before: 31,
    threshold: 30,
    unit: "messages",
    because: "threshold",
  }]);
  assertEquals([completed, { ...after, duration_ms: 0 }], ["memory.compactor.completed", {
    ...place,
    messages_before: 31,
    messages_after: 12,
    summarized_count: 21,
    duration_ms: 0,
    from_index: 1,
    to_index: 23,
    fallback: null,
  }]);
});
const WORDS = "What the user said in them, word for word:";

test("summarizing() returns what is short enough as it is", async () => {
  const { context, events } = listening();
  const messages = chat(30);
  assertStrictEquals(await summarizing().apply(messages, context), messages);
  assertEquals(events, []);
});

test("The next summary is made from the last one, and keeps what the user said before", async () => {
  const manager = summarizing({ threshold: 4, keepRecent: 1, summarize: brief });
  const first = await manager.apply(chat(5));
  const second = await manager.apply([...first, ...chat(6).slice(2)]);
  assertEquals(outlineOf(second), [
    "s Be brief.",
    `s [Summary of previous conversation (8 messages)]:\nnothing and 4 and 4\n\n${WORDS}\n- m0\n- m2\n- m4\n- m2`,
    "u m4",
    "a m5",
  ]);
});

for (
  const [name, summarize, fallback] of [
    ["throws", () => Promise.reject(new Error("down")), "Error: down"],
    ["is empty", () => " ", "Error: the summary is empty"],
    ["is not wanted", false, "Error: no model is to write it"],
    ["has no model", undefined, "Error: there is no model to write it"],
  ] as const
) {
  test(`summarizing() makes excerpts if the summary ${name}, and says so`, async () => {
    const { context, events } = listening();
    const long = say("assistant", "é".repeat(200));
    const options = { threshold: 10, keepRecent: 1, summarize };
    const kept = await summarizing(options).apply([...chat(9), long, say("user", "q")], context);
    assertEquals(kept[1]!.content!.split("\n").slice(1, 10), [
      ...[2, 3, 4, 5, 6, 7, 8].map((i) => `- ${i % 2 === 0 ? "user" : "assistant"}: m${i}`),
      `- assistant: ${"é".repeat(100)}...`,
      "",
    ]);
    assertEquals(events[1]![1].fallback, fallback);
  });
}

test("A model of the context writes the summary, and gets the conversation as data", async () => {
  const asked: { instruction: string; text: string }[] = [];
  const context = {
    ask: (question: typeof asked[0]) => (asked.push(question), Promise.resolve("S")),
  };
  const messages = [say("user", "q"), ...round("a", ["found"]), say("user", "r")];
  const kept = await summarizing({ threshold: 3, keepRecent: 1 }).apply(messages, context);
  assertEquals(outlineOf(kept).slice(1), ["u r"]);
  assertEquals(asked[0]!.text, '<user> q\n<assistant> [calls search({"q":"0"})]\n<search> found');
});

test("summarizing() that is broken off ends its pair of events", async () => {
  const controller = new AbortController();
  const { context, events } = listening({ signal: controller.signal });
  const summarize = () => {
    controller.abort(new Error("left"));
    return new Promise<string>(() => {});
  };
  const options = { threshold: 2, keepRecent: 1, summarize };
  await assertRejects(
    () => Promise.resolve(summarizing(options).apply(chat(5), context)),
    Error,
    "left",
  );
  const [type, data] = events.at(-1)!;
  assertEquals([type, data.messages_after, data.summarized_count], [
    "memory.compactor.completed",
    6,
    0,
  ]);
});

test("summarizing() shortens what was too long for the model before its threshold", async () => {
  const manager = summarizing({ summarize: brief });
  assertEquals((await manager.apply(chat(12), { because: "overflow" })).length, 12);
  assertEquals((await manager.apply(chat(4), { because: "asked" })).length, 4);
});

test("summarizing() names the option that is wrong", () => {
  assertThrows(
    () => summarizing({ threshold: 10 }),
    RangeError,
    '"keepRecent" must be less than "threshold", got 10 and 10',
  );
  assertThrows(() => summarizing({ keepRecent: 0 }), RangeError, '"keepRecent"');
  assertThrows(() => summarizing({ summarize: "no" as never }), TypeError, '"summarize"');
});
