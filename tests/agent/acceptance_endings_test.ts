import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Agent, type Hook, tool, ToolResultStore } from "../../src/agent/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, gate, only, outline } from "./_support.ts";

/** Calls `add` with other arguments each time. */
function counting(turns: number): Script[] {
  return Array.from({ length: turns }, (_, i) => [toolCall(`c${i}`, "add", { a: i, b: 0 })]);
}

/** Notes how the hooks after a run are told that it went. */
function successHook(): { hook: Hook; seen: boolean[] } {
  const seen: boolean[] = [];
  return { seen, hook: { onAfterInvocation: (_, success) => void seen.push(success) } };
}

test("Agent: acceptance 15, max_iterations ends with a summary", async () => {
  const { agent, model } = agentOf([...counting(2), ["S"]], { tools: addTool(), maxIterations: 2 });
  const run = agent.run("go");
  const { events } = await collect(run);

  assertEquals(model.calls.map((call) => call.tools?.length), [1, 1, undefined]);
  const { reason, iterations_used, final_message } = only(events, "terminate");
  assertEquals([reason, iterations_used, final_message], ["max_iterations", 2, "S"]);
  assertEquals(run.result!.success, false);
  assertEquals(all(events, "think").length, 2);
  assertEquals(all(events, "model_complete").length, 3);
  assertEquals(run.result!.metrics.total_tokens, 24);
  assertEquals(run.result!.last_assistant_message, "S");
});

test("Agent: acceptance 16, the same calls over and over are a tool loop", async () => {
  const same = Array.from({ length: 9 }, (_, i) => [toolCall(`c${i}`, "add", { a: 1, b: 1 })]);
  const looping = await collect(agentOf(same, { tools: addTool() }).agent.run("go"));
  assertEquals(all(looping.events, "think").length, 3);
  assertEquals(only(looping.events, "terminate").reason, "tool_loop");

  const { agent } = agentOf([...counting(5), ["done"]], { tools: addTool() });
  const changing = await collect(agent.run("go"));
  assertEquals(only(changing.events, "terminate").reason, "complete");
});

test("Asking again until something changes is no tool loop; equal results are, wherever they are kept", async () => {
  const poll = (results: Iterator<string>) =>
    tool({ name: "poll", execute: () => results.next().value });
  const again = Array.from({ length: 5 }, (_, i) => [toolCall(`c${i}`, "poll", {})]);
  const progress = ["10 %", "40 %", "70 %", "90 %", "done"].values();
  const polling = agentOf([...again, ["ready"]], { tools: poll(progress) }).agent;
  assertEquals((await polling.invoke("go")).stop_reason, "complete");

  const long = "x".repeat(20_000);
  const stuck = agentOf(again, {
    tools: poll(Array(5).fill(long).values()),
    toolResultStore: new ToolResultStore(),
  }).agent;
  const { stop_reason, iterations } = await stuck.invoke("go");
  assertEquals([stop_reason, iterations], ["tool_loop", 3]);
});

test("Agent: acceptance 17, the token budget", async () => {
  const { agent } = agentOf(counting(9), { tools: addTool(), tokenBudget: 10 });
  const { reason, iterations_used } = only((await collect(agent.run("go"))).events, "terminate");
  assertEquals([reason, iterations_used], ["token_budget", 2]);
});

test("Agent: acceptance 17, the time budget", async () => {
  // Spins: the budget is a wall clock's, and a timer could fire early.
  const slow = tool({
    name: "add",
    execute: () => {
      const end = performance.now() + 12;
      while (performance.now() < end);
    },
  });
  const script = Array.from({ length: 9 }, (_, i) => [toolCall(`c${i}`, "add", {})]);
  const { agent } = agentOf(script, { tools: slow, timeBudgetSeconds: 0.01 });
  const { events } = await collect(agent.run("go"));
  const { reason, iterations_used } = only(events, "terminate");
  assertEquals([reason, iterations_used], ["time_budget", 1]);
});

test("Agent: acceptance 18, cancelling during a tool", async () => {
  const { hook, seen } = successHook();
  const started = gate();
  const wait = tool({
    name: "wait",
    execute: () => {
      started.resolve();
      return new Promise<never>(() => {});
    },
  });
  const { agent } = agentOf([[toolCall("c1", "wait", {})]], { tools: wait, hooks: [hook] });
  const collected = collect(agent.run("go"));
  await started.promise;
  agent.cancel();
  // The tool never returns: nothing waits for it.
  const { events, error } = await collected;

  assertEquals(error, null);
  assertEquals(outline(events.slice(-2)), ["tool_complete c1", "terminate"]);
  assertEquals(only(events, "tool_complete").error, "cancelled");
  assertEquals(only(events, "terminate").reason, "cancelled");
  assertEquals(seen, [false]);
  assertEquals(agent.isCancelled, false);
});

test("Agent: acceptance 18, cancelling before a run", async () => {
  const { agent, model } = agentOf([["hi"]]);
  agent.cancel();
  assertEquals(agent.isCancelled, true);
  const cancelled = await collect(agent.run("go"));
  assertEquals(outline(cancelled.events), ["terminate"]);
  assertEquals(only(cancelled.events, "terminate").reason, "cancelled");
  assertEquals(model.calls.length, 0);

  const next = await collect(agent.run("go"));
  assertEquals(only(next.events, "terminate").reason, "complete");
});

