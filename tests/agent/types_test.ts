import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import * as v from "valibot";
import { z } from "zod";
import { type AgentEvent, tool, type ToolCall, type ToolStartEvent } from "../../src/agent/mod.ts";
import { toolCall } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, collect, only } from "./_support.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Compiles only if `T` is true. */
function assertType<_T extends true>(): void {}

/** An exhaustive switch: without one of its cases it does not compile. */
function describe(event: AgentEvent): string {
  switch (event.event_type) {
    case "think":
      assertType<Same<typeof event.reasoning, string | null>>();
      assertType<Same<typeof event.tool_calls, readonly ToolCall[]>>();
      return `think ${event.iteration}`;
    case "tool_start":
      assertType<Same<typeof event, ToolStartEvent>>();
      return `start ${event.tool_name}`;
    case "tool_complete":
      assertType<Same<typeof event.duration_ms, number>>();
      return `complete ${event.success}`;
    case "reflect":
      return event.assessment;
    case "grounding":
      return String(event.score);
    case "causal_node":
      return event.label;
    case "causal_edge":
      return event.relationship;
    case "interrupt":
      return event.question;
    case "model_chunk":
      return String(event.done);
    case "model_complete":
      return String(event.usage.total_tokens);
    case "terminate":
      assertType<Same<typeof event.reason, string>>();
      return event.reason;
    default:
      return event satisfies never;
  }
}

test("AgentEvent narrows on event_type, and a switch over it can be exhaustive", async () => {
  const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })], ["3"]], { tools: addTool() });
  const { events } = await collect(agent.run("go"));
  assertEquals(events.map(describe), [
    "8",
    "think 0",
    "start add",
    "complete true",
    "8",
    "think 1",
    "complete",
  ]);
});

test("Events are deeply frozen, with an ISO timestamp and nothing but the documented keys", async () => {
  const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })], ["3"]], {
    tools: addTool(),
    streaming: true,
  });
  const { events } = await collect(agent.run("go"));
  for (const event of events) {
    assertDeepFrozen(event);
    assertEquals(new Date(event.timestamp).toISOString(), event.timestamp);
  }
  const keys = (type: AgentEvent["event_type"]) =>
    Object.keys(JSON.parse(JSON.stringify(events.find((event) => event.event_type === type))))
      .sort();
  const common = ["event_type", "timestamp"];
  const expected: [AgentEvent["event_type"], string[]][] = [
    ["think", ["iteration", "reasoning", "tool_calls"]],
    ["tool_start", ["arguments", "tool_call_id", "tool_name"]],
    ["tool_complete", ["duration_ms", "error", "result", "tool_call_id", "tool_name"]],
    ["model_chunk", ["content", "done", "tool_calls"]],
    ["model_complete", ["content", "stop_reason", "tool_calls", "usage"]],
    ["terminate", [
      "final_confidence",
      "final_message",
      "iterations_used",
      "reason",
      "total_tool_calls",
    ]],
  ];
  for (const [type, own] of expected) assertEquals(keys(type), [...common, ...own].sort());
  assertThrows(() => {
    // @ts-expect-error events are read-only, to the compiler too
    only(events, "terminate").reason = "error";
  }, TypeError);
});

test("tool() infers what execute() gets", () => {
  tool({
    name: "zod",
    parameters: z.object({ city: z.string(), days: z.number().default(1) }),
    execute: (args, { signal }) => {
      assertType<Same<typeof args, { city: string; days: number }>>();
      assertType<Same<typeof signal, AbortSignal>>();
    },
  });
  tool({
    name: "valibot",
    parameters: v.object({ city: v.string() }),
    jsonSchema: { type: "object", properties: { city: { type: "string" } } },
    execute: (args) => assertType<Same<typeof args, { city: string }>>(),
  });
  tool({
    name: "json_schema",
    parameters: { type: "object" },
    execute: (args) => assertType<Same<typeof args, Record<string, unknown>>>(),
  });
  tool<{ n: number }>({
    name: "said",
    parameters: { type: "object" },
    execute: (args) => assertType<Same<typeof args, { n: number }>>(),
  });
  tool({
    name: "asks",
    execute: (_, { interrupt }) => {
      const answer = interrupt("?");
      assertType<Same<typeof answer, string>>();
    },
  });
  // @ts-expect-error a tool does something
  assertThrows(() => tool({ name: "idle" }), TypeError);
});

function assertDeepFrozen(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  assertEquals(Object.isFrozen(value), true);
  Object.values(value).forEach(assertDeepFrozen);
}
