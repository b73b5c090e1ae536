import { test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type AgentOptions, type ReflexionOptions, tool } from "../../../src/agent/mod.ts";
import { type Script, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, onBus, only, outline } from "../_support.ts";

/** Calls `add` with other arguments each turn, then answers. */
function adding(turns: number): Script[] {
  const calls = Array.from({ length: turns }, (_, i) => [toolCall(`c${i}`, "add", { a: i, b: 0 })]);
  return [...calls, ["done"]];
}

async function reflectionsOf(script: readonly Script[], options: Partial<AgentOptions>) {
  const { agent, model } = agentOf(script, { reflexion: true, ...options });
  const run = agent.run("go");
  const { events } = await collect(run);
  return { events, reflections: all(events, "reflect"), result: run.result!, model };
}

test("Agent: acceptance 29, one success per turn", async () => {
  const { events, reflections, result } = await reflectionsOf(adding(3), { tools: addTool() });
  assertEquals(reflections.map((event) => [event.confidence_delta, event.new_confidence]), [
    [0.15, 0.15],
    [0.1275, 0.2775],
    [0.108375, 0.385875],
  ]);
  assertEquals(reflections.map((event) => [event.iteration, event.assessment, event.guidance]), [
    [0, "on_track", null],
    [1, "on_track", null],
    [2, "on_track", null],
  ]);
  assertEquals(outline(events).slice(0, 6), [
    "model_complete",
    "think",
    "tool_start c0",
    "tool_complete c0",
    "reflect",
    "model_complete",
  ]);
  assertEquals(only(events, "terminate").final_confidence, 0.385875);
  assertEquals(result.state.confidence_history, [0.15, 0.2775, 0.385875]);
});

test("Agent: acceptance 29, a long result is a finding, and the model is told", async () => {
  const look = tool({ name: "look", execute: () => "x".repeat(101) });
  const { reflections, model } = await reflectionsOf([[toolCall("c1", "look", {})], ["done"]], {
    tools: look,
  });
  assertEquals(reflections[0]!.assessment, "new_findings");
  const said = JSON.stringify(model.calls[1]!.prompt.slice(model.calls[0]!.prompt.length));
  assertStringIncludes(said, "[Agent Self-Reflection]\\n[Reflection - new_findings]");
  assertEquals(said.split("[Agent Self-Reflection]").length, 2);
});

test("Agent: acceptance 29, two failures of two", async () => {
  const fail = tool({
    name: "fail",
    execute: () => {
      throw new Error("bad");
    },
  });
  const script = [[toolCall("c1", "fail", { n: 1 }), toolCall("c2", "fail", { n: 2 })], ["done"]];
  const low = await reflectionsOf(script, { tools: fail });
  const { assessment, confidence_delta, new_confidence } = low.reflections[0]!;
  assertEquals([assessment, confidence_delta, new_confidence], ["stuck", 0, 0]);

  const surer = {
    onBeforeInvocation: (_: string, state: object) => ({ ...state, confidence: 0.6 }),
  };
  const high = await reflectionsOf(script, { tools: fail, hooks: [surer as never] });
  assertEquals(high.reflections[0]!.confidence_delta, -0.4);
  assertEquals(high.reflections[0]!.new_confidence, 0.2);
});

test("Agent: acceptance 29, sure enough after one turn", async () => {
  const { events, result, model } = await reflectionsOf(adding(3), {
    tools: addTool(),
    reflexion: { confidenceThreshold: 0.15 },
  });
  assertEquals(only(events, "terminate").reason, "confidence_met");
  assertEquals([model.calls.length, result.success, result.confidence], [1, true, 0.15]);
  assertEquals(result.state.confidence_threshold, 0.15);
});

test("Agent: explicit mode does not stop because it is sure", async () => {
  const { events } = await reflectionsOf([...adding(1).slice(0, 1), [
    toolCall("c9", "task_complete", { summary: "S" }),
  ]], {
    tools: addTool(),
    completionMode: "explicit",
    reflexion: { confidenceThreshold: 0.1 },
  });
  assertEquals(only(events, "terminate").reason, "terminal_tool");
});

test("A loop is seen on the turn that closes it", async () => {
  const same = Array.from({ length: 4 }, (_, i) => [toolCall(`c${i}`, "add", { a: 1, b: 1 })]);
  const { events, reflections } = await reflectionsOf(same, { tools: addTool() });
  assertEquals(reflections.map((event) => event.assessment), [
    "on_track",
    "on_track",
    "loop_detected",
  ]);
  assertEquals(only(events, "terminate").reason, "tool_loop");
});

