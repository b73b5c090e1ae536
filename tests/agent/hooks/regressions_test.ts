/** What the implementation that this one follows got wrong, in the numbers of its list. */

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { EventBus } from "../../../mod.ts";
import {
  EventBusHook,
  GuardrailsHook,
  type Hook,
  ModelRetryHook,
  SteeringHook,
  tool,
} from "../../../src/agent/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, onBus, only } from "../_support.ts";
import { beforeTool, countingTool } from "./_support.ts";

const ADD_ONCE: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]];

test("Agent: regression B3, the result of a repeated tool call is the one that counts", async () => {
  const { tool } = countingTool("add", (nth) => `try ${nth}`);
  const hook: Hook = { onAfterToolCall: (event) => void (event.attempt < 3 && event.retry()) };
  const run = agentOf(ADD_ONCE, { tools: tool, hooks: [hook] }).agent.run("go");
  const { events } = await collect(run);
  const told = run.result!.state.messages.find(({ role }) => role === "tool")!.content;
  assertEquals([only(events, "tool_complete").result, told], ["try 3", "try 3"]);
});

test("Agent: regression B4, a replaced result is honoured", async () => {
  const hook: Hook = { onAfterToolCall: (event) => event.replaceResult("R") };
  const { state } = await agentOf(ADD_ONCE, { tools: addTool(), hooks: [hook] }).agent.invoke("go");
  assertEquals(state.messages.find(({ role }) => role === "tool")!.content, "R");
});

test("Agent: regression B5, a hook that throws before the run does not swallow terminate", async () => {
  const hook: Hook = {
    onBeforeInvocation: () => {
      throw new Error("no");
    },
  };
  const { events, error } = await collect(agentOf([["hi"]], { hooks: [hook] }).agent.run("go"));
  assertEquals([events.length, only(events, "terminate").reason], [1, "error"]);
  assertEquals((error as Error).message, "no");
});

test("Agent: regression B7, the priority counts, and not the place in the list", async () => {
  const seen: number[] = [];
  const hooks = [300, 10, 150].map((priority): Hook => ({
    priority,
    onBeforeToolCall: () => void seen.push(priority),
  }));
  await agentOf(ADD_ONCE, { tools: addTool(), hooks }).agent.invoke("go");
  assertEquals(seen, [10, 150, 300]);
});

test("Agent: regression B12, the hooks around turns are called", async () => {
  const seen: string[] = [];
  const hook: Hook = {
    onIterationStart: (iteration) => void seen.push(`start ${iteration}`),
    onIterationEnd: (iteration) => void seen.push(`end ${iteration}`),
  };
  await agentOf(ADD_ONCE, { tools: addTool(), hooks: [hook] }).agent.invoke("go");
  assertEquals(seen, ["start 0", "end 0", "start 1", "end 1"]);
});

test("Agent: regression B16, parallel calls of one tool are told apart by their ids", async () => {
  const bus = new EventBus();
  const { agent } = agentOf([
    [toolCall("c1", "add", { a: 1, b: 2 }), toolCall("c2", "add", { a: 3, b: 4 })],
    ["done"],
  ], { tools: addTool(), hooks: [new EventBusHook("r", { bus })] });
  await agent.invoke("go");
  const spans = (type: string) =>
    bus.history({ run: "r", type }).map(({ data }) => (data as { span_id: string }).span_id).sort();
  assertEquals(spans("agent.tool.started"), ["c1", "c2"]);
  assertEquals(spans("agent.tool.completed"), ["c1", "c2"]);
});

test("Agent: regression B17, steering is always told, in the judge's own letters", async () => {
  const applied = async (hook: SteeringHook) => {
    const { agent } = agentOf(ADD_ONCE, { tools: addTool(), hooks: [hook] });
    const { events } = await onBus(() => agent.invoke("go"));
    return events.filter(({ event_type }) => event_type === "agent.steering.applied")
      .map(({ data }) => [data.action, data.reason]);
  };
  const judge = new ScriptedModel(["GUIDE: Ask Ann"]);
  assertEquals(await applied(new SteeringHook({ model: judge })), [["guide", "Ask Ann"]]);
  const listed = new SteeringHook({ model: judge, interruptTools: ["add"] });
  assertEquals((await applied(listed)).map(([action]) => action), ["interrupt"]);
});

test("Agent: regression B18, a guardrail's event has a plain action and comes before what follows", async () => {
  const { agent } = agentOf([["hi"]], { hooks: [new GuardrailsHook({ maxPromptLength: 1 })] });
  const { events } = await onBus(() => collect(agent.run("go")));
  assertEquals(events.map(({ event_type, data }) => [event_type, data.action ?? null]), [
    ["agent.guardrail.triggered", "block"],
    ["agent.terminate", null],
  ]);
});

