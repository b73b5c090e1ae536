import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type AgentOptions, type Hook, tool } from "../../../src/agent/mod.ts";
import { MemoryCheckpointer } from "../../../src/memory/mod.ts";
import { type Script, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, only, outline } from "../_support.ts";
import { beforeTool, countingTool } from "./_support.ts";

const DELETE_ONCE: Script[] = [[toolCall("c1", "delete", { a: 1 })], ["done"]];

/** Wants a person's word for every call of these tools. */
function guard(...names: string[]): Hook {
  return beforeTool((event) => {
    if (!names.includes(event.tool_name)) return;
    event.requireApproval(`May I ${event.tool_name}?`, { risk: "high" });
  });
}

function guarded(script: readonly Script[] = DELETE_ONCE, options: Partial<AgentOptions> = {}) {
  const { tool, calls } = countingTool("delete", () => "deleted");
  return { ...agentOf(script, { tools: tool, hooks: [guard("delete")], ...options }), calls, tool };
}

test("requireApproval() asks a person before the tool is called", async () => {
  const { agent, calls } = guarded();
  const { events, error } = await collect(agent.run("go"));
  assertEquals(outline(events), ["model_complete", "think", "tool_start c1", "interrupt"]);
  const { question, options, metadata } = only(events, "interrupt");
  assertEquals([question, options, metadata], [
    "May I delete?",
    ["approve", "reject"],
    { risk: "high" },
  ]);
  assertEquals([error, calls], [null, []]);
});

for (const answer of ["approve", true]) {
  test(`requireApproval() makes the call when it is answered ${JSON.stringify(answer)}`, async () => {
    const { agent, calls } = guarded();
    await agent.invoke("go");
    const { events } = await collect(agent.resume(answer));
    assertEquals(outline(events), ["tool_complete c1", "model_complete", "think", "terminate"]);
    assertEquals([only(events, "tool_complete").result, calls], ["deleted", [{ a: 1 }]]);
  });
}

test("requireApproval() cancels the call for any other answer, and the model is told", async () => {
  const refusal = "A person did not approve this call";
  for (
    const [answer, told] of [
      ["reject", refusal],
      ["", refusal],
      [false, refusal],
      [{ ok: true }, refusal],
      ["Approve", `${refusal}: Approve`],
      ["only src/", `${refusal}: only src/`],
    ] as const
  ) {
    const { agent, calls } = guarded();
    await agent.invoke("go");
    const run = agent.resume(answer);
    const { events } = await collect(run);
    const { result, error } = only(events, "tool_complete");
    assertEquals([result, error, calls.length], [told, null, 0]);
    assertEquals(run.result!.tool_executions[0]!.cancelled, true);
    assertEquals(run.result!.stop_reason, "complete");
  }
});

test("requireApproval() is answered by a fresh agent that has the thread", async () => {
  for (const [answer, bodies] of [["approve", 1], ["reject", 0]] as const) {
    const checkpointer = new MemoryCheckpointer();
    await guarded(DELETE_ONCE, { checkpointer }).agent.invoke("go", { threadId: "t" });
    const other = guarded([["done"]], { checkpointer });
    const { events, error } = await collect(other.agent.resume(answer, { threadId: "t" }));
    assertEquals(error, null);
    assertEquals(outline(events)[0], "tool_complete c1");
    assertEquals(other.calls.length, bodies);
  }
});

test("requireApproval() lets the other calls of the turn be made first", async () => {
  const { agent, calls } = guarded([
    [
      toolCall("c1", "add", { a: 1, b: 2 }),
      toolCall("c2", "delete", {}),
      toolCall("c3", "add", { a: 3, b: 4 }),
    ],
    ["done"],
  ], { tools: [addTool(), countingTool("delete").tool] });
  const asked = await collect(agent.run("go"));
  assertEquals(outline(asked.events).slice(-3), [
    "tool_complete c1",
    "tool_complete c3",
    "interrupt",
  ]);
  assertEquals(all(asked.events, "tool_complete").map(({ result }) => result), ["3", "7"]);
  const run = agent.resume("reject");
  await collect(run);
  assertEquals(run.result!.tool_executions.map((call) => call.tool_call_id), ["c1", "c2", "c3"]);
  assertEquals([run.result!.metrics.tool_calls, calls.length], [3, 0]);
});

test("requireApproval() holds up the calls after it, where they run one after the other", async () => {
  const { agent } = guarded([
    [toolCall("c1", "delete", {}), toolCall("c2", "delete", {})],
    ["done"],
  ], { toolExecution: "sequential" });
  const { events } = await collect(agent.run("go"));
  assertEquals(outline(events).slice(2), ["tool_start c1", "interrupt"]);
});

test("requireApproval() for two calls of a turn asks for one after the other", async () => {
  const { agent, calls } = guarded([
    [toolCall("c1", "delete", { a: 1 }), toolCall("c2", "delete", { a: 2 })],
    ["done"],
  ]);
  const { events } = await collect(agent.run("go"));
  assertEquals(outline(events).slice(-2), ["tool_start c2", "interrupt"]);
  const second = await collect(agent.resume("approve"));
  assertEquals(outline(second.events), ["tool_complete c1", "interrupt"]);
  const last = await collect(agent.resume("reject"));
  assertEquals(outline(last.events)[0], "tool_complete c2");
  assertEquals(calls, [{ a: 1 }]);
});

