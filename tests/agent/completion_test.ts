import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type AgentOptions, tool } from "../../src/agent/mod.ts";
import { type Script, toolCall } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, only } from "./_support.ts";

const TASK_DONE = toolCall("end", "task_complete", { summary: "All done" });

function explicit(script: Script[], options: Partial<AgentOptions> = {}) {
  return agentOf(script, { completionMode: "explicit", ...options });
}

/** A tool of this name that does nothing. */
function named(name: string) {
  return tool({ name, execute: () => "ok" });
}

/** What the model is told as instructions in the last message of a call. */
function lastTold({ model }: ReturnType<typeof agentOf>, call: number): string {
  return JSON.stringify(model.calls[call]!.prompt.at(-1));
}

test("Explicit mode goes on after an answer, until task_complete ends it", async () => {
  const setting = explicit([["Thinking aloud"], [TASK_DONE]]);
  const run = setting.agent.run("go");
  const { events } = await collect(run);

  assertEquals(all(events, "think").length, 2);
  const { reason, final_message } = only(events, "terminate");
  assertEquals([reason, final_message], ["terminal_tool", "All done"]);
  assertEquals(setting.agent.tools.map(({ name }) => name), ["task_complete", "ask_user"]);
  assertEquals(run.result!.reasoning_steps.length, 2);
  // Left last, an answer would be taken as the beginning of the next one.
  assertEquals(setting.model.calls[1]!.prompt.at(-1)!.role, "user");
});

test("Explicit mode does not stop by itself for confidence or repetition", async () => {
  const same = Array.from({ length: 5 }, () => [toolCall("c", "add", { a: 1, b: 1 })]);
  const { agent } = explicit([...same, [TASK_DONE]], { tools: addTool() });
  assertEquals((await agent.invoke("go")).stop_reason, "terminal_tool");
});

test("Explicit mode keeps a tool of the user's that has a built-in's name", () => {
  const mine = named("ask_user");
  const { agent } = explicit([], { tools: mine });
  assertEquals(agent.tools.map(({ name }) => name), ["ask_user", "task_complete"]);
  assert(agent.tools[0] === mine);
});

test("Explicit mode tells the model when its turns run out", async () => {
  const script = Array.from({ length: 4 }, (_, i) => [toolCall(`c${i}`, "add", { a: i, b: 0 })]);
  const setting = explicit([...script, ["S"]], { tools: addTool(), maxIterations: 4 });
  const { state } = await setting.agent.invoke("go");

  assertStringIncludes(lastTold(setting, 1), "Only two turns are left");
  assertStringIncludes(lastTold(setting, 3), "This is the last turn");
  const told = state.messages.filter(({ role }) => role === "system").length;
  assertEquals(told, 4); // system prompt, two warnings, the request for a summary
});

test("task_complete is refused while written work is unchecked, and does not end the run", async () => {
  const setting = explicit([
    [toolCall("c1", "write_file", {})],
    [TASK_DONE],
    [toolCall("c2", "run_tests", {})],
    [TASK_DONE],
  ], { tools: [named("write_file"), named("run_tests")] });
  const run = setting.agent.run("go");
  const { events } = await collect(run);

  const results = all(events, "tool_complete").map(({ result }) => result);
  assertStringIncludes(results[1]!, "BLOCKED");
  assertEquals(results.at(-1), "All done");
  assertEquals(run.result!.stop_reason, "terminal_tool");
  assertStringIncludes(lastTold(setting, 1), "Check that it is right");
});

test("task_complete beside a write of the same turn is refused", async () => {
  const { agent, model } = explicit([
    [toolCall("c1", "write_file", {}), TASK_DONE],
    [toolCall("c2", "run_tests", {})],
    [TASK_DONE],
  ], { tools: [named("write_file"), named("run_tests")] });
  assertEquals((await agent.invoke("go")).stop_reason, "terminal_tool");
  assertEquals(model.calls.length, 3);
});

test("One after the other, write, check and task_complete may share a turn", async () => {
  const { agent, model } = explicit([
    [toolCall("c1", "write_file", {}), toolCall("c2", "run_tests", {}), TASK_DONE],
  ], { tools: [named("write_file"), named("run_tests")], toolExecution: "sequential" });
  assertEquals((await agent.invoke("go")).stop_reason, "terminal_tool");
  assertEquals(model.calls.length, 1);
});

test("requireVerification: false lets task_complete pass", async () => {
  const { agent } = explicit([[toolCall("c1", "write_file", {})], [TASK_DONE]], {
    tools: named("write_file"),
    requireVerification: false,
  });
  assertEquals((await agent.invoke("go")).iterations, 2);
});

test("A write that failed needs no checking", async () => {
  const failing = tool({
    name: "write_file",
    execute: () => {
      throw new Error("disk full");
    },
  });
  const { agent } = explicit([[toolCall("c1", "write_file", {})], [TASK_DONE]], { tools: failing });
  const { iterations, messages } = await agent.invoke("go");
  assertEquals(iterations, 2);
  assertEquals(messages.filter(({ role }) => role === "system").length, 1);
});

test("ask_user asks the person, with the answers to choose from", async () => {
  const { agent } = explicit([
    [toolCall("c1", "ask_user", { question: "Which?", options: "red, blue,," })],
    [TASK_DONE],
  ]);
  const { events } = await collect(agent.run("go"));
  const { question, options } = only(events, "interrupt");
  assertEquals([question, options], ["Which?", ["red", "blue"]]);
  const resumed = await collect(agent.resume("blue"));
  assertEquals(all(resumed.events, "tool_complete")[0]!.result, "blue");
});

test("planning asks for a plan before the first turn, and keeps it", async () => {
  const setting = agentOf([
    ["1. add", toolCall("c1", "add", { a: 1, b: 2 })],
    ["3"],
  ], { tools: addTool(), planning: true });
  const { state } = await setting.agent.invoke("go");

  assertStringIncludes(lastTold(setting, 0), "numbered plan");
  assertEquals(state.metadata.plan, "1. add");
  assertEquals(state.messages.filter(({ role }) => role === "system").length, 2);
});

test("A summary that fails gives way to what the model said last, or to what was done", async () => {
  const calls = (text: string[]): Script[] => [
    [...text, toolCall("c1", "add", { a: 1, b: 2 })],
    new Error("overloaded"),
  ];
  const spoken = agentOf(calls(["I add"]), { tools: addTool(), maxIterations: 1 });
  assertEquals((await spoken.agent.invoke("go")).message, "I add");

  const silent = agentOf(calls([]), { tools: addTool(), maxIterations: 1 });
  const { message, state } = await silent.agent.invoke("go");
  assertStringIncludes(message, "1 iterations with 1 tool calls");
  assertStringIncludes(message, "add: 3");
  assertEquals(state.errors, ["Error: overloaded"]);
});

test("The summary is the auxiliary model's, and sees no tool calls where it has no tools", async () => {
  const helper = agentOf([["S"]]);
  const { agent, model } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })]], {
    tools: addTool(),
    maxIterations: 1,
    auxiliaryModel: helper.model,
  });
  assertEquals((await agent.invoke("go")).message, "S");
  assertEquals(model.calls.length, 1);
  const { prompt } = helper.model.calls[0]!;
  assertEquals(prompt.map(({ role }) => role), ["system", "user", "assistant", "user"]);
  assertStringIncludes(JSON.stringify(prompt), "[add returned]\\n3");
});