test("Agent: regression B20, default guardrails let ordinary prompts pass, and block no run for a tool", async () => {
  for (const prompt of ["What is R&D?", "first; then", "run `ls`", "ask ann@example.com"]) {
    const { agent } = agentOf([["hi"]], { hooks: [new GuardrailsHook()] });
    assertEquals((await agent.invoke(prompt)).success, true, prompt);
  }
  const { agent } = agentOf([[toolCall("c1", "rm", {})], ["done"]], {
    tools: countingTool("rm").tool,
    hooks: [new GuardrailsHook()],
  });
  const { events, error } = await collect(agent.run("go"));
  assertEquals([error, all(events, "tool_complete").length], [null, 1]);
});

test("Agent: regression B21, errors of the model reach the hooks, and rate limits are repeated", async () => {
  const limited = Object.assign(new Error("slow down"), { statusCode: 429 });
  const seen: unknown[] = [];
  const { agent } = agentOf([limited, ["ok"]], {
    hooks: [
      new ModelRetryHook({ initialDelay: 0 }),
      { onModelError: ({ error }) => void seen.push(error) },
    ],
  });
  assertEquals((await agent.invoke("go")).message, "ok");
  assertEquals(seen, [limited]);
});

test("A resumed segment has its hooks", async () => {
  const seen: string[] = [];
  const asks = tool({ name: "asks", execute: (_, { interrupt }) => interrupt("ok?") });
  const hook: Hook = {
    onBeforeModelCall: () => void seen.push("model"),
    onBeforeToolCall: ({ tool_name }) => void seen.push(tool_name),
    onAfterToolCall: ({ tool_name }) => void seen.push(`${tool_name} done`),
    onAfterInvocation: () => void seen.push("after"),
  };
  const { agent } = agentOf([
    [toolCall("c1", "asks", {})],
    [toolCall("c2", "add", { a: 1, b: 2 })],
    ["done"],
  ], { tools: [asks, addTool()], hooks: [hook] });
  await agent.invoke("go");
  seen.length = 0;
  await collect(agent.resume("yes"));
  assertEquals(seen, ["asks done", "model", "add", "add done", "model", "after"]);
});

test("Agent: regression B29, a cancelled call of an idempotent tool is not remembered", async () => {
  let bodies = 0;
  const once = tool({ name: "add", idempotent: true, execute: () => `real ${++bodies}` });
  const { agent } = agentOf([
    [toolCall("c1", "add", {}), toolCall("c2", "add", {})],
    [toolCall("c3", "add", {})],
    ["done"],
  ], {
    tools: once,
    hooks: [beforeTool((event) => void (event.tool_call_id === "c1" && event.cancel("NO")))],
  });
  const { state } = await agent.invoke("go");
  assertEquals(state.tool_executions.map(({ result }) => result), ["NO", "real 1", "real 1"]);
});

test("Agent: regression B33, EventBusHook and the agent itself publish the same payloads", async () => {
  const shapes = (events: readonly { event_type: string; data: object }[]) =>
    new Map(events.map(({ event_type, data }) => [event_type, Object.keys(data)]));
  const bus = new EventBus();
  const script = () =>
    agentOf(ADD_ONCE, { tools: addTool(), hooks: [new EventBusHook("h", { bus })] });
  const { events } = await onBus(() => script().agent.invoke("go"));
  const own = shapes(events);
  const hooked = shapes(bus.history({ run: "h" }));
  assertEquals(hooked.size, 4);
  for (const [type, keys] of hooked) assertEquals(keys, own.get(type), type);
});

test("Agent: regression B37, events are steered by the methods that the documents name", async () => {
  let checked = false;
  const hook = beforeTool((event) => {
    assertEquals([typeof event.cancel, typeof event.replaceArguments], ["function", "function"]);
    assertThrows(() => Object.assign(event, { cancel: true }), TypeError, "call cancel()");
    assertThrows(() => Object.assign(event, { arguments: {} }), TypeError, "replaceArguments()");
    checked = true;
  });
  await agentOf(ADD_ONCE, { tools: addTool(), hooks: [hook] }).agent.invoke("go");
  assert(checked);
});

test("Agent: regression B47, options that do not exist are refused by name", () => {
  const model = new ScriptedModel();
  const makers: [make: () => unknown, option: string][] = [
    [() => new SteeringHook({ model, approver: null } as never), "approver"],
    [() => new ModelRetryHook({ max_attempts: 3 } as never), "max_attempts"],
    [() => new GuardrailsHook({ content_policy: {} } as never), "content_policy"],
  ];
  for (const [make, option] of makers) {
    assertThrows(make, TypeError, `unknown option "${option}"`);
  }
  assertThrows(() => agentOf([["hi"]], { hook: [] } as never), TypeError, 'option "hook"');
});
