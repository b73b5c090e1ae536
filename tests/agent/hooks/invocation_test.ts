import { test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type AgentState, type Hook, HookPriority, tool } from "../../../src/agent/mod.ts";
import { addTool, agentOf, all, collect, only } from "../_support.ts";
import { printed } from "./_support.ts";
import { type Script, toolCall } from "../../harness/support/scripted_model.ts";

test("A hook before the run may return another state to start from", async () => {
  const hook: Hook = {
    onBeforeInvocation: (prompt, state) => ({
      ...state,
      metadata: { ...state.metadata, length: prompt.length },
    }),
  };
  const { state } = await agentOf([["hi"]], { hooks: [hook] }).agent.invoke("four");
  assertEquals(state.metadata.length, 4);
});

test("A hook that makes the agent confident ends an auto run before its first turn", async () => {
  const hook: Hook = { onBeforeInvocation: (_, state) => ({ ...state, confidence: 0.9 }) };
  const { agent, model } = agentOf([["hi"]], { hooks: [hook] });
  const { stop_reason, success } = await agent.invoke("go");
  assertEquals([stop_reason, success, model.calls.length], ["confidence_met", true, 0]);
});

test("A hook that returns no state is refused by name", async () => {
  const hook = { name: "sloppy", onBeforeInvocation: () => 5 } as object as Hook;
  await assertRejects(
    () => agentOf([["hi"]], { hooks: [hook] }).agent.invoke("go"),
    TypeError,
    'hook "sloppy": onBeforeInvocation() must return a state or nothing, got 5',
  );
});

test("An observer that throws before the run is reported, and the run goes on", async () => {
  class Watcher implements Hook {
    readonly observer = true;
    readonly priority = HookPriority.OBSERVABILITY_DEFAULT;
    onBeforeInvocation(): void {
      throw new Error("no disk");
    }
  }
  const { agent } = agentOf([["hi"]], { hooks: [new Watcher()] });
  const text = await printed(async () => assertEquals((await agent.invoke("go")).success, true));
  assertStringIncludes(text, 'hook "Watcher" failed in onBeforeInvocation(): Error: no disk');
});

test("A hook that throws after the run is reported, and the others still run", async () => {
  const seen: boolean[] = [];
  const hooks: Hook[] = [
    { priority: 1, onAfterInvocation: (_, success) => void seen.push(success) },
    { priority: 2, name: "broken", onAfterInvocation: () => Promise.reject(new Error("late")) },
  ];
  const { agent } = agentOf([["hi"]], { hooks });
  const text = await printed(async () => assertEquals((await agent.invoke("go")).success, true));
  assertEquals(seen, [true]);
  assertStringIncludes(text, 'hook "broken" failed in onAfterInvocation()');
});

test("A hook after the run sees its final state, once a segment", async () => {
  const states: AgentState[] = [];
  const hook: Hook = { onAfterInvocation: (state) => void states.push(state) };
  const { agent } = agentOf([["hi"]], { hooks: [hook], outputKey: "answer" });
  const { state } = await agent.invoke("go");
  assertEquals(states.length, 1);
  assertEquals(states[0], state);
  assertEquals(state.metadata.answer, "hi");
});

test("Turns count from 0, in events, hooks and tools; what was used is a number", async () => {
  const seen: number[] = [];
  const note = (iteration: number) => void seen.push(iteration);
  const look = tool({ name: "add", execute: (_, { iteration }) => note(iteration) });
  const { agent } = agentOf(ASK_ONCE, {
    tools: look,
    reflexion: true,
    hooks: [{ onIterationStart: note, onIterationEnd: note }],
  });
  const { events } = await collect(agent.run("go"));
  assertEquals(seen, [0, 0, 0, 1, 1]);
  assertEquals(all(events, "think").map(({ iteration }) => iteration), [0, 1]);
  assertEquals(only(events, "reflect").iteration, 0);
  assertEquals(only(events, "terminate").iterations_used, 2);
});

const ASK_ONCE: Script[] = [[toolCall("c1", "add", {})], ["done"]];

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
