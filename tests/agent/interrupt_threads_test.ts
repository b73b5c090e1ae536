import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStorage } from "unstorage";
import fsDriver from "unstorage/drivers/fs";
import {
  Agent,
  type AgentOptions,
  InterruptError,
  ThreadBusyError,
  tool,
} from "../../src/agent/mod.ts";
import type { Checkpointer } from "../../src/memory/mod.ts";
import { MemoryCheckpointer, storageCheckpointer } from "../../src/memory/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { agentOf, all, collect, gate, onBus, only, outline } from "./_support.ts";
import { printed } from "./hooks/_support.ts";
import { MapStorage } from "../memory/_support.ts";
import { z } from "zod";

/** Asks for approval; counts how often it was approved. */
function approveTool() {
  const approved: unknown[] = [];
  const approve = tool({
    name: "approve",
    execute: (_, { interrupt }) => {
      const answer = interrupt({ question: "ok?", options: ["y", "n"] }, { risk: "high" });
      approved.push(answer);
      return `approved: ${answer}`;
    },
  });
  return { approve, approved };
}

function sleeper() {
  return tool({ name: "sleep", execute: () => new Promise<never>(() => {}) });
}

const ASK: Script = [toolCall("c1", "approve", {})];

/** An agent like one that another process would make: nothing is shared but the checkpointer. */
function fresh(
  checkpointer: Checkpointer,
  script: readonly Script[],
  options: Partial<AgentOptions> = {},
) {
  const { approve, approved } = approveTool();
  const tools = [approve, sleeper()];
  return { ...agentOf(script, { checkpointer, tools, ...options }), approved };
}

/** A checkpointer whose data goes through text, and that is made anew by each process. */
function sharedStore(): () => Checkpointer {
  const storage = new MapStorage();
  return () => storageCheckpointer(storage);
}

test("Agent: acceptance 28, a fresh agent goes on where another one was asked", async () => {
  const open = sharedStore();
  const first = fresh(open(), [[toolCall("c1", "approve", {}), toolCall("c2", "sleep", {})]]);
  const asked = await onBus(() => collect(first.agent.run("go", { threadId: "t" })));
  assertEquals(outline(asked.value.events), [
    "model_complete",
    "think",
    "tool_start c1",
    "tool_start c2",
    "tool_complete c2",
    "interrupt",
  ]);
  // Saved before the question is shown: whoever sees it may answer at once.
  assertEquals(asked.events.slice(-2).map(({ event_type }) => event_type), [
    "memory.checkpoint.saved",
    "agent.interrupt",
  ]);
  const { interrupt_id: interruptId } = only(asked.value.events, "interrupt");

  const second = fresh(open(), [["done"]]);
  const pending = (await second.agent.thread("t"))!.pending_interrupt!;
  assertEquals(
    [pending.interrupt_id, pending.question, pending.options, pending.metadata],
    [interruptId, "ok?", ["y", "n"], { risk: "high" }],
  );
  const run = second.agent.resume("y", { threadId: "t", interruptId });
  assertEquals(run.runId, "");
  const { events: bus, value: resumed } = await onBus(() =>
    collect(second.agent.resume("y", { threadId: "t", interruptId }))
  );
  assertEquals(resumed.error, null);
  assertEquals(outline(resumed.events), [
    "tool_complete c1",
    "model_complete",
    "think",
    "terminate",
  ]);
  assertEquals(bus[0]!.data, {
    thread_id: "t",
    iteration: 1,
    backend: "storage",
    resume_node: null,
  });
  assertEquals(bus.slice(-2).map(({ event_type }) => event_type), [
    "agent.terminate",
    "memory.checkpoint.saved",
  ]);
  assertEquals(only(resumed.events, "tool_complete").result, "approved: y");
  assertEquals(all(resumed.events, "think").map(({ iteration }) => iteration), [1]);
  assertEquals(only(resumed.events, "terminate").total_tool_calls, 2);
  const last = second.model.calls.at(-1)!.prompt.at(-1)!;
  assert(last.role === "tool");
  assertEquals(last.content.map((part) => part.type === "tool-result" && part.toolCallId), [
    "c1",
    "c2",
  ]);

  // The other run() of the same answer comes too late, and so does everybody else.
  assert((await collect(run)).error instanceof InterruptError);
  for (const { agent } of [first, second, fresh(open(), [])]) {
    const late = await collect(agent.resume("y", { threadId: "t", interruptId }));
    assert(late.error instanceof InterruptError);
    assertEquals(late.events, []);
  }
  assertEquals([first.approved, second.approved], [[], ["y"]]);
});

