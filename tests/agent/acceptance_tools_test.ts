import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type AgentOptions, tool } from "../../src/agent/mod.ts";
import { type Script, toolCall } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, gate, onBus, only, outline } from "./_support.ts";

/** What the model was told about tools in its last call, in order. */
function toldResults(
  model: ReturnType<typeof agentOf>["model"],
): { type: string; value: unknown }[] {
  const message = model.calls.at(-1)!.prompt.at(-1)!;
  if (message.role !== "tool") throw new Error(`the last message is of ${message.role}`);
  return message.content.map((part) => {
    if (part.type !== "tool-result" || !("value" in part.output)) throw new Error("no result");
    return { type: part.output.type, value: part.output.value };
  });
}

/** Calls tools in one turn, answers "done" in the next. */
function oneTurn(
  calls: readonly [id: string, name: string, args: unknown][],
  options: Partial<AgentOptions>,
): ReturnType<typeof agentOf> {
  return agentOf([calls.map(([id, name, args]) => toolCall(id, name, args)), ["done"]], options);
}

test("Agent: acceptance 5, a tool throws, and the model is told", async () => {
  const failing = tool({
    name: "fail",
    execute: () => {
      throw new Error("bad");
    },
  });
  const { agent, model } = oneTurn([["c1", "fail", {}]], { tools: failing });
  const run = agent.run("go");
  const { events } = await collect(run);

  const complete = only(events, "tool_complete");
  assertEquals([complete.result, complete.error, complete.success], [null, "Error: bad", false]);
  assertEquals(typeof complete.duration_ms, "number");
  assertEquals(toldResults(model), [{ type: "error-text", value: "Error: Error: bad" }]);
  assertEquals(run.result!.metrics.tool_errors, 1);
  assertEquals(run.result!.stop_reason, "complete");
});

test("Agent: acceptance 6, an unknown tool", async () => {
  const { agent } = oneTurn([["c1", "nope", { x: 1 }]], { tools: addTool() });
  const { events: bus, value } = await onBus(() => collect(agent.run("go")));

  assertEquals(outline(value.events).slice(2, 4), ["tool_start c1", "tool_complete c1"]);
  const complete = only(value.events, "tool_complete");
  assertEquals([complete.error, complete.duration_ms], ["Unknown tool: nope", 0]);
  assertEquals(only(value.events, "terminate").reason, "complete");
  const completed = bus.find((event) => event.event_type === "agent.tool.completed")!;
  assertEquals(completed.data.success, false);
});

test("Agent: acceptance 7, bad arguments never reach the body", async () => {
  let calls = 0;
  const add = { ...addTool(), execute: () => calls++ };
  const { agent, model } = oneTurn([["c1", "add", { a: "x" }]], { tools: add });
  const { events } = await collect(agent.run("go"));

  assertEquals(calls, 0);
  const { error, duration_ms } = only(events, "tool_complete");
  assert(error!.startsWith("ToolValidationError: a: "), error!);
  assertEquals(duration_ms, 0);
  assertEquals(only(events, "tool_start").arguments, { a: "x" });
  const [told] = toldResults(model);
  assertStringIncludes(String(told!.value), "a: ");
  assertStringIncludes(String(told!.value), "b: ");
});

test("Agent: acceptance 8, siblings of a failing call survive", async () => {
  const half = tool<{ n: number }>({
    name: "half",
    parameters: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] },
    execute: ({ n }) => {
      if (n % 2 === 1) throw new RangeError("odd");
      return n / 2;
    },
  });
  const { agent } = oneTurn(
    [["c1", "half", { n: 2 }], ["c2", "half", { n: 3 }], ["c3", "half", { n: 4 }]],
    { tools: half },
  );
  const { events } = await collect(agent.run("go"));

  assertEquals(
    all(events, "tool_complete").map((e) => [e.tool_call_id, e.result, e.error]),
    [["c1", "1", null], ["c2", null, "RangeError: odd"], ["c3", "2", null]],
  );
});

