import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { EventBus, resetEventBus, runContext } from "../../../mod.ts";
import {
  type AgentOptions,
  EventBusHook,
  GuardrailsHook,
  type Hook,
  ModelRetryHook,
  SteeringHook,
  tool,
} from "../../../src/agent/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf, collect, onBus, only, outline } from "../_support.ts";
import { beforeTool, countingTool } from "./_support.ts";

const ADD_ONCE: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]];

test("Agent: acceptance 21, hooks run by priority before something, and in reverse after it", async () => {
  const seen: string[] = [];
  const hook = (priority: number | undefined): Hook => {
    const note = (point: string) => void seen.push(`${point} ${priority ?? "default"}`);
    return {
      ...(priority === undefined ? {} : { priority }),
      onBeforeInvocation: () => note("before"),
      onIterationStart: () => note("start"),
      onBeforeModelCall: () => note("model"),
      onAfterModelCall: () => note("answer"),
      onBeforeToolCall: () => note("tool"),
      onAfterToolCall: () => note("result"),
      onIterationEnd: () => note("end"),
      onAfterInvocation: () => note("after"),
    };
  };
  const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]], {
    tools: addTool(),
    hooks: [hook(undefined), hook(10), hook(150), hook(300)],
  });
  await agent.invoke("go");

  const ascending = ["10", "150", "default", "300"];
  const turn = (...points: string[]) => points;
  const expected = [
    "before",
    ...turn("start", "model", "answer", "tool", "result", "end"),
    ...turn("start", "model", "answer", "end"),
    "after",
  ].flatMap((point) => {
    const isEnd = ["answer", "result", "end", "after"].includes(point);
    return (isEnd ? ascending.toReversed() : ascending).map((name) => `${point} ${name}`);
  });
  assertEquals(seen, expected);
});

test("Agent: acceptance 22, a hook cancels a tool call", async () => {
  let bodies = 0;
  const once = tool({ name: "add", idempotent: true, execute: () => `real ${++bodies}` });
  const call = (id: string) => [toolCall(id, "add", {})];
  let cancels = true;
  const { agent, model } = agentOf([call("c1"), call("c2"), ["done"]], {
    tools: once,
    hooks: [beforeTool((event) => {
      if (cancels) event.cancel("NO");
      cancels = false;
    })],
  });
  const { events: bus, value } = await onBus(() => collect(agent.run("go")));

  const completes = value.events.filter((event) => event.event_type === "tool_complete");
  assertEquals(completes.map((event) => [event.result, event.error, event.success]), [
    ["NO", null, true],
    ["real 1", null, true],
  ]);
  assertEquals(completes[0]!.duration_ms, 0);
  assertEquals(bodies, 1);
  assertEquals(
    bus.filter(({ event_type }) => event_type === "agent.tool.completed")
      .map(({ data }) => data.success),
    [true, true],
  );
  assertStringIncludes(JSON.stringify(model.calls[1]!.prompt), '"value":"NO"');
});

test("Agent: acceptance 23, a hook replaces the arguments", async () => {
  const { agent } = agentOf(ADD_ONCE, {
    tools: addTool(),
    hooks: [beforeTool((event) => {
      event.replaceArguments({ a: 9, b: 1 });
      assertThrows(
        () => {
          // @ts-expect-error a hook's event is read-only, to the compiler too
          event.tool_name = "other";
        },
        TypeError,
        "BeforeToolCallEvent.tool_name cannot be assigned: it is read-only; " +
          "what can be steered: cancel(), requireApproval(), replaceArguments()",
      );
    })],
  });
  const run = agent.run("go");
  const { events, error } = await collect(run);
  assertEquals(error, null);
  assertEquals(only(events, "tool_start").arguments, { a: 1, b: 2 });
  assertEquals(only(events, "tool_complete").result, "10");
  assertEquals(run.result!.state.tool_executions[0]!.arguments, { a: 9, b: 1 });
});