test("A run that is resumed from its thread is the same run", async () => {
  const open = sharedStore();
  const first = fresh(open(), [ASK], { metadata: { tenant: "acme" } });
  const before = await first.agent.invoke("go", { threadId: "t", metadata: { user: "ada" } });
  const second = fresh(open(), [["done"]]);
  const run = second.agent.resume("y", { threadId: "t", metadata: { shift: 2 } });
  await collect(run);

  const { state, metrics } = run.result!;
  assertEquals([run.runId, state.run_id], [before.state.run_id, before.state.run_id]);
  assertEquals(state.started_at, before.state.started_at);
  assertEquals(state.metadata, { tenant: "acme", user: "ada", shift: 2 });
  assertEquals([metrics.iterations, metrics.tool_calls, metrics.total_tokens], [2, 1, 16]);
  assertEquals(state.pending_interrupt, null);
  assertEquals(state.reasoning_steps.length, 1);
  assertEquals(await second.agent.thread("t"), state);
});

test("The agent that asked in a thread can be answered without naming it", async () => {
  const { agent, approved } = fresh(new MemoryCheckpointer(), [ASK, ["done"]]);
  await agent.invoke("go", { threadId: "t" });
  const run = agent.resume("y");
  const { error } = await collect(run);
  assertEquals([error, run.result!.message, approved], [null, "done", ["y"]]);
  assertThrows(() => agent.resume("y"), InterruptError, 'say which with "threadId"');
  assertEquals((await agent.thread("t"))!.messages.at(-1)!.content, "done");
});

test("A thread can be resumed as soon as its interrupt event is seen", async () => {
  const checkpointer = new MemoryCheckpointer();
  const first = fresh(checkpointer, [ASK]);
  const second = fresh(checkpointer, [["done"]]);
  const reasons: string[] = [];
  for await (const event of first.agent.run("go", { threadId: "t" })) {
    if (event.event_type !== "interrupt") continue;
    const { events } = await collect(second.agent.resume("y", { threadId: "t" }));
    reasons.push(only(events, "terminate").reason);
  }
  assertEquals(reasons, ["complete"]);
  assertEquals((await second.agent.thread("t"))!.messages.at(-1)!.content, "done");
});

test("Of many that resume a thread at once, one goes on", async () => {
  const shared = new MemoryCheckpointer();
  for (const open of [sharedStore(), () => shared]) {
    const first = fresh(open(), [ASK]);
    await first.agent.invoke("go", { threadId: "t" });
    // One checkpointer for all: what decides between processes is the store.
    const checkpointer = open();
    const others = Array.from({ length: 10 }, () => fresh(checkpointer, [["done"]]));
    const ended = await Promise.all(
      others.map(({ agent }) => collect(agent.resume("y", { threadId: "t" }))),
    );
    assertEquals(ended.filter(({ error }) => error === null).length, 1);
    assertEquals(others.flatMap(({ approved }) => approved), ["y"]);
    for (const { events, error } of ended) {
      if (error === null) continue;
      assert(error instanceof ThreadBusyError || error instanceof InterruptError);
      assertEquals(events, []);
    }
  }
});

test("A checkpointer that lost the question to somebody else stops the run before the tool", async () => {
  const checkpointer = new MemoryCheckpointer();
  const first = fresh(checkpointer, [ASK]);
  await first.agent.invoke("go", { threadId: "t" });
  // Another process is quicker between this one's reading and its taking.
  const slow: Checkpointer = {
    backend: "slow",
    save: (...args) => checkpointer.save(...args),
    load: (...args) => checkpointer.load(...args),
    listCheckpoints: (...args) => checkpointer.listCheckpoints(...args),
    delete: async (...args) => {
      await checkpointer.delete(...args);
      return await checkpointer.delete(...args);
    },
  };
  const second = fresh(slow, [["done"]]);
  const { error } = await collect(second.agent.resume("y", { threadId: "t" }));
  assert(error instanceof InterruptError);
  assertEquals(second.approved, []);
});

test("Agent.resume() of a thread says what is wrong, and leaves the thread as it was", async () => {
  const open = sharedStore();
  const { agent } = fresh(open(), [ASK, ["plain"]]);
  const { state } = await agent.invoke("go", { threadId: "asks" });
  await agent.invoke("go", { threadId: "idle" });
  const toolless = new Agent({ model: new ScriptedModel(), checkpointer: open() });

  const cases: [Agent, string, string | undefined, string][] = [
    [agent, "none", undefined, 'there is no thread "none"'],
    [agent, "idle", undefined, 'the thread "idle" does not wait'],
    [agent, "asks", "int_nope", 'does not wait for interrupt "int_nope", but for "int_'],
    [toolless, "asks", undefined, "this agent has no tool of that name; give it the tools"],
  ];
  for (const [who, threadId, interruptId, message] of cases) {
    const { events, error } = await collect(who.resume("y", { threadId, interruptId }));
    assert(error instanceof InterruptError, message);
    assert(error.message.includes(message), error.message);
    assertEquals(events, []);
  }
  assertEquals(await agent.thread("asks"), state);
  const later = fresh(open(), [["done"]]);
  assertEquals((await collect(later.agent.resume("y", { threadId: "asks" }))).error, null);
});

