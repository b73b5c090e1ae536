import { MemoryCheckpointer } from "../../../src/memory/mod.ts";
import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Hook, tool } from "../../../src/agent/mod.ts";
import { type Script, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, only } from "../_support.ts";
import { beforeTool, countingTool } from "./_support.ts";

const ADD_ONCE: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]];

test("A cancelled call cannot be taken back, and the hooks after still see it", async () => {
  const seen: unknown[] = [];
  const { tool, calls } = countingTool();
  const { agent } = agentOf(ADD_ONCE, {
    tools: tool,
    hooks: [
      beforeTool((event) => event.cancel("first")),
      beforeTool((event) => {
        seen.push(event.cancelled, event.cancelReason);
        event.cancel("second");
      }),
    ],
  });
  const { state } = await agent.invoke("go");
  assertEquals([seen, calls.length], [[true, "first"], 0]);
  const [{ result, cancelled }] = state.tool_executions as [typeof state.tool_executions[0]];
  assertEquals([result, cancelled], ["first", true]);
});

test("cancel() without a reason says that it was a hook", async () => {
  const { agent } = agentOf(ADD_ONCE, {
    tools: addTool(),
    hooks: [beforeTool((event) => event.cancel())],
  });
  const { events } = await collect(agent.run("go"));
  assertEquals(only(events, "tool_complete").result, "Cancelled by hook");
});

test("A cancelled call of a terminal tool does not end the run", async () => {
  const { agent } = agentOf([[toolCall("c1", "submit", {})], ["answer"]], {
    tools: tool({ name: "submit", execute: () => "done" }),
    hooks: [beforeTool((event) => event.cancel("not yet"))],
  });
  const { stop_reason, message } = await agent.invoke("go");
  assertEquals([stop_reason, message], ["complete", "answer"]);
});

test("Replaced arguments are validated as the model's are", async () => {
  const { tool, calls } = countingTool();
  const { agent } = agentOf(ADD_ONCE, {
    tools: tool,
    hooks: [beforeTool((event) => event.replaceArguments({ a: "x" }))],
  });
  const { events } = await collect(agent.run("go"));
  assertStringIncludes(only(events, "tool_complete").error!, "ToolValidationError");
  assertEquals(calls.length, 0);
});

test("A hook can mend arguments that are not valid", async () => {
  const { agent } = agentOf([[toolCall("c1", "add", { a: "one", b: 2 })], ["done"]], {
    tools: addTool(),
    hooks: [beforeTool((event) => event.replaceArguments({ ...event.arguments, a: 1 }))],
  });
  const { events } = await collect(agent.run("go"));
  assertEquals(only(events, "tool_start").arguments, { a: "one", b: 2 });
  assertEquals(only(events, "tool_complete").result, "3");
});

test("A hook sees calls of unknown tools, and may cancel them", async () => {
  const { agent } = agentOf([[toolCall("c1", "nope", {})], ["done"]], {
    hooks: [beforeTool((event) => event.cancel(`no ${event.tool_name}`))],
  });
  const { events } = await collect(agent.run("go"));
  assertEquals(only(events, "tool_complete").result, "no nope");
});

test("Idempotent calls are told apart by the arguments that they are made with", async () => {
  let bodies = 0;
  const once = tool({
    name: "add",
    parameters: { type: "object", properties: { n: { type: "integer" } } },
    idempotent: true,
    execute: ({ n }) => `${n} ${++bodies}`,
  });
  const { agent } = agentOf([
    [toolCall("c1", "add", { n: 1 }), toolCall("c2", "add", { n: 2 })],
    ["done"],
  ], { tools: once, hooks: [beforeTool((event) => event.replaceArguments({ n: 7 }))] });
  const { state } = await agent.invoke("go");
  assertEquals(state.tool_executions.map(({ result }) => result), ["7 1", "7 1"]);
  assertEquals(state.tool_executions.map((e) => e.idempotent_cache_hit), [false, true]);
});

test("A tool is called again at most 3 times, and its hooks see every attempt", async () => {
  const attempts: number[] = [];
  const { tool, calls } = countingTool("add", (nth) => `try ${nth}`);
  const hook: Hook = {
    onAfterToolCall: (event) => {
      attempts.push(event.attempt);
      event.retry();
    },
  };
  const { agent } = agentOf(ADD_ONCE, { tools: tool, hooks: [hook] });
  const { events } = await collect(agent.run("go"));
  assertEquals([calls.length, attempts], [4, [1, 2, 3, 4]]);
  assertEquals(all(events, "tool_complete").map(({ result }) => result), ["try 4"]);
});