test("Agent: acceptance 9, completes in the order of completion", async () => {
  // Each waits for its turn: fast, then med, then slow; no clock is involved.
  const fastDone = gate();
  const medDone = gate();
  const named = (name: string, execute: () => Promise<string>) => tool({ name, execute });
  const tools = [
    named("slow", async () => {
      await medDone.promise;
      return "slow";
    }),
    named("fast", () => Promise.resolve("fast")),
    named("med", async () => {
      await fastDone.promise;
      return "med";
    }),
  ];
  const { agent } = oneTurn([["1", "slow", {}], ["2", "fast", {}], ["3", "med", {}]], {
    tools,
    toolEventOrder: "completion",
  });
  const run = agent.run("go");
  const completes: string[] = [];
  for await (const event of run) {
    if (event.event_type !== "tool_complete") continue;
    completes.push(event.tool_name);
    if (event.tool_name === "fast") fastDone.resolve();
    if (event.tool_name === "med") medDone.resolve();
  }

  assertEquals(completes, ["fast", "med", "slow"]);
  assertEquals(
    run.result!.tool_executions.map((execution) => execution.tool_name),
    ["slow", "fast", "med"],
  );
});

test("Agent: acceptance 10, sequential execution", async () => {
  let running = 0;
  let peak = 0;
  const step = tool({
    name: "step",
    execute: async () => {
      peak = Math.max(peak, ++running);
      await Promise.resolve();
      running--;
    },
  });
  const { agent } = oneTurn([["c1", "step", {}], ["c2", "step", {}]], {
    tools: step,
    toolExecution: "sequential",
  });
  const { events } = await collect(agent.run("go"));

  assertEquals(outline(events).slice(2, 6), [
    "tool_start c1",
    "tool_complete c1",
    "tool_start c2",
    "tool_complete c2",
  ]);
  assertEquals(peak, 1);
});

test("Agent: acceptance 11, maxConcurrency bounds what runs at the same time", async () => {
  let running = 0;
  let peak = 0;
  const step = tool({
    name: "step",
    execute: async () => {
      peak = Math.max(peak, ++running);
      for (let i = 0; i < 10; i++) await Promise.resolve();
      running--;
    },
  });
  const calls = [1, 2, 3, 4, 5].map((n): [string, string, unknown] => [`c${n}`, "step", {}]);
  const { agent } = oneTurn(calls, { tools: step, maxConcurrency: 2 });
  const { events } = await collect(agent.run("go"));

  assertEquals(peak, 2);
  assertEquals(all(events, "tool_complete").length, 5);
});

test("Agent: acceptance 12, an idempotent tool is called once for equal arguments in a turn", async () => {
  let calls = 0;
  const count = { ...addTool(), idempotent: true, execute: () => `call ${++calls}` };
  const x = { a: 1, b: 1 };
  const { agent } = oneTurn(
    [["c1", "add", x], ["c2", "add", x], ["c3", "add", { a: 2, b: 2 }], ["c4", "add", x]],
    { tools: count },
  );
  const run = agent.run("go");
  const { events } = await collect(run);

  assertEquals(calls, 2);
  assertEquals(
    run.result!.tool_executions.map((execution) => execution.idempotent_cache_hit),
    [false, true, false, true],
  );
  assertEquals(all(events, "tool_start").length, 4);
  const results = all(events, "tool_complete").map((event) => event.result);
  assertEquals(results, ["call 1", "call 1", "call 2", "call 1"]);
});

test("Agent: acceptance 13, an idempotent tool is called once for equal arguments in a run", async () => {
  let calls = 0;
  const count = { ...addTool(), idempotent: true, execute: () => ++calls };
  const { agent } = agentOf([
    [toolCall("c1", "add", { a: 1, b: 2 })],
    [toolCall("c2", "add", { b: 2, a: 1 })],
    ["done"],
  ], { tools: count });
  const run = agent.run("go");
  const { events } = await collect(run);

  assertEquals(calls, 1);
  const second = all(events, "tool_complete")[1]!;
  assertEquals([second.result, second.duration_ms], ["1", 0]);
  assertEquals(run.result!.tool_executions[1]!.idempotent_cache_hit, true);
});

test("Agent: acceptance 14, a terminal tool ends the run, also on the last turn", async () => {
  const submit = tool({ name: "submit", execute: () => "R" });
  for (const maxIterations of [20, 1]) {
    const script: Script[] = [[toolCall("c1", "submit", {})], ["never asked"]];
    const { agent, model } = agentOf(script, { tools: submit, maxIterations });
    const { events } = await collect(agent.run("go"));

    const last = events.at(-1)!;
    assert(last.event_type === "terminate");
    assertEquals([last.reason, last.final_message], ["terminal_tool", "R"]);
    assertEquals(model.calls.length, 1);
  }
});
