import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import { InterruptError, tool } from "../../src/agent/mod.ts";
import { type Script, toolCall } from "../harness/support/scripted_model.ts";
import { agentOf, all, collect, onBus, only, outline } from "./_support.ts";
import { EventBus, runContext } from "../../mod.ts";
import { handleStream, SseHandler } from "../../src/consumers/mod.ts";
import { decodeFrames } from "../../src/sse/mod.ts";

function approveTool() {
  return tool({
    name: "approve",
    execute: (_, { interrupt }) => {
      const answer = interrupt({ question: "ok?", options: ["y", "n"] }, { risk: "high" });
      return `approved: ${answer}`;
    },
  });
}

function sleeper() {
  return tool({ name: "sleep", execute: () => new Promise<never>(() => {}) });
}

const ASK_BESIDE_SLEEPER: Script[] = [
  [toolCall("c1", "approve", {}), toolCall("c2", "sleep", {})],
  ["done"],
];

test("Agent: acceptance 28, a tool asks a person", async () => {
  const { agent, model } = agentOf(ASK_BESIDE_SLEEPER, { tools: [approveTool(), sleeper()] });
  const run = agent.run("go");
  const { events: bus, value: { events } } = await onBus(() => collect(agent.run("go")));
  assertEquals(run.result, null);

  assertEquals(outline(events), [
    "model_complete",
    "think",
    "tool_start c1",
    "tool_start c2",
    "tool_complete c2",
    "interrupt",
  ]);
  const { result, error, duration_ms } = only(events, "tool_complete");
  assertEquals([result, error, duration_ms], [
    "Cancelled: sibling tool requested interrupt. " +
    "It was told to stop, did not at once, and may have done its work all the same",
    null,
    0,
  ]);
  const { question, options, interrupt_id, metadata } = only(events, "interrupt");
  assertEquals([question, options, metadata], ["ok?", ["y", "n"], { risk: "high" }]);
  assertMatch(interrupt_id, /^int_[0-9a-f]{32}$/);
  assertEquals(bus.at(-1)!.event_type, "agent.interrupt");
  assertEquals(bus.at(-1)!.data, { interrupt_id, question_preview: "ok?", options: ["y", "n"] });

  const resumed = await collect(agent.resume("y"));
  assertEquals(outline(resumed.events), [
    "tool_complete c1",
    "model_complete",
    "think",
    "terminate",
  ]);
  assertEquals(only(resumed.events, "tool_complete").result, "approved: y");
  assertEquals(all(resumed.events, "think").map((event) => event.iteration), [1]);
  assertEquals(only(resumed.events, "terminate").total_tool_calls, 2);
  const told = model.calls.at(-1)!.prompt.at(-1)!;
  assert(told.role === "tool");
  assertEquals(
    told.content.map((part) => part.type === "tool-result" ? part.toolCallId : null),
    ["c1", "c2"],
  );
  assertThrows(() => agent.resume("y"), InterruptError, "no run of this agent waits");
});

test("Agent.invoke() returns an interrupted run as such, and resume() goes on with it", async () => {
  const { agent } = agentOf(ASK_BESIDE_SLEEPER, { tools: [approveTool(), sleeper()] });
  const result = await agent.invoke("go");

  assertEquals([result.stop_reason, result.success, result.message], ["interrupted", false, "ok?"]);
  const pending = result.state.pending_interrupt!;
  assertEquals([pending.tool_name, pending.tool_call_id, pending.iteration], ["approve", "c1", 0]);

  const run = agent.resume("n", { interruptId: pending.interrupt_id });
  assertEquals(run.runId, result.state.run_id);
  await collect(run);
  assertEquals(run.result!.stop_reason, "complete");
  assertEquals(run.result!.state.pending_interrupt, null);
  assertEquals(
    run.result!.tool_executions.map((execution) => [execution.tool_name, execution.cancelled]),
    [["approve", false], ["sleep", true]],
  );
});

test("Agent.resume() wants to know which question, if several wait", async () => {
  const { agent } = agentOf([
    [toolCall("c1", "approve", {})],
    [toolCall("c2", "approve", {})],
    ["second"],
    ["first"],
  ], { tools: approveTool() });
  const first = await agent.invoke("one");
  const second = await agent.invoke("two");

  assertThrows(() => agent.resume("y"), InterruptError, 'say which with "interruptId"');
  assertThrows(() => agent.resume("y", { interruptId: "int_nope" }), InterruptError, "int_nope");
  for (const [{ state }, answer] of [[second, "second"], [first, "first"]] as const) {
    const run = agent.resume("y", { interruptId: state.pending_interrupt!.interrupt_id });
    const { events } = await collect(run);
    assertEquals(run.runId, state.run_id);
    assertEquals(only(events, "terminate").final_message, answer);
  }
});

test("ToolContext.interrupt() can ask several times in one call", async () => {
  const starts: number[] = [];
  const form = tool({
    name: "form",
    execute: (_, { interrupt }) => {
      starts.push(starts.length);
      const name = interrupt("name?");
      const age = interrupt<number>("age?");
      return { name, age };
    },
  });
  const { agent } = agentOf([[toolCall("c1", "form", {})], ["done"]], { tools: form });

  const asked = await collect(agent.run("go"));
  assertEquals(only(asked.events, "interrupt").question, "name?");
  const again = await collect(agent.resume("Ada"));
  assertEquals(outline(again.events), ["interrupt"]);
  assertEquals(only(again.events, "interrupt").question, "age?");
  const done = await collect(agent.resume(36));
  assertEquals(
    JSON.parse(only(done.events, "tool_complete").result!),
    { name: "Ada", age: 36 },
  );
  assertEquals(starts.length, 3);
});

