import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { tool, type ToolContext, ToolTimeoutError } from "../../src/agent/mod.ts";
import { type Script, toolCall } from "../harness/support/scripted_model.ts";
import { turn } from "../harness/support/until.ts";
import { addTool, agentOf, collect, gate, only } from "./_support.ts";

const ONE_CALL: Script[] = [[toolCall("c1", "wait", {})], ["done"]];

test("A tool that never returns is left when its time is up, and its signal says why", async () => {
  const reason = gate<unknown>();
  const wait = tool({
    name: "wait",
    timeoutMs: 5,
    execute: (_, { signal }) => {
      signal.addEventListener("abort", () => reason.resolve(signal.reason));
      return new Promise<never>(() => {});
    },
  });
  const { events } = await collect(agentOf(ONE_CALL, { tools: wait }).agent.run("go"));

  assertEquals(only(events, "tool_complete").error, "ToolTimeoutError: wait exceeded 5 ms");
  assertEquals(only(events, "terminate").reason, "complete");
  assertInstanceOf(await reason.promise, ToolTimeoutError);
});

test("toolTimeoutMs holds for tools that do not say themselves", async () => {
  const wait = tool({ name: "wait", execute: () => new Promise<never>(() => {}) });
  const { agent } = agentOf(ONE_CALL, { tools: wait, toolTimeoutMs: 5 });
  const { events } = await collect(agent.run("go"));
  assertEquals(only(events, "tool_complete").error, "ToolTimeoutError: wait exceeded 5 ms");
});

test("A tool that fails because its time is up is reported as timed out", async () => {
  const wait = tool({
    name: "wait",
    timeoutMs: 5,
    execute: (_, { signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(new Error("my own words")))
      ),
  });
  const { events } = await collect(agentOf(ONE_CALL, { tools: wait }).agent.run("go"));
  assertEquals(only(events, "tool_complete").error, "ToolTimeoutError: wait exceeded 5 ms");
});

test("No timer is left behind by tools, however they end", async () => {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const open = new Set<unknown>();
  globalThis.setTimeout = ((fn: () => void, ms?: number) => {
    const id: unknown = set(() => (open.delete(id), fn()), ms);
    open.add(id);
    return id;
  }) as typeof setTimeout;
  globalThis.clearTimeout = ((id: Parameters<typeof clear>[0]) => {
    open.delete(id);
    clear(id);
  }) as typeof clearTimeout;
  try {
    const slow = { ...addTool(), timeoutMs: 60_000 };
    const failing = tool({
      name: "fail",
      timeoutMs: 60_000,
      execute: () => {
        throw new Error("bad");
      },
    });
    const asking = tool({
      name: "ask",
      timeoutMs: 60_000,
      execute: (_, { interrupt }) => interrupt("?"),
    });
    const script: Script[] = [
      [toolCall("c1", "add", { a: 1, b: 2 }), toolCall("c2", "fail", {})],
      [toolCall("c3", "ask", {})],
      [toolCall("c4", "add", { a: 1, b: 3 })],
    ];
    const { agent } = agentOf(script, { tools: [slow, failing, asking] });
    await agent.invoke("go");
    for await (const event of agent.resume("y")) {
      if (event.event_type === "tool_start") break;
    }
    assertEquals(open.size, 0);
  } finally {
    globalThis.setTimeout = set;
    globalThis.clearTimeout = clear;
  }
});

