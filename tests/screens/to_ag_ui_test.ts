import { HttpAgent, type Message } from "@ag-ui/client";
import { test } from "node:test";
import fc from "../harness/support/property.ts";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { emit, EventBus, type StreamEvent, withRun } from "@locus/core";
import { type AgUiEvent, toAgUi, type ToAgUiOptions } from "@locus/core/ag-ui";
import { judgeAgUi } from "./_judges.ts";
import { draft, failingTool, nestedAgents, record, recordedRuns, through } from "./_runs.ts";

const runs = await recordedRuns();

const write = (events: readonly StreamEvent[], options?: ToAgUiOptions): Promise<AgUiEvent[]> =>
  through(events, toAgUi(options));

for (const { name, events } of runs) {
  test(`toAgUi() is valid from every event of "${name}" on, and says the end`, async () => {
    for (let i = 0; i < events.length; i++) {
      const written = await write(events.slice(i));
      await judgeAgUi(written);
      const last = written.at(-1)?.type;
      assertEquals(last === "RUN_FINISHED" || last === "RUN_ERROR", true, `joined at ${i}`);
    }
  });

  test(`toAgUi() is valid without any one event of "${name}"`, async () => {
    for (let i = 0; i < events.length; i++) await judgeAgUi(await write(events.toSpliced(i, 1)));
  });
}

test("toAgUi() is valid whatever is missing", async () => {
  const lossy = fc.constantFrom(...runs).chain(({ events }) => fc.subarray([...events]));
  const property = fc.asyncProperty(lossy, async (events) => judgeAgUi(await write(events)));
  await fc.assert(property, { numRuns: 300 });
});

test("the judge refuses what is not AG-UI", async () => {
  await assertRejects(() => judgeAgUi([{ type: "STEP_STARTED", stepName: "a" }]), Error, "First");
});

test("toAgUi() shows nested agents inside of the calls that they work for", async () => {
  const written = await write(await nestedAgents());
  const calls = written.filter((event) => event.type === "TOOL_CALL_START");
  const agents = written.filter((event) => event.type === "SUBAGENT_STARTED");
  assertEquals(calls.map(({ toolCallName }) => toolCallName), ["ask", "ask", "look", "look"]);
  assertEquals(
    agents.map(({ parentToolCallId }) => parentToolCallId),
    calls.slice(0, 2).map(({ toolCallId }) => toolCallId),
  );
  assertEquals(
    calls.map(({ subagentRunId }) => subagentRunId),
    [undefined, undefined, ...agents.map(({ subagentRunId }) => subagentRunId)],
  );
});

test("toAgUi() makes messages that a client of AG-UI puts together", async () => {
  const messages = await followed(await write(await failingTool()));
  assertEquals(messages.map(({ role, content }) => [role, content]), [
    ["assistant", undefined],
    ["tool", "RangeError: too far"],
    ["assistant", "It is broken."],
  ]);
  const [first] = messages;
  assertEquals(first?.role === "assistant" && first.toolCalls?.[0]?.function.arguments, "{}");
});

test("toAgUi() has no arguments and only starts of results without content", async () => {
  const types = (await write(await nestedAgents(false))).map(({ type }) => type);
  assertEquals(types.includes("TOOL_CALL_ARGS"), false);
  assertEquals(types.includes("TOOL_CALL_RESULT"), true);
});

test("toAgUi() adds up the tokens by model", async () => {
  const last = (await write(await nestedAgents())).at(-1);
  assertEquals(last?.type === "RUN_FINISHED" && last.usage, [
    { model: "scripted", inputTokens: 60, outputTokens: 30, totalTokens: 90 },
  ]);
});

test("toAgUi() finishes a run that waits with its questions, and goes on as another", async () => {
  const asked = { interrupt_id: "i1", question_preview: "Pay?", options: ["yes"], span_id: "a" };
  const written = await write([
    draft("span.started", { span_id: "a", parent_span_id: null, name: "a", kind: "agent" }),
    draft("agent.interrupt", asked),
    draft("run.completed", { outcome: "waiting", error: null, duration_ms: 1 }),
    draft("run.started", { resumed: true }),
    draft("run.completed", { outcome: "ok", error: null, duration_ms: 1 }),
    draft("bus.end", {}),
  ]);
  await judgeAgUi(written);
  const ends = written.filter((event) => event.type === "RUN_FINISHED");
  const metadata = { options: ["yes"] };
  assertEquals(ends.map(({ outcome }) => outcome), [
    {
      type: "interrupt",
      interrupts: [{ id: "i1", reason: "input_required", message: "Pay?", metadata }],
    },
    { type: "success" },
  ]);
});

test("toAgUi() says how a run ended", async () => {
  const ends: unknown[] = [];
  const failures = [new RangeError("too far"), new DOMException("enough", "AbortError")];
  for (const failure of failures) {
    const events = await record(false, () => Promise.reject(failure));
    const { timestamp: _, ...end } = (await write(events)).at(-1)!;
    ends.push(end);
  }
  assertEquals(ends, [
    { type: "RUN_ERROR", message: "RangeError: too far" },
    { type: "RUN_FINISHED", threadId: "r", runId: "r", outcome: { type: "cancelled" } },
  ]);
});

test("toAgUi() begins again where delivery does", async () => {
  const step = draft("span.started", { span_id: "s", parent_span_id: null, name: "s" });
  const gap = { reason: "new_epoch", count: 0, from_seq: 1, to_seq: 0 };
  const written = await write([step, draft("bus.gap", gap), step]);
  await judgeAgUi(written);
  assertEquals(written.filter(({ type }) => type === "RUN_STARTED").length, 2);
});

test("toAgUi() passes other events on by their types, and takes a thread", async () => {
  const bus = new EventBus();
  await withRun({ runId: "r", bus }, () => emit("shop.paid", { order: 7 }));
  const events = bus.history({ run: "r" }).toReversed();
  const [start, , paid] = await write(events, { threadId: "t" });
  assertEquals(start?.type === "RUN_STARTED" && start.threadId, "t");
  assertEquals(paid?.type === "CUSTOM" && [paid.name, paid.value], ["shop.paid", { order: 7 }]);
});

test("toAgUi() says which option is wrong", () => {
  assertThrows(() => toAgUi({ threadId: 1 as never }), TypeError, '"threadId" must be a string');
  assertThrows(() => toAgUi({ thread: "t" } as never), TypeError, "threadId");
});

/** The messages that a client has in the end. */
async function followed(events: readonly AgUiEvent[]): Promise<Message[]> {
  const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  const headers = { "Content-Type": "text/event-stream" };
  const fetch = () => Promise.resolve(new Response(body, { headers }));
  const agent = new HttpAgent({ url: "http://localhost/", fetch });
  await agent.runAgent();
  return agent.messages;
}