test("Agent: acceptance 18, a signal that is aborted before the run", async () => {
  let prompts = 0;
  const systemPrompt = () => `prompt ${++prompts}`;
  const { agent, model } = agentOf([["hi"]], { systemPrompt });
  const { events } = await collect(agent.run("go", { signal: AbortSignal.abort() }));
  assertEquals(outline(events), ["terminate"]);
  assertEquals([model.calls.length, prompts], [0, 0]);
  assertEquals((await agent.invoke("go")).message, "hi");
});

test("Agent: acceptance 19, the model throws", async () => {
  const failure = new TypeError("no such model");
  const { hook, seen } = successHook();
  const { agent } = agentOf([failure], { hooks: [hook] });
  const run = agent.run("go");
  const { events, error } = await collect(run);

  assertEquals(outline(events), ["terminate"]);
  const { reason, final_message } = only(events, "terminate");
  assertEquals([reason, final_message], ["error", null]);
  assertStrictEquals(error, failure);
  assertEquals(seen, [false]);
  assertEquals(run.result!.state.errors, ["TypeError: no such model"]);
});

test("Agent: acceptance 20, a hook before the run throws", async () => {
  const failure = new Error("not now");
  const hook: Hook = {
    onBeforeInvocation: () => {
      throw failure;
    },
  };
  const { agent, model } = agentOf([["hi"]], { hooks: [hook] });
  const { events, error } = await collect(agent.run("go"));

  assertEquals(outline(events), ["terminate"]);
  assertEquals(only(events, "terminate").reason, "error");
  assertStrictEquals(error, failure);
  assertEquals(model.calls.length, 0);
});

test("Agent: acceptance 21, the order of hooks", async () => {
  const order: string[] = [];
  const hooks = [300, 10, 150].map((priority): Hook => ({
    priority,
    onBeforeInvocation: () => void order.push(`before ${priority}`),
    onAfterInvocation: () => void order.push(`after ${priority}`),
  }));
  await agentOf([["hi"]], { hooks }).agent.invoke("go");

  assertEquals(order, [
    "before 10",
    "before 150",
    "before 300",
    "after 300",
    "after 150",
    "after 10",
  ]);
});

test("Agent: acceptance 34, leaving early", async () => {
  const { hook, seen } = successHook();
  const started: string[] = [];
  const wait = tool({
    name: "wait",
    execute: () => {
      started.push("wait");
    },
  });
  const { agent } = agentOf([[toolCall("c1", "wait", {})]], { tools: wait, hooks: [hook] });
  const run = agent.run("go");
  for await (const event of run) if (event.event_type === "tool_start") break;

  assertEquals(seen, [false]);
  assertEquals(started, []);
  assertEquals(run.result, null);
  assertEquals(agent.isCancelled, false);
});

test("Agent: acceptance 34, leaving while a tool runs aborts it", async () => {
  const aborted = gate<unknown>();
  const wait = tool({
    name: "wait",
    execute: (_, { signal }) => {
      signal.addEventListener("abort", () => aborted.resolve(signal.reason));
      return aborted.promise;
    },
  });
  const quick = tool({ name: "quick", execute: () => "ok" });
  const { hook, seen } = successHook();
  const { agent } = agentOf([[toolCall("c1", "quick", {}), toolCall("c2", "wait", {})]], {
    tools: [quick, wait],
    hooks: [hook],
  });
  for await (const event of agent.run("go")) if (event.event_type === "tool_complete") break;

  assert(await aborted.promise instanceof DOMException);
  assertEquals(seen, [false]);
});

test("Agent: acceptance 35, two runs at once, one asks and one is cancelled", async () => {
  const started = gate();
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => interrupt("ok?") });
  const wait = tool({
    name: "wait",
    execute: () => {
      started.resolve();
      return new Promise<never>(() => {});
    },
  });
  const model = new ScriptedModel(...Array.from({ length: 2 }, (): Script => ({ prompt }) => {
    const message = prompt.at(-1)!;
    const which = message.role === "user" && message.content[0]!.type === "text"
      ? message.content[0]!.text
      : "";
    return [toolCall(`call-${which}`, which, {})];
  }));
  const agent = new Agent({ model, tools: [ask, wait], streaming: false });
  const controller = new AbortController();
  const asking = agent.run("ask");
  const waiting = agent.run("wait", { signal: controller.signal });
  const both = Promise.all([collect(asking), collect(waiting)]);
  await started.promise;
  controller.abort();
  const [first, second] = await both;

  assertEquals(outline(first.events), [
    "model_complete",
    "think",
    "tool_start call-ask",
    "interrupt",
  ]);
  assertEquals(outline(second.events), [
    "model_complete",
    "think",
    "tool_start call-wait",
    "tool_complete call-wait",
    "terminate",
  ]);
  assertEquals(only(second.events, "terminate").reason, "cancelled");
  assertEquals(asking.result!.stop_reason, "interrupted");
  assertEquals(waiting.result!.state.messages[1]!.content, "wait");
  assertEquals(asking.result!.state.messages[1]!.content, "ask");
  assertEquals(asking.result!.state.run_id === waiting.result!.state.run_id, false);
});