test("No listener is left on any signal by a run, however it ends", async () => {
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const open = new Map<unknown, AbortSignal>();
  AbortSignal.prototype.addEventListener = function (this: AbortSignal, ...args: unknown[]) {
    open.set(args[1], this);
    return Reflect.apply(addEventListener, this, args);
  };
  AbortSignal.prototype.removeEventListener = function (this: AbortSignal, ...args: unknown[]) {
    open.delete(args[1]);
    return Reflect.apply(removeEventListener, this, args);
  };
  const heldBy = () => [...open.values()].filter((signal) => !signal.aborted).length;
  try {
    const { signal } = new AbortController();
    const script: Script[] = [
      [toolCall("c1", "add", { a: 1, b: 2 })],
      ["3"],
      [toolCall("c2", "add", { a: 1, b: 2 })],
    ];
    const { agent } = agentOf(script, {
      tools: { ...addTool(), timeoutMs: 1000 },
      streaming: true,
    });
    await collect(agent.run("go", { signal }));
    assertEquals(heldBy(), 0);
    for await (const { event_type } of agent.run("go", { signal })) {
      if (event_type === "tool_complete") break;
    }
    assertEquals(heldBy(), 0);
    await collect(agent.run("go", { signal }));
    assertEquals(heldBy(), 0);
  } finally {
    Reflect.deleteProperty(AbortSignal.prototype, "addEventListener");
    Reflect.deleteProperty(AbortSignal.prototype, "removeEventListener");
  }
});

test("The signal of a tool that has returned stays quiet", async () => {
  const signals: AbortSignal[] = [];
  const quick = tool({ name: "wait", execute: (_, { signal }) => void signals.push(signal) });
  const { agent } = agentOf(ONE_CALL, { tools: quick, toolTimeoutMs: 1000 });
  await agent.invoke("go");
  assertEquals(signals.map(({ aborted }) => aborted), [false]);
});

test("A signal that is read when the tool has returned is one that stays quiet", async () => {
  const contexts: ToolContext[] = [];
  const quick = tool({ name: "wait", execute: (_, context) => void contexts.push(context) });
  await agentOf(ONE_CALL, { tools: quick, toolTimeoutMs: 1 }).agent.invoke("go");
  const [{ signal }] = contexts as [ToolContext];
  // A timer of the tool's, had it one, would go off before this.
  await turn();
  assertEquals([signal.aborted, contexts[0]!.signal === signal], [false, true]);
});

test("A tool that returns at once, and cancels its run before, is cancelled", async () => {
  const rude = tool({
    name: "wait",
    execute: () => {
      agent.cancel();
      return "too late";
    },
  });
  const { agent } = agentOf(ONE_CALL, { tools: rude });
  const { events } = await collect(agent.run("go"));
  assertEquals(only(events, "tool_complete").error, "cancelled");
  assertEquals(only(events, "terminate").reason, "cancelled");
});

test("A tool that returns at once may fail, ask and end its run like any other", async () => {
  const run = async (execute: (context: ToolContext) => unknown) => {
    const quick = tool({ name: "wait", execute: (_, context) => execute(context) });
    const { agent } = agentOf(ONE_CALL, { tools: quick, terminalTools: ["wait"] });
    return await collect(agent.run("go"));
  };
  const failed = await run(() => {
    throw new TypeError("bad");
  });
  assertEquals(only(failed.events, "tool_complete").error, "TypeError: bad");
  assertEquals(
    (await run(({ interrupt }) => interrupt("?"))).events.at(-1)!.event_type,
    "interrupt",
  );
  const ended = await run(() => "R");
  assertEquals(only(ended.events, "terminate").reason, "terminal_tool");
});

test("A result that is too long is cut everywhere alike, and says so", async () => {
  const long = tool({ name: "wait", execute: () => "x".repeat(1000) });
  const { agent, model } = agentOf(ONE_CALL, { tools: long, maxToolResultLength: 100 });
  const run = agent.run("go");
  const { events } = await collect(run);

  const text = `${"x".repeat(100)}\n[truncated: 1000 characters in full]`;
  assertEquals(only(events, "tool_complete").result, text);
  assertEquals(run.result!.tool_executions[0]!.result, text);
  assertStringIncludes(JSON.stringify(model.calls[1]!.prompt), "1000 characters");
});

test("maxToolResultLength 0 means no limit", async () => {
  const long = tool({ name: "wait", execute: () => "x".repeat(100_000) });
  const { agent } = agentOf(ONE_CALL, { tools: long, maxToolResultLength: 0 });
  const { events } = await collect(agent.run("go"));
  assertEquals(only(events, "tool_complete").result!.length, 100_000);
});

