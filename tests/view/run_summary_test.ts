import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus, type StreamEvent } from "@locus/core";
import {
  addToSummary,
  closeSummary,
  createRunSummary,
  type RunSummary,
} from "../../src/view/run_summary.ts";

/** Events of a run, by type and payload, as a bus makes them. */
function makeEvents(...drafts: [type: string, data: object][]): StreamEvent[] {
  const bus = new EventBus();
  for (const [type, data] of drafts) {
    bus.publish<string>({ run_id: "r", event_type: type, data });
  }
  return bus.history({ run: "r" }).reverse() as StreamEvent[];
}

function summarize(...drafts: [type: string, data: object][]): RunSummary {
  const summary = createRunSummary("r");
  for (const event of makeEvents(...drafts)) addToSummary(summary, event);
  return summary;
}

function control(type: string, data: object): StreamEvent {
  return {
    event_id: "e-9",
    run_id: "r",
    event_type: type,
    timestamp: "2026-01-31T12:00:09.000Z",
    data,
  } as StreamEvent;
}

const think: [string, object] = ["agent.think", { iteration: 0 }];
const question = { interrupt_id: "int_1", question_preview: "Really?", options: ["yes", "no"] };
const terminate = (reason: string): [string, object] => ["agent.terminate", { reason }];

test("A summary begins with nothing but the run", () => {
  const { run_id, state, reason, last_event_id, started_at, ended_at } = createRunSummary("r");
  assertEquals([run_id, state, reason, last_event_id, started_at, ended_at], [
    "r",
    "running",
    null,
    null,
    null,
    null,
  ]);
});

test("addToSummary() notes the first, the latest and the last event", () => {
  const events = makeEvents(think, ["shop.paid", {}], think);
  const summary = createRunSummary("r");
  for (const event of events) addToSummary(summary, event);
  assertEquals([summary.started_at, summary.updated_at], [
    events[0]!.timestamp,
    events[2]!.timestamp,
  ]);
  assertEquals([summary.last_event_id, summary.ended_at], [events[2]!.event_id, null]);
});

test("addToSummary() counts calls, tokens and errors", () => {
  const tokens = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 16 };
  const summary = summarize(
    ["agent.model.completed", {}],
    ["agent.tokens.used", tokens],
    ["agent.tokens.used", tokens],
    ["agent.tool.started", {}],
    ["agent.tool.completed", { success: true }],
    ["agent.tool.started", {}],
    ["agent.tool.completed", { success: false }],
    ["span.completed", { success: false }],
    ["span.completed", { success: true }],
  );
  const { model_calls, tool_calls, errors, prompt_tokens, completion_tokens, total_tokens } =
    summary;
  assertEquals(
    { model_calls, tool_calls, errors, prompt_tokens, completion_tokens, total_tokens },
    {
      model_calls: 1,
      tool_calls: 2,
      errors: 2,
      prompt_tokens: 20,
      completion_tokens: 10,
      total_tokens: 32,
    },
  );
});

test("addToSummary() survives payloads that are not what they should be", () => {
  for (
    const type of [
      "agent.tokens.used",
      "agent.tool.completed",
      "agent.terminate",
      "agent.interrupt",
      "span.completed",
    ]
  ) {
    const placeholder = { $placeholder: "too_large" };
    const summary = summarize([type, {}], [type, {
      total_tokens: placeholder,
      reason: placeholder,
    }]);
    assertEquals(summary.total_tokens, 0);
  }
});

for (
  const [reason, state, errors] of [
    ["complete", "done", 0],
    ["tool_called:submit", "done", 0],
    ["max_iterations", "stopped", 0],
    ["cancelled", "stopped", 0],
    ["error", "failed", 1],
  ] as const
) {
  test(`addToSummary() takes an agent that ended with ${reason} for ${state}`, () => {
    const summary = summarize(think, terminate(reason));
    assertEquals([summary.state, summary.reason, summary.errors], [state, reason, errors]);
    assertEquals(summary.ended_at, summary.updated_at);
  });
}

test("addToSummary() goes on when another agent is heard of", () => {
  const summary = summarize(think, terminate("error"), think);
  assertEquals([summary.state, summary.reason, summary.ended_at], ["running", null, null]);
});

test("addToSummary() leaves a run at its end for events that are no agent's", () => {
  const summary = summarize(think, terminate("complete"), ["shop.paid", {}]);
  assertEquals([summary.state, summary.reason], ["done", "complete"]);
});

test("addToSummary() waits with a question until something is heard of an agent", () => {
  const waiting = summarize(think, ["agent.interrupt", question]);
  assertEquals([waiting.state, waiting.question], ["waiting", question]);
  const going = summarize(["agent.interrupt", question], think);
  assertEquals([going.state, going.question], ["running", null]);
});

test("addToSummary() counts what is missing, and takes a gap for no event of the run", () => {
  const summary = summarize(think);
  const { updated_at } = summary;
  addToSummary(summary, control("bus.gap", { from_seq: 2, to_seq: 9, count: 8, reason: "lagged" }));
  assertEquals([summary.missed_events, summary.updated_at], [8, updated_at]);
  // Resuming after it is resuming behind the gap.
  assertEquals(summary.last_event_id, "e-9");
});

test("addToSummary() takes bus.end for the end", () => {
  const summary = summarize(think);
  const { last_event_id } = summary;
  addToSummary(summary, control("bus.end", { last_event_id }));
  assertEquals([summary.state, summary.ended_at], ["ended", "2026-01-31T12:00:09.000Z"]);
  assertEquals(summary.last_event_id, last_event_id);
});

test("addToSummary() takes bus.error for nothing of the run", () => {
  const summary = summarize(think);
  const before = { ...summary };
  addToSummary(summary, control("bus.error", { correlation_id: "c" }));
  assertEquals(summary, before);
});

test("closeSummary() keeps how the latest agent ended", () => {
  for (const [reason, state] of [["complete", "done"], ["error", "failed"]] as const) {
    const summary = summarize(think, terminate(reason));
    const { ended_at } = summary;
    closeSummary(summary, "2026-01-31T12:00:09.000Z");
    assertEquals([summary.state, summary.reason, summary.ended_at], [state, reason, ended_at]);
  }
});

test("closeSummary() ends what was running or waiting, and may come again", () => {
  for (const last of [think, ["agent.interrupt", question] as [string, object]]) {
    const summary = summarize(last);
    for (let n = 0; n < 2; n++) closeSummary(summary, null);
    assertEquals([summary.state, summary.question, summary.ended_at], [
      "ended",
      null,
      summary.updated_at,
    ]);
  }
});