test("A tool that no longer takes its arguments cannot be resumed", async () => {
  const checkpointer = new MemoryCheckpointer();
  const pay = (parameters: z.ZodType<{ amount: unknown }>) =>
    tool({ name: "pay", parameters, execute: (_, { interrupt }) => interrupt("pay?") });
  const first = agentOf([[toolCall("c1", "pay", { amount: 5 })]], {
    checkpointer,
    tools: pay(z.object({ amount: z.number() })),
  });
  await first.agent.invoke("go", { threadId: "t" });
  const second = agentOf([], { checkpointer, tools: pay(z.object({ amount: z.string() })) });
  const { error } = await collect(second.agent.resume("y", { threadId: "t" }));
  assert(error instanceof InterruptError);
  assert(error.message.includes('the tool "pay" no longer takes'), error.message);
});

test("Arguments, hooks and transforms hold for a tool that is resumed elsewhere", async () => {
  const open = sharedStore();
  const seen: unknown[] = [];
  const pay = tool({
    name: "pay",
    parameters: z.object({ at: z.string().transform((text) => new Date(text)) }),
    execute: ({ at }, { interrupt }) => {
      const answer = interrupt("pay?");
      seen.push(at.getTime(), answer);
      return "paid";
    },
  });
  const hooks: AgentOptions["hooks"] = [{
    onBeforeToolCall: (event) => event.replaceArguments({ at: "1970-01-01T00:00:01Z" }),
  }];
  const call = toolCall("c1", "pay", { at: "2020-01-01T00:00:00Z" });
  const first = agentOf([[call]], { checkpointer: open(), tools: pay, hooks });
  await first.agent.invoke("go", { threadId: "t" });
  const second = agentOf([["done"]], { checkpointer: open(), tools: pay, hooks });
  const run = second.agent.resume({ by: "ada" }, { threadId: "t" });
  await collect(run);
  assertEquals(seen, [1000, { by: "ada" }]);
  assertEquals(run.result!.tool_executions[0]!.arguments, { at: "1970-01-01T00:00:01.000Z" });
});

test("What siblings returned before the question is told to the model, in call order", async () => {
  const open = sharedStore();
  let counted = 0;
  const count = tool({ name: "count", execute: () => `${++counted}` });
  const late = tool({
    name: "late",
    execute: async (_, { interrupt }) => {
      for (let i = 0; i < 10; i++) await Promise.resolve();
      return interrupt("ok?");
    },
  });
  const tools = [count, late];
  const calls = [toolCall("c1", "late", {}), toolCall("c2", "count", {})];
  const first = agentOf([calls], { checkpointer: open(), tools });
  await first.agent.invoke("go", { threadId: "t" });
  const second = agentOf([["done"]], { checkpointer: open(), tools });
  await collect(second.agent.resume("y", { threadId: "t" }));

  const last = second.model.calls[0]!.prompt.at(-1)!;
  assert(last.role === "tool");
  assertEquals(
    last.content.map((part) => part.type === "tool-result" && part.output),
    [{ type: "text", value: "y" }, { type: "text", value: "1" }],
  );
  assertEquals(counted, 1);
});

test("A resumed segment reflects, counts turns, asks again and saves like any other", async () => {
  const open = sharedStore();
  const form = tool({
    name: "form",
    execute: (_, { interrupt }) => `${interrupt("name?")} is ${interrupt<number>("age?")}`,
  });
  const options = { tools: form, reflexion: true };
  const ask: Script = [toolCall("c1", "form", {})];
  const first = agentOf([ask], { ...options, checkpointer: open() });
  await first.agent.invoke("go", { threadId: "t" });
  // Each answer is given in a process of its own.
  const second = agentOf([], { ...options, checkpointer: open() });
  const again = await collect(second.agent.resume("Ada", { threadId: "t" }));
  assertEquals(outline(again.events), ["interrupt"]);
  assertEquals(only(again.events, "interrupt").question, "age?");

  const ended: boolean[] = [];
  const third = agentOf([["done"]], {
    ...options,
    checkpointer: open(),
    hooks: [{ onAfterInvocation: (_, success) => void ended.push(success) }],
  });
  const { events } = await collect(third.agent.resume(36, { threadId: "t" }));
  assertEquals(outline(events).slice(0, 3), ["tool_complete c1", "reflect", "model_complete"]);
  assertEquals(only(events, "tool_complete").result, "Ada is 36");
  assertEquals(ended, [true]);
});

