import { test } from "node:test";
import fc from "../harness/support/property.ts";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { StreamEvent } from "@locus/core";
import {
  toUiMessageStream,
  type UiMessageStreamChunk,
  type UiMessageStreamOptions,
} from "@locus/core/ui-message-stream";
import { readMessage } from "./_judges.ts";
import { draft, failingTool, nestedAgents, record, recordedRuns, through } from "./_runs.ts";

const runs = await recordedRuns();

const write = (
  events: readonly StreamEvent[],
  options?: UiMessageStreamOptions,
): Promise<UiMessageStreamChunk[]> => through(events, toUiMessageStream(options));

for (const { name, events } of runs) {
  test(`toUiMessageStream() is valid from every event of "${name}" on`, async () => {
    for (let i = 0; i < events.length; i++) await readMessage(await write(events.slice(i)));
  });
}

test("toUiMessageStream() is valid whatever is missing", async () => {
  const lossy = fc.constantFrom(...runs).chain(({ events }) => fc.subarray([...events]));
  const property = fc.asyncProperty(lossy, async (events) => {
    await readMessage(await write(events));
  });
  await fc.assert(property, { numRuns: 300 });
});

test("the judge refuses what is no UI message stream", async () => {
  const chunks = [{ type: "text-delta", id: "1", delta: "a" } as const];
  await assertRejects(() => readMessage(chunks), Error, "text-start");
});

test("toUiMessageStream() makes a step of each turn, and data of nested agents", async () => {
  const { message } = await readMessage(await write(await nestedAgents()));
  assertEquals(message?.id, "r");
  const ask = (whom: string) => ["dynamic-tool", { whom }, "It is blue."];
  assertEquals(message?.parts.map(briefly), [
    ["step-start"],
    ["text", "Let me ask."],
    ask("a"),
    ask("b"),
    ["data-agent", "helper", "done"],
    ["data-agent", "helper", "done"],
    ["step-start"],
    ["text", "Both say blue."],
  ]);
});

test("toUiMessageStream() says that a tool failed", async () => {
  const { message } = await readMessage(await write(await failingTool(false)));
  const tool = message?.parts.find((part) => part.type === "dynamic-tool");
  assertEquals([tool?.state, tool?.errorText], ["output-error", "RangeError: too far"]);
});

test("toUiMessageStream() takes back what a failed attempt wrote", async () => {
  const model = (id: string) =>
    draft("span.started", { span_id: id, parent_span_id: null, name: "m", kind: "model" });
  const chunk = (span_id: string, content_preview: string, more: object) =>
    draft("agent.model.chunk", { span_id, content_preview, has_tool_calls: false, ...more });
  const { message } = await readMessage(
    await write([
      model("m1"),
      chunk("m1", "Hel", { done: false }),
      chunk("m1", "", { done: true, discarded: true }),
      model("m2"),
      chunk("m2", "Hi.", { done: true }),
    ]),
  );
  assertEquals(message?.parts.filter(({ type }) => type === "text").map(briefly), [[
    "text",
    "Hi.",
  ]]);
});

test("toUiMessageStream() shows a question until it is answered, and goes on", async () => {
  const asked = { interrupt_id: "i1", question_preview: "Pay?", options: null };
  const events = [
    draft("agent.interrupt", asked),
    draft("run.completed", { outcome: "waiting", error: null, duration_ms: 1 }),
    draft("agent.interrupt.answered", { interrupt_id: "i1", by: null, waited_ms: 1 }),
  ];
  const states: unknown[] = [];
  for (const some of [events.slice(0, 2), events]) {
    const { message } = await readMessage(await write(some));
    states.push(message?.parts.map((part) => "data" in part && part.data));
  }
  const question = { question: "Pay?", options: null };
  assertEquals(states, [[{ ...question, state: "waiting" }], [{ ...question, state: "answered" }]]);
});

test("toUiMessageStream() says how a run ended", async () => {
  const ends: unknown[] = [];
  const failures = [new RangeError("too far"), new DOMException("enough", "AbortError")];
  for (const failure of failures) {
    ends.push((await write(await record(false, () => Promise.reject(failure)))).at(-1));
  }
  ends.push((await write(await record(false, () => {}))).at(-1));
  assertEquals(ends, [
    { type: "error", errorText: "RangeError: too far" },
    { type: "abort" },
    { type: "finish", finishReason: "stop" },
  ]);
});

test("toUiMessageStream() takes the id of the message, and says which option is wrong", async () => {
  const [start] = await write([draft("run.started", {})], { messageId: "m" });
  assertEquals(start, { type: "start", messageId: "m" });
  const wrong = { messageId: 1 as never };
  assertThrows(() => toUiMessageStream(wrong), TypeError, '"messageId" must be a string');
});

/** What a part is about. */
function briefly(part: { type: string }): unknown[] {
  const { type, text, input, output, data } = part as Record<string, unknown>;
  if (type === "dynamic-tool") return [type, input, output];
  return [type, text, ...Object.values(data ?? {})].filter((value) => value !== undefined);
}
