import { test } from "node:test";
import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { runContext } from "@locus/core";
import { type AgentOptions, ThreadBusyError, tool } from "../../src/agent/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { type Script, toolCall, type usage } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, gate, onBus, only } from "./_support.ts";

/** An agent with a checkpointer of its own. */
function threaded(script: readonly Script[], options: Partial<AgentOptions> = {}) {
  return agentOf(script, { checkpointer: new MemoryCheckpointer(), ...options });
}

/** What the model was told in a call, as role and text. */
function told(model: ReturnType<typeof agentOf>["model"], call: number): string[] {
  return model.calls[call]!.prompt.map(({ role, content }) =>
    `${role}: ${
      typeof content === "string"
        ? content
        : content.map((part) => part.type === "text" ? part.text : part.type).join("|")
    }`
  );
}

test("Agent: acceptance 32, three prompts of one thread", async () => {
  const { agent, model } = threaded([["one"], ["two"], ["three"]], { maxIterations: 2 });
  const messages: string[] = [];
  const kinds: string[][] = [];
  for (const prompt of ["a", "b", "c"]) {
    const { events, value } = await onBus(() => agent.invoke(prompt, { threadId: "t" }));
    messages.push(`${value.stop_reason} ${value.message}`);
    kinds.push(events.map(({ event_type }) => event_type));
    const saved = events.filter(({ event_type }) => event_type === "memory.checkpoint.saved");
    assertEquals(saved.map(({ data }) => data), [
      { thread_id: "t", iteration: 1, backend: "memory", trigger: "final" },
    ]);
  }

  assertEquals(messages, ["complete one", "complete two", "complete three"]);
  for (const types of kinds) {
    assertEquals(types.slice(-2), ["agent.terminate", "memory.checkpoint.saved"]);
  }
  assertEquals(kinds.map((types) => types.indexOf("memory.checkpoint.loaded")), [-1, 0, 0]);
  assertEquals(told(model, 2), [
    "system: You are a helpful AI assistant.",
    "user: a",
    "assistant: one",
    "user: b",
    "assistant: two",
    "user: c",
  ]);
});

test("memory.checkpoint.loaded says what was loaded", async () => {
  const { agent } = threaded([[toolCall("c1", "add", { a: 1, b: 1 })], ["2"], ["ok"]], {
    tools: addTool(),
  });
  await agent.invoke("a", { threadId: "t" });
  const { events } = await onBus(() => agent.invoke("b", { threadId: "t" }));
  assertEquals(events[0]!.data, {
    thread_id: "t",
    iteration: 2,
    backend: "memory",
    resume_node: null,
  });
});

test("A thread whose last run ended with a terminal tool goes on with the next prompt", async () => {
  const submit = tool({ name: "submit", execute: () => "R" });
  const { agent, model } = threaded([[toolCall("c1", "submit", {})], ["answer"]], {
    tools: submit,
  });
  const first = await agent.invoke("a", { threadId: "t" });
  const second = await agent.invoke("b", { threadId: "t" });

  assertEquals([first.stop_reason, first.message], ["terminal_tool", "R"]);
  assertEquals([second.stop_reason, second.message], ["complete", "answer"]);
  assertEquals(model.calls.length, 2);
});

test("A thread whose last run was sure enough to stop goes on with the next prompt", async () => {
  const { agent } = threaded(
    [[toolCall("c1", "add", { a: 1, b: 1 })], [toolCall("c2", "add", { a: 2, b: 2 })], ["4"]],
    { tools: addTool(), reflexion: { confidenceThreshold: 0.15 } },
  );
  const first = await agent.invoke("a", { threadId: "t" });
  const second = agent.run("b", { threadId: "t" });
  const { events } = await collect(second);

  assertEquals(first.stop_reason, "confidence_met");
  assertEquals(all(events, "reflect").map((event) => event.new_confidence), [0.15]);
});

test("Iterations, tokens, errors and tool calls count from each prompt on", async () => {
  const fail = tool({
    name: "fail",
    execute: () => {
      throw new Error("no");
    },
  });
  const turns: Script[] = [[toolCall("c1", "fail", {})], ["sorry"]];
  const { agent } = threaded([...turns, ...turns, ...turns], { tools: fail, maxIterations: 2 });
  for (const prompt of ["a", "b", "c"]) {
    const { metrics, stop_reason, state } = await agent.invoke(prompt, { threadId: "t" });
    assertEquals(stop_reason, "complete");
    assertEquals(
      [metrics.iterations, metrics.tool_calls, metrics.tool_errors, metrics.total_tokens],
      [2, 1, 1, 16],
    );
    assertEquals(state.reasoning_steps.length, 1);
    assertEquals(state.errors, []);
  }
  assertEquals((await agent.thread("t"))!.tool_executions.length, 3);
});