test("The deltas add up to the confidence", async () => {
  const { reflections, result } = await reflectionsOf(adding(8), { tools: addTool() });
  const sum = reflections.reduce((total, event) => total + event.confidence_delta, 0);
  assertEquals(sum.toFixed(9), result.confidence.toFixed(9));
});

test("Metrics and reasoning steps tell of reflexion", async () => {
  const { result } = await reflectionsOf(adding(2), { tools: addTool() });
  assertEquals(result.metrics.reflexion_evaluations, 2);
  assertEquals(result.reasoning_steps.map((step) => [step.reflection, step.confidence_delta]), [
    ["on_track", 0.15],
    ["on_track", 0.1275],
  ]);
  const without = await agentOf(adding(1), { tools: addTool() }).agent.invoke("go");
  assertEquals(without.metrics.reflexion_evaluations, 0);
  assertEquals(without.reasoning_steps[0]!.reflection, null);
  assertEquals(without.reasoning_steps[0]!.confidence_delta, 0);
});

test("evaluateEveryNIterations skips turns", async () => {
  const { reflections } = await reflectionsOf(adding(5), {
    tools: addTool(),
    reflexion: { evaluateEveryNIterations: 2 },
  });
  assertEquals(reflections.map((event) => event.iteration), [1, 3]);
});

test("includeGuidance false keeps the advice from the model, not from the event", async () => {
  const look = tool({ name: "look", execute: () => "x".repeat(101) });
  const { reflections, model } = await reflectionsOf([[toolCall("c1", "look", {})], ["done"]], {
    tools: look,
    reflexion: { includeGuidance: false },
  });
  assertStringIncludes(reflections[0]!.guidance!, "[Reflection - new_findings]");
  assertEquals(JSON.stringify(model.calls[1]!.prompt).includes("Self-Reflection"), false);
});

test("With planning, an agent that is stuck is asked for another plan", async () => {
  const { model } = await reflectionsOf([[toolCall("c1", "nope", {})], ["done"]], {
    planning: true,
  });
  assertStringIncludes(JSON.stringify(model.calls[1]!.prompt), "Write a new numbered plan");
});

test("A run that was resumed reflects on the whole turn", async () => {
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => `told ${interrupt("?")}` });
  const { agent } = agentOf([[toolCall("c1", "ask", {})], ["done"]], {
    tools: ask,
    reflexion: true,
  });
  const first = await collect(agent.run("go"));
  assertEquals(all(first.events, "reflect").length, 0);
  const rest = await collect(agent.resume("yes"));
  assertEquals(outline(rest.events).slice(0, 3), ["tool_complete c1", "reflect", "model_complete"]);
  assertEquals(only(rest.events, "reflect").new_confidence, 0.15);
});

test("The bus is told of reflexion between the tools and the next model call", async () => {
  const { agent } = agentOf(adding(1), { tools: addTool(), reflexion: true });
  const { events } = await onBus(() => collect(agent.run("go")));
  const index = events.findIndex((event) => event.event_type === "agent.reflect");
  assertEquals(events[index - 1]!.event_type, "agent.tool.completed");
  assertEquals(events[index + 1]!.event_type, "agent.model.completed");
  assertEquals(events[index]!.data, {
    iteration: 0,
    assessment: "on_track",
    confidence_delta: 0.15,
    new_confidence: 0.15,
    guidance_preview: "",
  });
});

test("Reflexion can be off in three ways", async () => {
  for (const reflexion of [false, null, { enabled: false }]) {
    const { reflections } = await reflectionsOf(adding(1), { tools: addTool(), reflexion });
    assertEquals(reflections.length, 0);
  }
});

test("Agent() refuses bad reflexion options by name", () => {
  const cases: [unknown, ErrorConstructor, string][] = [
    [5, TypeError, "Agent: reflexion: options must be an object, got 5"],
    [{ model: "gpt" }, TypeError, 'Agent: reflexion: unknown option "model"'],
    [{ enabled: 1 }, TypeError, '"enabled" must be true or false, got 1'],
    [{ includeGuidance: 1 }, TypeError, '"includeGuidance" must be true or false'],
    [{ confidenceThreshold: 0 }, RangeError, "must be a number above 0 and at most 1, got 0"],
    [{ evaluateEveryNIterations: 0 }, RangeError, '"evaluateEveryNIterations"'],
  ];
  for (const [reflexion, error, message] of cases) {
    assertThrows(
      () => agentOf([], { reflexion: reflexion as ReflexionOptions }),
      error as never,
      message,
    );
  }
});