test("requireApproval() of several hooks is one question, with all that they ask", async () => {
  const { agent } = guarded(DELETE_ONCE, {
    hooks: [
      guard("delete"),
      beforeTool((event) => event.requireApproval("It costs 5 €, fine?", { price: 5 })),
    ],
  });
  const { question, metadata } = only((await collect(agent.run("go"))).events, "interrupt");
  assertEquals([question, metadata], [
    "May I delete?\nIt costs 5 €, fine?",
    { price: 5, risk: "high" },
  ]);
});

test("requireApproval() asks nobody where nothing would be run", async () => {
  const known = tool({ name: "delete", idempotent: true, execute: () => "deleted" });
  const invalid = [[toolCall("c1", "delete", { a: "x" })], ["done"]];
  const unknown = [[toolCall("c1", "nope", {})], ["done"]];
  const cancels = beforeTool((event) => event.cancel("no"));
  for (
    const { agent } of [
      guarded(invalid),
      guarded(unknown, { hooks: [guard("nope")] }),
      guarded(DELETE_ONCE, { hooks: [guard("delete"), cancels] }),
    ]
  ) assertEquals((await agent.invoke("go")).stop_reason, "complete");

  const { agent } = guarded([
    [toolCall("c1", "delete", {})],
    [toolCall("c2", "delete", {})],
    ["done"],
  ], { tools: known });
  assertEquals((await agent.invoke("go")).stop_reason, "interrupted");
  const run = agent.resume("approve");
  await collect(run);
  // The second call is answered by the first.
  assertEquals(run.result!.tool_executions.map((call) => call.result), ["deleted", "deleted"]);
});

test("requireApproval() and then a question of the tool itself are two pauses", async () => {
  const asks = tool({
    name: "delete",
    execute: (_, { interrupt }) => `${interrupt("Which?")}, ${interrupt("Sure?")}`,
  });
  for (const checkpointer of [null, new MemoryCheckpointer()]) {
    const { agent } = guarded([[toolCall("c1", "delete", {})], ["done"]], {
      tools: asks,
      checkpointer,
    });
    const threadId = checkpointer === null ? undefined : "t";
    const questions = [(await agent.invoke("go", { threadId })).message];
    for (const answer of ["approve", "all", "yes"]) {
      const run = agent.resume(answer, { threadId });
      await collect(run);
      questions.push(run.result!.message);
      if (answer === "yes") assertEquals(run.result!.tool_executions[0]!.result, "all, yes");
    }
    assertEquals(questions, ["May I delete?", "Which?", "Sure?", "done"]);
  }
});

test("requireApproval() does not call the hooks before the call again", async () => {
  const seen: string[] = [];
  const { agent } = guarded(DELETE_ONCE, {
    hooks: [guard("delete"), {
      onBeforeToolCall: ({ approvalQuestion }) => void seen.push(`before, ${approvalQuestion}`),
      onAfterToolCall: () => void seen.push("after"),
    }],
  });
  await agent.invoke("go");
  await collect(agent.resume("approve"));
  assertEquals(seen, ["before, May I delete?", "after"]);
});

test("requireApproval() calls the tool with the arguments that hooks have left", async () => {
  for (const checkpointer of [null, new MemoryCheckpointer()]) {
    const { agent, calls } = guarded(DELETE_ONCE, {
      checkpointer,
      hooks: [guard("delete"), beforeTool((event) => event.replaceArguments({ a: 9 }))],
    });
    const threadId = checkpointer === null ? undefined : "t";
    const { state } = await agent.invoke("go", { threadId });
    assertEquals(state.pending_interrupt!.arguments, { a: 9 });
    await collect(agent.resume("approve", { threadId }));
    assertEquals(calls, [{ a: 9 }]);
  }
});

test("Nobody is asked to approve what a hook's failure or a cancel has ended", async () => {
  const failing = guarded([
    [toolCall("c1", "delete", {}), toolCall("c2", "add", { a: 1, b: 2 })],
  ], {
    tools: [countingTool("delete").tool, addTool()],
    hooks: [guard("delete"), {
      onAfterToolCall: () => {
        throw new Error("hook down");
      },
    }],
  });
  const { events, error } = await collect(failing.agent.run("go"));
  assertEquals([(error as Error).message, only(events, "terminate").reason], [
    "hook down",
    "error",
  ]);

  const cancelled = guarded(DELETE_ONCE, {
    hooks: [guard("delete"), { onBeforeToolCall: () => cancelled.agent.cancel() }],
  });
  const { stop_reason } = await cancelled.agent.invoke("go");
  assertEquals([stop_reason, cancelled.calls.length], ["cancelled", 0]);
});

test("requireApproval() wants a question", async () => {
  const { agent } = guarded(DELETE_ONCE, {
    hooks: [beforeTool((event) => event.requireApproval(5 as never))],
  });
  const { error } = await collect(agent.run("go"));
  assert(error instanceof TypeError);
  assertStringIncludes(
    error.message,
    "BeforeToolCallEvent.requireApproval(): expected a question, got 5",
  );
});