test("The token budget of a thread's run is estimated from the run's own messages", async () => {
  const silent = { inputTokens: {}, outputTokens: {} } as ReturnType<typeof usage>;
  const { agent } = threaded([
    { content: ["x".repeat(400)], usage: silent },
    { content: [toolCall("c1", "add", { a: 1, b: 1 })], usage: silent },
    { content: ["2"], usage: silent },
  ], { tools: addTool(), tokenBudget: 50 });
  await agent.invoke("a", { threadId: "t" });
  const { stop_reason } = await agent.invoke("b", { threadId: "t" });
  assertEquals(stop_reason, "complete");
});

test("The system prompt is made anew for each run of a thread, and metadata is merged", async () => {
  const { agent, model } = threaded([["one"], ["two"]], {
    metadata: { tenant: "none", plan: "free" },
    systemPrompt: ({ prompt, metadata }) => `${prompt} for ${metadata.tenant}`,
  });
  await agent.invoke("a", { threadId: "t", metadata: { tenant: "acme" } });
  const { state } = await agent.invoke("b", { threadId: "t", metadata: { plan: "pro" } });

  assertEquals(told(model, 1), ["system: b for acme", "user: a", "assistant: one", "user: b"]);
  assertEquals(state.metadata, { tenant: "acme", plan: "pro" });
});

test("A run of a thread has a run id of its own", async () => {
  const { agent } = threaded([["one"], ["two"]]);
  const first = agent.run("a", { threadId: "t" });
  const second = agent.run("b", { threadId: "t" });
  await collect(first);
  await collect(second);
  assertNotEquals(first.runId, second.runId);
  assertEquals(second.result!.state.run_id, second.runId);
});

test("Equal calls of an idempotent tool are answered by what the thread has, and failures too", async () => {
  const calls: unknown[] = [];
  const look = tool({
    name: "look",
    idempotent: true,
    parameters: { type: "object", properties: { id: { type: "integer" } } },
    execute: async ({ id }) => {
      await Promise.resolve(calls.push(id));
      if (id === 2) throw new Error("gone");
      return `item ${id}`;
    },
  });
  const turns: Script[] = [
    [toolCall("c1", "look", { id: 1 }), toolCall("c2", "look", { id: 2 })],
    ["done"],
  ];
  const { agent } = threaded([...turns, ...turns], { tools: look });
  await agent.invoke("a", { threadId: "t" });
  const { state } = await agent.invoke("b", { threadId: "t" });

  assertEquals(calls, [1, 2]);
  assertEquals(
    state.tool_executions.map((call) => [call.idempotent_cache_hit, call.result, call.error]),
    [
      [false, "item 1", null],
      [false, null, "Error: gone"],
      [true, "item 1", null],
      [true, null, "Error: gone"],
    ],
  );
});

test("An idempotent tool that was unknown once is called when the thread has it", async () => {
  const checkpointer = new MemoryCheckpointer();
  const turns: Script[] = [[toolCall("c1", "look", {})], ["done"]];
  const first = agentOf(turns, { checkpointer });
  await first.agent.invoke("a", { threadId: "t" });
  const look = tool({ name: "look", idempotent: true, execute: () => "there" });
  const second = agentOf(turns, { checkpointer, tools: look });
  const { state } = await second.agent.invoke("b", { threadId: "t" });
  assertEquals(state.tool_executions.map(({ result }) => result), [null, "there"]);
});

test("Agent.run() refuses a thread without a checkpointer, and ids that can name none", () => {
  const { agent } = agentOf([]);
  assertThrows(
    () => agent.run("a", { threadId: "t" }),
    TypeError,
    'run(): "threadId" needs an agent with a checkpointer',
  );
  const { agent: other } = threaded([]);
  for (const threadId of ["", 5 as never, "x".repeat(1025), "\ud800"]) {
    assertThrows(() => other.run("a", { threadId }), TypeError, '"threadId" must be a string of 1');
    assertThrows(() => other.resume("a", { threadId }), TypeError, '"threadId" must be');
  }
});

test("Agent.thread() and deleteThread() need a checkpointer", async () => {
  const { agent } = agentOf([]);
  await assertRejects(() => agent.thread("t"), TypeError, "needs an agent with a checkpointer");
  await assertRejects(() => agent.deleteThread("t"), TypeError, "deleteThread()");
  assertEquals(agent.checkpointer, null);
});