test("ToolContext.interrupt() pauses the run even if the tool catches what it throws", async () => {
  const stubborn = tool({
    name: "stubborn",
    execute: (_, { interrupt }) => {
      try {
        return interrupt("sure?");
      } catch {
        return "went on without an answer";
      }
    },
  });
  const { agent } = agentOf([[toolCall("c1", "stubborn", {})], ["done"]], { tools: stubborn });

  assertEquals(outline((await collect(agent.run("go"))).events).at(-1), "interrupt");
  const { events } = await collect(agent.resume("yes"));
  assertEquals(only(events, "tool_complete").result, "yes");
});

test("A tool that was finished when another one asks is not run again", async () => {
  let calls = 0;
  const count = tool({ name: "count", execute: () => ++calls });
  const late = tool({
    name: "late",
    execute: async (_, { interrupt }) => {
      for (let i = 0; i < 10; i++) await Promise.resolve();
      return interrupt("ok?");
    },
  });
  const { agent } = agentOf([
    [toolCall("c1", "late", {}), toolCall("c2", "sleep", {}), toolCall("c3", "count", {})],
    ["done"],
  ], { tools: [count, late, sleeper()] });

  const asked = await collect(agent.run("go"));
  // What was done comes before what was stopped.
  assertEquals(outline(asked.events).slice(-3), [
    "tool_complete c3",
    "tool_complete c2",
    "interrupt",
  ]);
  const run = agent.resume("y");
  await collect(run);
  assertEquals(calls, 1);
  assertEquals(run.result!.tool_executions.map((e) => e.tool_call_id), ["c1", "c2", "c3"]);
  assertEquals(run.result!.metrics.tool_calls, 3);
});

test("A run can be resumed as soon as its interrupt event is seen", async () => {
  const { agent } = agentOf([[toolCall("c1", "approve", {})], ["done"]], { tools: approveTool() });
  const reasons: string[] = [];
  for await (const event of agent.run("go")) {
    if (event.event_type !== "interrupt") continue;
    const { events } = await collect(agent.resume("y", { interruptId: event.interrupt_id }));
    reasons.push(only(events, "terminate").reason);
  }
  assertEquals(reasons, ["complete"]);
});

test("A question that nobody can be shown is a failure of the tool", async () => {
  const broken = tool({
    name: "broken",
    // @ts-expect-error what a caller without types may do
    execute: (_, { interrupt }) => interrupt({ options: ["y"] }),
  });
  const { agent } = agentOf([[toolCall("c1", "broken", {})], ["done"]], { tools: broken });
  const { events } = await collect(agent.run("go"));
  assertMatch(only(events, "tool_complete").error!, /^TypeError: interrupt\(\): the question/);
});

test("A resumed run can be cancelled while its tool runs", async () => {
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const slow = tool({
    name: "slow",
    execute: (_, { interrupt }) => {
      interrupt("ok?");
      start();
      return new Promise<never>(() => {});
    },
  });
  const { agent } = agentOf([[toolCall("c1", "slow", {})]], { tools: slow });
  await collect(agent.run("go"));
  const resumed = collect(agent.resume("y"));
  await started;
  agent.cancel();
  const { events, error } = await resumed;
  assertEquals(error, null);
  assertEquals(outline(events), ["tool_complete c1", "terminate"]);
  assertEquals(only(events, "terminate").reason, "cancelled");
});

test("Nobody is asked once the run is cancelled", async () => {
  const late = tool({
    name: "late",
    execute: (_, { interrupt }) => {
      agent.cancel();
      return interrupt("still there?");
    },
  });
  const { agent } = agentOf([[toolCall("c1", "late", {})]], { tools: late });
  const { events } = await collect(agent.run("go"));
  assertEquals(outline(events).slice(-2), ["tool_complete c1", "terminate"]);
  assertEquals(only(events, "tool_complete").error, "cancelled");
  assertThrows(() => agent.resume("y"), InterruptError);
});

test("An answer that is given up before its first event can be given again", async () => {
  const { agent } = agentOf([[toolCall("c1", "approve", {})], ["done"]], { tools: approveTool() });
  await agent.invoke("go");
  const run = agent.resume("n");
  await run.return();
  assertEquals(run.result, null);
  assertEquals(await collect(run), { events: [], error: null });

  const { events } = await collect(agent.resume("y"));
  assertEquals(only(events, "tool_complete").result, "approved: y");
  // What has begun is not given back.
  await run.return();
  assertThrows(() => agent.resume("y"), InterruptError);
});

test("An answer whose events nobody asks for takes the question from nobody", async () => {
  const { agent } = agentOf([[toolCall("c1", "approve", {})], ["done"]], { tools: approveTool() });
  await agent.invoke("go");
  const forgotten = agent.resume("n");
  const { events } = await collect(agent.resume("y"));
  assertEquals(only(events, "tool_complete").result, "approved: y");
  assertInstanceOf((await collect(forgotten)).error, InterruptError);
});

test("The stream of a run tells of its question", async () => {
  const asks = tool({ name: "add", execute: (_, { interrupt }) => interrupt("ok?") });
  const handler = new SseHandler();
  await runContext(
    { bus: new EventBus() },
    () => handleStream(agentOf(ASK_ONCE, { tools: asks }).agent.run("go"), handler),
  );
  const names: string[] = [];
  for await (const { event } of handler.readable.pipeThrough(decodeFrames())) names.push(event);
  assertEquals(names.slice(-2), ["interrupt", "done"]);
});

const ASK_ONCE: Script[] = [[toolCall("c1", "add", {})], ["done"]];