test("Agent: acceptance 24, a hook has a tool called again", async () => {
  const { tool, calls } = countingTool("add", (nth) => {
    if (nth === 1) throw new Error("busy");
    return `try ${nth}`;
  });
  const hook: Hook = { onAfterToolCall: (event) => void (event.error !== null && event.retry()) };
  const { agent, model } = agentOf(ADD_ONCE, { tools: tool, hooks: [hook] });
  const run = agent.run("go");
  const { events } = await collect(run);
  assertEquals(calls.length, 2);
  assertEquals(only(events, "tool_complete").result, "try 2");
  assertEquals(run.result!.state.tool_executions.map(({ result }) => result), ["try 2"]);
  assertStringIncludes(JSON.stringify(model.calls[1]!.prompt), '"value":"try 2"');
});

test("Agent: acceptance 24, a hook replaces a result everywhere", async () => {
  const hook: Hook = { onAfterToolCall: (event) => event.replaceResult("R") };
  const { agent, model } = agentOf(ADD_ONCE, { tools: addTool(), hooks: [hook] });
  const run = agent.run("go");
  const { events } = await collect(run);
  assertEquals(only(events, "tool_complete").result, "R");
  assertEquals(run.result!.state.tool_executions[0]!.result, "R");
  assertStringIncludes(JSON.stringify(model.calls[1]!.prompt), '"value":"R"');
});

test("Agent: acceptance 25, ModelRetryHook repeats empty answers", async () => {
  const hook = new ModelRetryHook({ maxRetries: 3, initialDelay: 0 });
  const { agent } = agentOf([[], [""], ["ok"]], { hooks: [hook] });
  const { events, value } = await onBus(() => agent.invoke("go"));

  assertEquals(events.map(({ event_type }) => event_type), [
    "agent.model.retry",
    "agent.model.completed",
    "agent.tokens.used",
    "agent.model.retry",
    "agent.model.completed",
    "agent.tokens.used",
    "agent.model.completed",
    "agent.tokens.used",
    "agent.think",
    "agent.terminate",
  ]);
  const retry = { max_retries: 3, delay_seconds: 0, reason: "empty_response" };
  assertEquals(events[0]!.data, { attempt: 1, ...retry });
  assertEquals(events[3]!.data, { attempt: 2, ...retry });
  assertEquals([value.metrics.total_tokens, value.metrics.iterations], [24, 1]);
  assertEquals(hook.retriesTotal, 2);
  assertEquals(value.message, "ok");
});

test("Agent: acceptance 26, GuardrailsHook cancels a call of a blocked tool", async () => {
  const { tool, calls } = countingTool("rm");
  const { agent } = agentOf([[toolCall("c1", "rm", {})], ["done"]], {
    tools: tool,
    hooks: [new GuardrailsHook()],
  });
  const { events, value } = await onBus(() => agent.invoke("go"));

  const types = events.map(({ event_type }) => event_type);
  const at = types.indexOf("agent.tool.started");
  assertEquals(types.slice(at, at + 3), [
    "agent.tool.started",
    "agent.guardrail.triggered",
    "agent.tool.completed",
  ]);
  assertEquals(events[at + 1]!.data, {
    rule_name: "blocked_tool",
    action: "block",
    location: "tool_args",
    description: "The tool rm may not be called",
  });
  assertEquals([calls.length, value.success], [0, true]);
});

test("Agent: acceptance 26, GuardrailsHook lets an ampersand pass, and no attack", async () => {
  const ask = (prompt: string, options: Partial<AgentOptions>) =>
    collect(agentOf([["hi"]], options).agent.run(prompt));
  const harmless = await ask("What is R&D?", { hooks: [new GuardrailsHook()] });
  assertEquals([harmless.error, only(harmless.events, "terminate").reason], [null, "complete"]);

  const strict = new GuardrailsHook({ defaultAction: "block" });
  const attack = await ask("'; DROP TABLE users", { hooks: [strict] });
  assertEquals(outline(attack.events), ["terminate"]);
  assertEquals(only(attack.events, "terminate").reason, "error");
  assertEquals((attack.error as Error).name, "GuardrailError");
});

