import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus, type StreamEvent } from "@locus/core";
import {
  addToSummary,
  closeSummary,
  createRunSummary,
  type RunSummary,
} from "../../src/view/run_summary.ts";
import { Script } from "./_script.ts";

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

test("addToSummary() counts the tokens of each model, of sixteen models at most", () => {
  const used = (model: string) =>
    ["agent.tokens.used", { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, model }] as [
      string,
      object,
    ];
  const names = ["__proto__", "small", "small", ...Array.from({ length: 30 }, (_, n) => `m${n}`)];
  const { models } = summarize(...names.map(used));
  assertEquals(Object.keys(models).length, 16);
  assertEquals(models.small, { prompt_tokens: 20, completion_tokens: 10 });
  assertEquals(Object.hasOwn(models, "__proto__"), true);
});

test("addToSummary() counts what a provider had cached, where it says so", () => {
  const used = (model: string, cached?: number): [string, object] => [
    "agent.tokens.used",
    {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      model,
      cached_input_tokens: cached,
    },
  ];
  const { models } = summarize(used("a", 8), used("a"), used("a", 2), used("b"), used("c", 0));
  assertEquals(Object.values(models).map((model) => model.cached_input_tokens), [
    10,
    undefined,
    undefined,
  ]);
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
    ["cancelled", "cancelled", 0],
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

test("addToSummary() counts of a gap after a position what comes after the last event", () => {
  const missed = (...gaps: [to: number, count: number, reason: string][]) => {
    const summary = createRunSummary("r");
    addToSummary(summary, { ...control("shop.paid", {}), event_id: "e-3" });
    for (const [to, count, reason] of gaps) {
      const gap = { from_seq: to - count + 1, to_seq: to, count, reason };
      addToSummary(summary, { ...control("bus.gap", gap), event_id: `e-${to}` });
    }
    return summary.missed_events;
  };
  assertEquals(missed([9, 9, "evicted"]), 6);
  assertEquals(missed([3, 3, "evicted"], [2, 2, "lagged"]), 0);
  assertEquals(missed([9, 2, "lagged"]), 2);
  // What it had is of another log, or of none.
  assertEquals(missed([2, 2, "new_epoch"], [2, 2, "unknown_cursor"]), 4);
});

test("G6: addToSummary() ends a run with its last event, not when that was read", () => {
  const summary = summarize(think);
  const { last_event_id, updated_at } = summary;
  addToSummary(summary, control("bus.end", { last_event_id }));
  assertEquals([summary.state, summary.ended_at], ["ended", updated_at]);
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

test("addToSummary() takes the end of a run from run.completed, where no agent says more", () => {
  const ends: [string, object][] = [
    ["ok", { state: "done", reason: null, errors: 0 }],
    ["error", { state: "failed", reason: "error", errors: 1 }],
    ["cancelled", { state: "cancelled", reason: "cancelled", errors: 0 }],
    ["waiting", { state: "waiting", reason: null, errors: 0 }],
  ];
  for (const [outcome, expected] of ends) {
    const { state, reason, errors } = summarize(
      ["run.started", {}],
      ["run.completed", { outcome, error: null }],
    );
    assertEquals({ state, reason, errors }, expected, outcome);
  }
  const { state, reason } = summarize(terminate("max_iterations"), ["run.completed", {
    outcome: "error",
    error: "stopped: max_iterations",
  }]);
  assertEquals([state, reason], ["stopped", "max_iterations"]);
});

test("addToSummary() lets a run that waited go on", () => {
  const waited: [string, object][] = [
    ["agent.interrupt", question],
    ["run.completed", { outcome: "waiting" }],
  ];
  assertEquals(summarize(...waited).question, question as never);
  const { state, question: asked } = summarize(...waited, ["run.started", { resumed: true }]);
  assertEquals([state, asked], ["running", null]);
});

test("G1: addToSummary() keeps the error that a run failed with", () => {
  const end = { iterations_used: 1, final_confidence: 0, total_tool_calls: 0 };
  const { picture: { summary } } = new Script().emit("agent.terminate", {
    ...end,
    reason: "error",
    final_message_preview: "",
    success: false,
    error: "Error: no model",
    error_kind: "model",
    duration_ms: 3,
  });
  assertEquals([summary.state, summary.error], ["failed", "Error: no model"]);
});

test("addToSummary() goes by what an agent says of its success, not by the reason", () => {
  const end = (more: object) =>
    new Script().emitAny("agent.terminate", { reason: "complete", ...more }).picture.summary.state;
  assertEquals([
    end({ success: true }),
    end({ success: false, error_kind: "model" }),
    end({ success: false, error_kind: "limit" }),
    end({ success: false, error_kind: "cancelled" }),
  ], ["done", "failed", "stopped", "cancelled"]);
});

test("addToSummary() counts an agent that failed once, and one that was stopped not at all", () => {
  const errors = (end: object) =>
    summarize(
      ["span.started", { span_id: "a", kind: "agent" }],
      ["agent.terminate", { span_id: "a", success: false, ...end }],
      ["span.completed", { span_id: "a", kind: "agent", success: false }],
      ["run.completed", { outcome: "error" }],
    ).errors;
  assertEquals([
    errors({ reason: "error", error: "Error: no model", error_kind: "model" }),
    errors({ reason: "max_iterations", error_kind: "limit" }),
    errors({ reason: "cancelled", error_kind: "cancelled" }),
  ], [1, 0, 0]);
});

test("G5: addToSummary() says that a router or a coordination run failed", () => {
  const failed = [
    new Script().emitAny("router.runnable.failed", { protocol_id: "p", error: "Error: no route" }),
    new Script().emitAny("execution_failed", { error: "Error: no worker" }),
  ].map((script) => script.end().picture.summary);
  assertEquals(failed.map(({ state, error }) => [state, error]), [
    ["failed", "Error: no route"],
    ["failed", "Error: no worker"],
  ]);
});

test("addToSummary() takes the last word of a run that an agent had ended well", () => {
  const { picture: { summary } } = new Script().terminate("complete")
    .emit("run.completed", { outcome: "error", error: "Error: after it", duration_ms: 1 });
  assertEquals([summary.state, summary.error], ["failed", "Error: after it"]);
});

test("addToSummary() takes title and tags from the first run.started", () => {
  const { title, tags } = summarize(
    ["run.started", { name: "Refund order 1042", input_preview: "Hello", tags: { plan: "pro" } }],
    ["run.started", { name: "Another", tags: { plan: "free" }, resumed: true }],
  );
  assertEquals([title, tags], ["Refund order 1042", { plan: "pro" }]);
});

test("addToSummary() titles a run without a name by the first line of its input", () => {
  const titles = [
    ["run.started", { name: null, input_preview: " \nWhere is it?\r\nI wait.", tags: {} }],
    ["run.started", { name: "", input_preview: "" }],
    ["shop.paid", { name: "no run" }],
  ].map((draft) => summarize(draft as [string, object]).title);
  assertEquals(titles, ["Where is it?", null, null]);
});

test("addToSummary() cuts title and tags, and takes no tag that is no text", () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`tag${n}`, "x"]));
  const long = summarize(["run.started", {
    name: "t".repeat(5_000),
    tags: { ["k".repeat(500)]: "v".repeat(500), ...many },
  }]);
  assertEquals([long.title!.length, Object.keys(long.tags).length], [200, 16]);
  const [[key, value]] = Object.entries(long.tags) as [[string, string]];
  assertEquals([key.length, value.length], [64, 256]);
  for (const tags of [null, "x", ["a"], { a: 1, b: {}, c: null }]) {
    const { tags: read } = summarize(["run.started", { name: { no: "text" }, tags }]);
    assertEquals(read, {});
  }
});

test("addToSummary() names the event that said that a run failed, until it goes on", () => {
  const failed = summarize(think, ["agent.terminate", { reason: "error", error: "Error: no" }]);
  assertEquals(failed.error_event_id, failed.last_event_id);
  const done = summarize(["agent.terminate", { reason: "error" }], think);
  assertEquals(done.error_event_id, null);
  assertEquals(summarize(["run.completed", { outcome: "cancelled" }]).error_event_id, null);
});

test("addToSummary() lets a run go on that only said itself that it waits", () => {
  const waiting = ["run.completed", { outcome: "waiting" }] as [string, object];
  assertEquals(summarize(waiting, ["shop.paid", {}]).state, "running");
  assertEquals(
    summarize(["agent.interrupt", question], waiting, ["shop.paid", {}]).state,
    "waiting",
  );
});