test("A tool may change its arguments; the events and the state keep theirs", async () => {
  const sort = tool<{ list: number[] }>({
    name: "wait",
    parameters: { type: "object", properties: { list: { type: "array" } } },
    execute: ({ list }) => list.sort(),
  });
  const { agent } = agentOf([[toolCall("c1", "wait", { list: [3, 1, 2] })], ["done"]], {
    tools: sort,
  });
  const run = agent.run("go");
  const { events } = await collect(run);
  assertEquals(JSON.parse(only(events, "tool_complete").result!), [1, 2, 3]);
  assertEquals(only(events, "tool_start").arguments, { list: [3, 1, 2] });
  assertEquals(run.result!.tool_executions[0]!.arguments, { list: [3, 1, 2] });
});

test("ToolContext tells a tool where it is", async () => {
  const seen: unknown[] = [];
  const look = tool({
    name: "wait",
    execute: (_, { toolName, toolCallId, agentId, iteration, runId, state, getMetadata }) => {
      seen.push(toolName, toolCallId, agentId, iteration, runId === state.run_id);
      seen.push(getMetadata("user"), getMetadata("team", "none"), getMetadata("toString"));
      assert(Object.isFrozen(state));
    },
  });
  const { agent } = agentOf(ONE_CALL, {
    tools: look,
    agentId: "scout",
    metadata: { user: "ada" },
  });
  const { tool_executions } = await agent.invoke("go");
  assertEquals(seen, ["wait", "c1", "scout", 0, true, "ada", "none", undefined]);
  assertEquals(tool_executions[0]!.result, "Success (no output)");
});

test("ToolContext.preventTermination() keeps a terminal tool from ending the run", async () => {
  let ready = false;
  const submit = tool({
    name: "submit",
    execute: (_, { preventTermination }) => {
      if (!ready) preventTermination();
      ready = true;
      return ready ? "in" : "not yet";
    },
  });
  const { agent, model } = agentOf([
    [toolCall("c1", "submit", {})],
    [toolCall("c2", "submit", {})],
  ], { tools: submit });
  assertEquals((await agent.invoke("go")).stop_reason, "terminal_tool");
  assertEquals(model.calls.length, 2);
});

test("A terminal tool that fails does not end the run", async () => {
  const submit = tool({
    name: "submit",
    execute: () => {
      throw new Error("closed");
    },
  });
  const { agent } = agentOf([[toolCall("c1", "submit", {})], ["gave up"]], { tools: submit });
  const { stop_reason, message } = await agent.invoke("go");
  assertEquals([stop_reason, message], ["complete", "gave up"]);
});

test("A failure of an idempotent tool is remembered too", async () => {
  let calls = 0;
  const flaky = tool({
    name: "wait",
    idempotent: true,
    execute: () => {
      throw new Error(`failed ${++calls}`);
    },
  });
  const { agent } = agentOf([
    [toolCall("c1", "wait", {}), toolCall("c2", "wait", {})],
    [toolCall("c3", "wait", {})],
    ["done"],
  ], { tools: flaky });
  const { tool_executions } = await agent.invoke("go");
  assertEquals(tool_executions.map(({ error }) => error), Array(3).fill("Error: failed 1"));
});

test("A call of an idempotent tool that was stopped is not remembered", async () => {
  let calls = 0;
  const lookup = tool({
    name: "lookup",
    idempotent: true,
    execute: () => ++calls === 1 ? new Promise<never>(() => {}) : "found",
  });
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => interrupt("?") });
  const { agent } = agentOf([
    [toolCall("c1", "lookup", {}), toolCall("c2", "ask", {})],
    [toolCall("c3", "lookup", {})],
    ["done"],
  ], { tools: [lookup, ask] });
  await agent.invoke("go");
  const run = agent.resume("y");
  await collect(run);
  assertEquals(run.result!.tool_executions.at(-1)!.result, "found");
});