test("A tool that changes its arguments gets them fresh when it is called again", async () => {
  const seen: unknown[] = [];
  const spoils = tool({
    name: "add",
    parameters: { type: "object", properties: { a: { type: "integer" }, b: { type: "integer" } } },
    execute: (args) => {
      seen.push({ ...args });
      args.a = 0;
    },
  });
  const hook: Hook = { onAfterToolCall: (event) => void (event.attempt === 1 && event.retry()) };
  await agentOf(ADD_ONCE, { tools: spoils, hooks: [hook] }).agent.invoke("go");
  assertEquals(seen, [{ a: 1, b: 2 }, { a: 1, b: 2 }]);
});

test("replaceResult() turns a failure into a result", async () => {
  const { tool } = countingTool("add", () => {
    throw new Error("bad");
  });
  const hook: Hook = {
    onAfterToolCall: (event) => {
      assertEquals([event.result, event.error], [null, "Error: bad"]);
      event.replaceResult({ fallback: true });
      assertEquals(event.error, null);
    },
  };
  const { agent } = agentOf(ADD_ONCE, { tools: tool, hooks: [hook] });
  const { state, metrics } = await agent.invoke("go");
  assertEquals(state.tool_executions[0]!.result, '{\n  "fallback": true\n}');
  assertEquals(metrics.tool_errors, 0);
});

test("What replaces a result is cut to the limit like any other", async () => {
  const hook: Hook = { onAfterToolCall: (event) => event.replaceResult("x".repeat(50)) };
  const { agent } = agentOf(ADD_ONCE, {
    tools: addTool(),
    hooks: [hook],
    maxToolResultLength: 10,
  });
  const { events } = await collect(agent.run("go"));
  assertEquals(
    only(events, "tool_complete").result,
    "xxxxxxxxxx\n[truncated: 50 characters in full]",
  );
});

test("The hooks after a tool run only if its body ran", async () => {
  let after = 0;
  const { tool: counted } = countingTool();
  const cached = tool({ name: "cached", idempotent: true, execute: () => "ok" });
  const { agent } = agentOf([
    [
      toolCall("c1", "add", { a: "x" }),
      toolCall("c2", "nope", {}),
      toolCall("c3", "cached", {}),
      toolCall("c4", "cached", {}),
    ],
    ["done"],
  ], { tools: [counted, cached], hooks: [{ onAfterToolCall: () => void after++ }] });
  await agent.invoke("go");
  assertEquals(after, 1);
});

test("The hooks of a call that asks a person run once before it, and after its answer", async () => {
  const seen: string[] = [];
  const asks = tool({
    name: "asks",
    parameters: { type: "object", properties: { n: { type: "integer" } } },
    execute: ({ n }, { interrupt }) => `${n} ${interrupt("ok?")}`,
  });
  const hook: Hook = {
    onBeforeToolCall: (event) => {
      seen.push("before");
      event.replaceArguments({ n: 2 });
    },
    onAfterToolCall: (event) => {
      seen.push(`after ${event.result}`);
      event.replaceResult(`${event.result}!`);
    },
  };
  const { agent } = agentOf([[toolCall("c1", "asks", { n: 1 })], ["done"]], {
    tools: asks,
    hooks: [hook],
  });
  const { state } = await agent.invoke("go");
  assertEquals(state.pending_interrupt!.arguments, { n: 2 });
  const { events } = await collect(agent.resume("yes"));
  assertEquals(only(events, "tool_complete").result, "2 yes!");
  assertEquals(seen, ["before", "after 2 yes"]);
});

test("The result of a repeated tool call is the one that counts", async () => {
  const { tool } = countingTool("add", (nth) => `try ${nth}`);
  const hook: Hook = { onAfterToolCall: (event) => void (event.attempt < 3 && event.retry()) };
  const run = agentOf(ADD_ONCE, { tools: tool, hooks: [hook] }).agent.run("go");
  const { events } = await collect(run);
  const told = run.result!.state.messages.find(({ role }) => role === "tool")!.content;
  assertEquals([only(events, "tool_complete").result, told], ["try 3", "try 3"]);
});

test("A cancelled call of an idempotent tool is not remembered", async () => {
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

for (const threadId of [undefined, "t"]) {
  test(`The attempts at a call count on after a question (thread ${threadId})`, async () => {
    const attempts: number[] = [];
    const hook: Hook = {
      onAfterToolCall: (event) => {
        attempts.push(event.attempt);
        if (event.attempt === 1) event.retry();
      },
    };
    let calls = 0;
    const asksLater = tool({
      name: "act",
      execute: (_, { interrupt }) => calls++ === 0 ? "not yet" : interrupt("sure?"),
    });
    const checkpointer = new MemoryCheckpointer();
    const options = { tools: asksLater, hooks: [hook], checkpointer };
    const { agent } = agentOf([[toolCall("c1", "act", {})], ["done"]], options);
    await agent.invoke("go", { threadId });
    await collect(agent.resume("yes", { threadId }));
    assertEquals(attempts, [1, 2]);
  });
}
