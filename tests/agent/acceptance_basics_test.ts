import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { hasEventBus, resetEventBus } from "../../mod.ts";
import { toolCall } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, onBus, only, outline } from "./_support.ts";

const TWO_CALLS = [
  ["two", toolCall("c1", "add", { a: 1, b: 2 }), toolCall("c2", "add", { a: 3, b: 4 })],
  ["3 and 7"],
];

const TWO_CALLS_OUTLINE = [
  "model_complete",
  "think",
  "tool_start c1",
  "tool_start c2",
  "tool_complete c1",
  "tool_complete c2",
  "model_complete",
  "think",
  "terminate",
];

test("Agent: acceptance 1, two parallel calls", async () => {
  const { agent } = agentOf(TWO_CALLS, { tools: addTool() });
  const { events, error } = await collect(agent.run("add"));

  assertEquals(error, null);
  assertEquals(outline(events), TWO_CALLS_OUTLINE);
  assertEquals(all(events, "think").map((e) => [e.iteration, e.tool_calls.length]), [[0, 2], [
    1,
    0,
  ]]);
  assertEquals(all(events, "tool_complete").map((e) => e.result), ["3", "7"]);
  const { timestamp: _, ...terminate } = only(events, "terminate");
  assertEquals(terminate, {
    event_type: "terminate",
    reason: "complete",
    iterations_used: 2,
    total_tool_calls: 2,
    final_confidence: 0,
    final_message: "3 and 7",
  });
});

test("Agent: acceptance 2, the same run on the bus", async () => {
  const { agent } = agentOf(TWO_CALLS, { tools: addTool() });
  const { events } = await onBus(() => collect(agent.run("add")));

  assertEquals(events.map((event) => event.event_type), [
    "agent.model.completed",
    "agent.tokens.used",
    "agent.think",
    "agent.tool.started",
    "agent.tool.started",
    "agent.tool.completed",
    "agent.tool.completed",
    "agent.model.completed",
    "agent.tokens.used",
    "agent.think",
    "agent.terminate",
  ]);
  const [completed, tokens, think, started, , toolCompleted] = events.map((event) => event.data);
  assertEquals(completed, { content_preview: "two", tool_call_count: 2, stop_reason: "stop" });
  assertEquals(tokens, { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 });
  assertEquals(think, {
    iteration: 0,
    reasoning_preview: "two",
    has_tool_calls: true,
    tool_call_count: 2,
  });
  assertEquals(started, { tool_name: "add", span_id: "c1", arg_keys: ["a", "b"] });
  assertEquals(toolCompleted, {
    tool_name: "add",
    span_id: "c1",
    success: true,
    duration_ms: toolCompleted!.duration_ms,
    output_preview: "3",
    error: null,
  });
  assertEquals(events.at(-1)!.data, {
    reason: "complete",
    iterations_used: 2,
    final_confidence: 0,
    total_tool_calls: 2,
    final_message_preview: "3 and 7",
  });
});

test("Agent: acceptance 3, without a run context there is no bus", async () => {
  resetEventBus();
  const { agent } = agentOf(TWO_CALLS, { tools: addTool() });
  const { events } = await collect(agent.run("add"));

  assertEquals(outline(events), TWO_CALLS_OUTLINE);
  assertEquals(hasEventBus(), false);
});

test("Agent: acceptance 4, a plain answer", async () => {
  const { events } = await collect(agentOf([["hi"]]).agent.run("hello"));
  assertEquals(outline(events), ["model_complete", "think", "terminate"]);
  assertEquals(only(events, "terminate").reason, "complete");

  const result = await agentOf([["hi"]]).agent.invoke("hello");
  assertEquals(result.success, true);
  assertEquals(result.message, "hi");
  const { metrics } = result;
  assertEquals(
    [metrics.iterations, metrics.tool_calls, metrics.tools_success_rate],
    [1, 0, 1],
  );
  assertEquals(
    [metrics.prompt_tokens, metrics.completion_tokens, metrics.total_tokens],
    [5, 3, 8],
  );
});

test("Agent: acceptance 33, streaming", async () => {
  const { agent } = agentOf([[{ deltas: ["Hel", "lo"] }]], { streaming: "auto" });
  const { events: bus, value } = await onBus(() => collect(agent.run("hi")));

  assertEquals(outline(value.events), [
    "model_chunk",
    "model_chunk",
    "model_chunk",
    "model_complete",
    "think",
    "terminate",
  ]);
  assertEquals(
    all(value.events, "model_chunk").map((e) => [e.content, e.tool_calls, e.done]),
    [["Hel", null, false], ["lo", null, false], [null, null, true]],
  );
  const complete = only(value.events, "model_complete");
  assertEquals(complete.content, "Hello");
  assertEquals(complete.usage, {
    input_tokens: 5,
    output_tokens: 3,
    prompt_tokens: 5,
    completion_tokens: 3,
    total_tokens: 8,
  });
  assertEquals(
    bus.filter((event) => event.event_type === "agent.model.chunk").map((event) => event.data),
    [
      { content_preview: "Hel", done: false, has_tool_calls: false },
      { content_preview: "lo", done: false, has_tool_calls: false },
      { content_preview: "", done: true, has_tool_calls: false },
    ],
  );
});