test("A new prompt on a thread that waits abandons the question, and the model is told", async () => {
  const open = sharedStore();
  const first = fresh(open(), [[toolCall("c1", "approve", {}), toolCall("c2", "sleep", {})]]);
  const { state } = await first.agent.invoke("go", { threadId: "t" });
  const second = fresh(open(), [["never mind"]]);
  const { message, tool_executions } = await second.agent.invoke("stop that", { threadId: "t" });

  assertEquals(message, "never mind");
  assertEquals(tool_executions.map(({ result, cancelled }) => [result, cancelled]), [
    ["Cancelled: the question was not answered", true],
    [
      "Cancelled: sibling tool requested interrupt. " +
      "It was told to stop, did not at once, and may have done its work all the same",
      true,
    ],
  ]);
  const roles = second.model.calls[0]!.prompt.map(({ role }) => role);
  assertEquals(roles, ["system", "user", "assistant", "tool", "user"]);
  const { interrupt_id: interruptId } = state.pending_interrupt!;
  const { error } = await collect(first.agent.resume("y", { threadId: "t", interruptId }));
  assert(error instanceof InterruptError);
});

test("The agent that asked forgets a question that its thread abandoned", async () => {
  const { agent } = fresh(new MemoryCheckpointer(), [ASK, ["never mind"]]);
  await agent.invoke("go", { threadId: "t" });
  await agent.invoke("stop that", { threadId: "t" });
  assertThrows(() => agent.resume("y"), InterruptError, "no run of this agent waits");
});

test("A thread whose run broke off after the answer goes on with a new prompt", async () => {
  const checkpointer = new MemoryCheckpointer();
  const started = gate();
  const crash = tool({
    name: "approve",
    execute: async (_, { interrupt }) => {
      interrupt("ok?");
      started.resolve();
      return await new Promise<never>(() => {});
    },
  });
  const first = agentOf([ASK], { checkpointer, tools: crash });
  await first.agent.invoke("go", { threadId: "t" });
  const run = first.agent.resume("y", { threadId: "t" });
  const pending = run.next();
  await started.promise;

  // What another process finds, when this one is gone.
  const copy = new MemoryCheckpointer();
  await copy.save((await checkpointer.load("t"))!, "t");
  const second = agentOf([["sorry"]], { checkpointer: copy, tools: crash });
  const late = await collect(second.agent.resume("y", { threadId: "t" }));
  assert(late.error instanceof InterruptError);
  assert(late.error.message.includes("was answered before"), late.error.message);
  const { tool_executions } = await second.agent.invoke("again?", { threadId: "t" });
  assertEquals(tool_executions.map(({ result }) => result), [
    "Cancelled: the run broke off here, it is not known how far the tool came",
  ]);
  await run.return();
  await pending;
});

test("A question that could not be saved can still be answered by the agent that asked", async () => {
  const checkpointer = new MemoryCheckpointer();
  const save = checkpointer.save.bind(checkpointer);
  checkpointer.save = () => Promise.reject(new Error("disk full"));
  const { agent, approved } = fresh(checkpointer, [ASK, ["done"]]);
  const lines = await printed(() => agent.invoke("go", { threadId: "t" }));
  assert(lines.includes('the thread "t" could not be saved: Error: disk full'), lines);

  checkpointer.save = save;
  const { error } = await collect(agent.resume("y", { threadId: "t" }));
  assertEquals([error, approved], [null, ["y"]]);
  assertEquals((await agent.thread("t"))!.messages.at(-1)!.content, "done");
  assertThrows(() => agent.resume("y"), InterruptError);
});