test("Agent.thread() shows what a thread holds, until it is deleted", async () => {
  const { agent } = threaded([["one"], ["again"]]);
  assertEquals(await agent.thread("t"), null);
  const { state } = await agent.invoke("a", { threadId: "t" });
  assertEquals(await agent.thread("t"), state);
  assert(Object.isFrozen((await agent.thread("t"))!.messages[0]));

  assertEquals(await agent.deleteThread("t"), true);
  assertEquals(await agent.deleteThread("t"), false);
  assertEquals(await agent.thread("t"), null);
  const { messages } = await agent.invoke("b", { threadId: "t" });
  assertEquals(messages.length, 3);
});

test("Two runs cannot have one thread at the same time, also of two agents", async () => {
  const checkpointer = new MemoryCheckpointer();
  const { promise: held, resolve: letGo } = gate<readonly string[]>();
  const first = agentOf([() => held, ["later"]], { checkpointer });
  const second = agentOf([["two"]], { checkpointer });
  const running = first.agent.run("a", { threadId: "t" });
  const end = collect(running);

  const { events, error } = await collect(second.agent.run("b", { threadId: "t" }));
  assert(error instanceof ThreadBusyError);
  assertEquals([error.kind, error.threadId], ["thread_busy", "t"]);
  assertEquals(only(events, "terminate").reason, "error");
  await assertRejects(() => second.agent.deleteThread("t"), ThreadBusyError);
  // Another thread is free.
  assertEquals((await second.agent.invoke("c", { threadId: "u" })).message, "two");

  letGo(["one"]);
  await end;
  assertEquals((await first.agent.thread("t"))!.messages.at(-1)!.content, "one");
  assertEquals((await first.agent.invoke("d", { threadId: "t" })).message, "later");
});

test("A thread is free again however its run ended", async () => {
  const { agent } = threaded([new Error("down"), ["two"], ["three"], ["four"]]);
  await assertRejects(() => agent.invoke("a", { threadId: "t" }), Error, "down");
  for await (const _ of agent.run("b", { threadId: "t" })) break;
  const signal = AbortSignal.abort();
  assertEquals((await agent.invoke("c", { threadId: "t", signal })).stop_reason, "cancelled");
  assertEquals((await agent.invoke("d", { threadId: "t" })).stop_reason, "complete");
});

test("What a run said is kept although it failed, or its consumer left", async () => {
  const { agent } = threaded([new Error("down"), ["two"]]);
  await agent.invoke("a", { threadId: "t", throwOnError: false });
  const failed = (await agent.thread("t"))!;
  assertEquals(failed.messages.map(({ role }) => role), ["system", "user"]);
  assertEquals(failed.errors, ["Error: down"]);

  for await (const _ of agent.run("b", { threadId: "t" })) break;
  const left = (await agent.thread("t"))!;
  assertEquals(left.messages.filter(({ role }) => role === "user").length, 2);
});

test("A run that is cancelled before it has its thread leaves it as it was", async () => {
  const { agent } = threaded([["one"]]);
  await agent.invoke("a", { threadId: "t" });
  const before = await agent.thread("t");
  await agent.invoke("b", { threadId: "t", signal: AbortSignal.abort() });
  assertEquals(await agent.thread("t"), before);
});

test("A hook that leaves out what was said before does not hide the answer", async () => {
  const { agent } = threaded([["one"], ["two", toolCall("c1", "add", { a: 1, b: 1 })]], {
    tools: addTool(),
    tokenBudget: 8,
    hooks: [{
      onBeforeInvocation: (_, state) => ({ ...state, messages: state.messages.slice(-1) }),
    }],
  });
  await agent.invoke("a", { threadId: "t" });
  const { stop_reason, message } = await agent.invoke("b", { threadId: "t" });
  assertEquals([stop_reason, message], ["token_budget", "two"]);
});

test("A thousand threads of one agent do not mix", async () => {
  const count = 1000;
  const { agent } = agentOf(
    Array.from({ length: 2 * count }, (): Script => ({ prompt }) => {
      const said = prompt.flatMap(({ role, content }) =>
        role === "user" && content[0]?.type === "text" ? [content[0].text] : []
      );
      return [said.join(",")];
    }),
    { checkpointer: new MemoryCheckpointer({ maxThreads: count }) },
  );
  const ask = (prompt: string) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        runContext(() => agent.invoke(`${prompt}${i}`, { threadId: `t${i}` }))),
    );
  await ask("a");
  const results = await ask("b");
  assertEquals(results.map(({ message }) => message), results.map((_, i) => `a${i},b${i}`));
});