test("Agent: acceptance 27, SteeringHook guides the model away from a call", async () => {
  const { tool, calls } = countingTool();
  const judge = new ScriptedModel(["GUIDE: not allowed"]);
  const { agent } = agentOf(ADD_ONCE, { tools: tool, hooks: [new SteeringHook({ model: judge })] });
  const { events, value } = await onBus(() => agent.invoke("go"));

  const applied = events.find(({ event_type }) => event_type === "agent.steering.applied");
  assertEquals(applied?.data, { action: "guide", tool_name: "add", reason: "not allowed" });
  assertEquals(value.state.tool_executions[0]!.result, "Steering blocked: not allowed");
  assertEquals([calls.length, judge.calls.length], [0, 1]);
});

test("Agent: acceptance 27, SteeringHook stops some tools without asking", async () => {
  const { tool, calls } = countingTool();
  const judge = new ScriptedModel();
  const hook = new SteeringHook({ model: judge, interruptTools: ["add"] });
  const { agent } = agentOf(ADD_ONCE, { tools: tool, hooks: [hook] });
  const { events } = await onBus(() => agent.invoke("go"));

  const applied = events.find(({ event_type }) => event_type === "agent.steering.applied");
  assertEquals(applied?.data.action, "interrupt");
  assertEquals([calls.length, judge.calls.length], [0, 0]);
  assertEquals(hook.decisions.map(({ action }) => action), ["interrupt"]);
});

test("Agent: acceptance 27, SteeringHook lets calls pass when its judge fails", async () => {
  const { tool, calls } = countingTool();
  const judge = new ScriptedModel(new Error("judge is out"));
  const { agent } = agentOf(ADD_ONCE, { tools: tool, hooks: [new SteeringHook({ model: judge })] });
  const { events } = await onBus(() => agent.invoke("go"));
  assertEquals(calls.length, 1);
  assert(!events.some(({ event_type }) => event_type === "agent.steering.applied"));
});

test("Agent: acceptance 36, EventBusHook adds nothing inside the run that it publishes to", async () => {
  const bus = new EventBus();
  const { agent } = agentOf(ADD_ONCE, {
    tools: addTool(),
    hooks: [new EventBusHook("r", { bus })],
  });
  await runContext({ runId: "r", bus }, () => agent.invoke("go"));
  const types = bus.history({ run: "r" }).map(({ event_type }) => event_type);
  assertEquals(types.filter((type) => type === "agent.tool.started").length, 1);
  assertEquals(types.filter((type) => type === "agent.model.completed").length, 2);
});

test("Agent: acceptance 36, EventBusHook publishes what the catalogue says, outside of any run", async () => {
  resetEventBus();
  const bus = new EventBus();
  const { agent } = agentOf(ADD_ONCE, {
    tools: addTool(),
    hooks: [new EventBusHook("r", { bus })],
  });
  await agent.invoke("go");
  const events = bus.history({ run: "r" }).toReversed();
  assertEquals(events.map(({ event_type }) => event_type), [
    "agent.model.completed",
    "agent.tokens.used",
    "agent.tool.started",
    "agent.tool.completed",
    "agent.model.completed",
    "agent.tokens.used",
  ]);
  const [model, tokens, started, completed] = events.map(({ data }) =>
    data as Record<string, unknown>
  );
  assertEquals(model, { content_preview: "", tool_call_count: 1, stop_reason: "stop" });
  assertEquals(tokens, { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 });
  assertEquals(started, { tool_name: "add", span_id: "c1", arg_keys: ["a", "b"] });
  assertEquals({ ...completed, duration_ms: 0 }, {
    tool_name: "add",
    span_id: "c1",
    success: true,
    duration_ms: 0,
    output_preview: "3",
    error: null,
  });
});