test("A prompt after a question that could not be saved knows what was done, and ends the question", async () => {
  const checkpointer = new MemoryCheckpointer();
  const save = checkpointer.save.bind(checkpointer);
  checkpointer.save = () => Promise.reject(new Error("disk full"));
  let paid = 0;
  const pay = tool({ name: "pay", execute: () => `paid ${++paid}` });
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => interrupt("sure?") });
  const { agent } = agentOf([
    [toolCall("c1", "pay", {}), toolCall("c2", "ask", {}), toolCall("c3", "pay", {})],
    ["never mind"],
  ], { tools: [pay, ask], toolExecution: "sequential", checkpointer });
  await printed(() => agent.invoke("go", { threadId: "t" }));
  checkpointer.save = save;

  await agent.invoke("something else", { threadId: "t" });
  const { messages, tool_executions } = (await agent.thread("t"))!;
  assertEquals(messages.map(({ content }) => content).slice(-6), [
    null,
    "paid 1",
    "Cancelled: the question was not answered",
    "Not executed: the run was stopped before this call",
    "something else",
    "never mind",
  ]);
  assertEquals([tool_executions.length, paid], [2, 1]);
  // Whoever went on with it would wipe out what was said since.
  const { error } = await collect(agent.resume("y", { threadId: "t" }));
  assert(error instanceof InterruptError);
});

test("What was done before a question is known though its store fails as it is taken", async () => {
  const checkpointer = new MemoryCheckpointer();
  const take = checkpointer.delete.bind(checkpointer);
  checkpointer.delete = async (...args) => {
    await take(...args);
    throw new Error("connection lost");
  };
  const pay = tool({ name: "pay", execute: () => "paid" });
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => interrupt("sure?") });
  const { agent } = agentOf([
    [toolCall("c1", "pay", {}), toolCall("c2", "ask", {})],
    ["never mind"],
  ], { tools: [pay, ask], toolExecution: "sequential", checkpointer });
  await agent.invoke("go", { threadId: "t" });
  const { error } = await collect(agent.resume("y", { threadId: "t" }));
  assertEquals((error as Error).message, "connection lost");

  const { tool_executions } = await agent.invoke("what did you do?", { threadId: "t" });
  assertEquals(tool_executions.map(({ result }) => result), [
    "paid",
    "Cancelled: the run broke off here, it is not known how far the tool came",
  ]);
});

test("A question that could not be saved waits on while another run has its thread", async () => {
  const checkpointer = new MemoryCheckpointer();
  const save = checkpointer.save.bind(checkpointer);
  checkpointer.save = () => Promise.reject(new Error("disk full"));
  const { agent, approved } = fresh(checkpointer, [ASK, ["done"]]);
  await printed(() => agent.invoke("go", { threadId: "t" }));
  checkpointer.save = save;

  const { promise: held, resolve: letGo } = gate<readonly string[]>();
  const { promise: asked, resolve: ask } = gate();
  const other = fresh(checkpointer, [() => (ask(), held)]);
  const end = collect(other.agent.run("a", { threadId: "t" }));
  await asked;
  const early = await collect(agent.resume("y"));
  assert(early.error instanceof ThreadBusyError);
  assertEquals(early.events, []);

  letGo(["one"]);
  await end;
  assertEquals((await collect(agent.resume("y"))).error, null);
  assertEquals(approved, ["y"]);
});

test("A run that is cancelled before it has its question leaves it to others", async () => {
  const { agent, approved } = fresh(new MemoryCheckpointer(), [ASK, ["done"]]);
  await agent.invoke("go", { threadId: "t" });
  const signal = AbortSignal.abort(new Error("not now"));
  await assertRejects(() => agent.resume("y", { threadId: "t", signal }).next(), Error, "not now");
  assertEquals((await collect(agent.resume("y", { threadId: "t" }))).error, null);
  assertEquals(approved, ["y"]);
});

test("Of two processes that answer at the same moment, one goes on", async () => {
  const base = await mkdtemp(join(tmpdir(), "locus-answers-"));
  let paid = 0;
  const pay = tool({ name: "pay", execute: (_, { interrupt }) => `${interrupt("ok?")} ${++paid}` });
  const at = () => {
    const storage = createStorage({ driver: fsDriver({ base }) });
    return agentOf([["done"]], { tools: pay, checkpointer: storageCheckpointer(storage) }).agent;
  };
  try {
    for (let round = 0; round < 5; round++) {
      const threadId = `t${round}`;
      const first = agentOf([[toolCall("c1", "pay", {})]], {
        tools: pay,
        checkpointer: storageCheckpointer(createStorage({ driver: fsDriver({ base }) })),
      });
      await first.agent.invoke("go", { threadId });
      const runs = [at(), at(), at()].map((agent) => collect(agent.resume("yes", { threadId })));
      const ends = await Promise.all(runs);
      assertEquals([paid, ends.filter(({ error }) => error === null).length], [round + 1, 1]);
      for (const { events, error } of ends) {
        if (error === null) continue;
        assert(error instanceof InterruptError, String(error));
        assertEquals(events, []);
      }
    }
  } finally {
    await rm(base, { recursive: true });
  }
});
