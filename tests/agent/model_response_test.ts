import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import type { LanguageModelV4Prompt, LanguageModelV4ToolCall } from "@ai-sdk/provider";
import { ModelResponseError } from "../../src/agent/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { type Script, toolCall, usage } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, onBus, only } from "./_support.ts";

/** The parts of the last assistant message that a model was handed back. */
function handedBack(prompt: LanguageModelV4Prompt) {
  const message = prompt.findLast((message) => message.role === "assistant")!;
  assert(message.role === "assistant");
  return message.content;
}

test("Thinking is told by think events, and handed back as it was signed", async () => {
  const signed = { anthropic: { signature: "s1" } };
  const script = [
    [
      { type: "reasoning" as const, text: "I should add.", providerMetadata: signed },
      "Adding.",
      toolCall("c1", "add", { a: 1, b: 2 }),
    ],
    ["3"],
  ];
  for (const streaming of [true, false]) {
    const { agent, model } = agentOf(script, { tools: addTool(), streaming });
    const { events } = await collect(agent.run("go"));

    const [first, second] = all(events, "think");
    assertEquals([first!.reasoning, second!.reasoning], ["I should add.", "3"]);
    assertEquals(all(events, "model_complete")[0]!.content, "Adding.");
    const parts = handedBack(model.calls[1]!.prompt);
    assertEquals(parts.map((part) => part.type), ["reasoning", "text", "tool-call"]);
    assertEquals(parts[0]!.providerOptions, signed);
  }
});

test("A signature that comes at the end of streamed thinking is kept", async () => {
  const signed = { anthropic: { signature: "s" } };
  const { agent, model } = agentOf([
    {
      stream: [
        { type: "reasoning-start", id: "0" },
        { type: "reasoning-delta", id: "0", delta: "Hm" },
        { type: "reasoning-delta", id: "0", delta: "m." },
        { type: "reasoning-delta", id: "0", delta: "", providerMetadata: signed },
        { type: "reasoning-end", id: "0" },
        toolCall("c1", "add", { a: 1, b: 2 }),
        {
          type: "finish",
          usage: usage(),
          finishReason: { unified: "tool-calls", raw: "tool_use" },
        },
      ],
    },
    ["3"],
  ], { tools: addTool(), streaming: true });
  const { events } = await collect(agent.run("go"));

  assertEquals(all(events, "think")[0]!.reasoning, "Hmm.");
  assertEquals(all(events, "model_complete")[0]!.stop_reason, "tool_use");
  const [reasoning] = handedBack(model.calls[1]!.prompt);
  assertEquals(reasoning, { type: "reasoning", text: "Hmm.", providerOptions: signed });
});

test("Arguments that nobody can use fail the call, not the run", async () => {
  const deep = `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
  for (const input of ['{"a":1,', "[1, 2]", '"text"', deep]) {
    const { agent, model } = agentOf([
      [{ type: "tool-call", toolCallId: "c1", toolName: "add", input }],
      ["sorry"],
    ], { tools: addTool() });
    const { events } = await collect(agent.run("go"));

    assertMatch(only(events, "tool_complete").error!, /^ToolValidationError: the arguments/);
    assertEquals(only(events, "tool_start").arguments, {});
    assertEquals(only(events, "terminate").reason, "complete");
    const [call] = handedBack(model.calls[1]!.prompt);
    assertEquals(call!.type === "tool-call" && call!.input, {});
  }
});

test("A call without arguments may leave them out", async () => {
  const ping = { ...addTool(), name: "ping", schema: alwaysValid(), execute: () => "pong" };
  const { agent } = agentOf([
    [{ type: "tool-call", toolCallId: "c1", toolName: "ping", input: "" }],
    ["done"],
  ], { tools: ping });
  const { events } = await collect(agent.run("go"));
  assertEquals(only(events, "tool_complete").result, "pong");
});

test("Whatever a model's client hands over, its thread can be read again", async () => {
  const call = toolCall("c1", "add", { a: 1, b: 2 });
  const odd: object[] = [{ toolName: undefined }, { toolName: 5 }, { toolCallId: 5 }];
  const answers: Script[] = [
    ...odd.map((changes) => [{ ...call, ...changes } as LanguageModelV4ToolCall]),
    { content: [call], usage: usage(-5, -3) },
  ];
  for (const answer of answers) {
    const { agent } = agentOf([answer, ["done"], ["again"]], {
      tools: addTool(),
      checkpointer: new MemoryCheckpointer(),
    });
    for (const message of ["done", "again"]) {
      assertEquals((await agent.invoke("go", { threadId: "t" })).message, message);
    }
  }
});

test("Calls that share an id, or have none, get one of their own", async () => {
  const call = (id: string, a: number) => toolCall(id, "add", { a, b: 0 });
  const { agent, model } = agentOf([[call("x", 1), call("x", 2), call("", 3)], ["done"]], {
    tools: addTool(),
  });
  const { events } = await collect(agent.run("go"));

  const ids = all(events, "tool_start").map((event) => event.tool_call_id);
  assertEquals(ids[0], "x");
  assertEquals(new Set(ids).size, 3);
  assertMatch(ids[1]!, /^call_[0-9a-f]{12}$/);
  assertEquals(all(events, "tool_complete").map((event) => event.tool_call_id), ids);
  assertEquals(
    handedBack(model.calls[1]!.prompt).map((part) => part.type === "tool-call" && part.toolCallId),
    ids,
  );
});

test("What a provider executes itself is handed back, and not executed again", async () => {
  const { agent, model } = agentOf([
    [
      { ...toolCall("p1", "web_search", { q: "x" }), providerExecuted: true },
      { type: "tool-result", toolCallId: "p1", toolName: "web_search", result: { hits: 1 } },
      toolCall("c1", "add", { a: 1, b: 2 }),
    ],
    ["done"],
  ], { tools: addTool() });
  const { events } = await collect(agent.run("go"));

  assertEquals(all(events, "tool_start").map((event) => event.tool_call_id), ["c1"]);
  const parts = handedBack(model.calls[1]!.prompt);
  assertEquals(parts.map((part) => part.type), ["tool-call", "tool-result", "tool-call"]);
  assertEquals(parts[1]!.type === "tool-result" && parts[1]!.output, {
    type: "json",
    value: { hits: 1 },
  });
});

test("A request for approval that nobody can give is an error, not a silent end", async () => {
  const { agent } = agentOf([[{
    type: "tool-approval-request",
    approvalId: "a",
    toolCallId: "p1",
  }]]);
  await assertRejects(() => agent.invoke("go"), ModelResponseError, "approval");
});

test("Tool calls that stream are told by a chunk, and once by model_complete", async () => {
  const { agent } = agentOf([["Hi", toolCall("c1", "add", { a: 1, b: 2 })], ["3"]], {
    tools: addTool(),
    streaming: true,
  });
  const { events } = await collect(agent.run("go"));

  const chunks = all(events, "model_chunk").slice(0, 3);
  const call = { id: "c1", name: "add", arguments: { a: 1, b: 2 } };
  assertEquals(chunks.map((event) => [event.content, event.tool_calls, event.done]), [
    ["Hi", null, false],
    [null, [call], false],
    [null, null, true],
  ]);
  assertEquals(all(events, "model_complete")[0]!.tool_calls, [call]);
});

test("Usage that the provider does not report is empty, and costs no agent.tokens.used", async () => {
  const unknown = usage(undefined, undefined);
  unknown.inputTokens.total = undefined;
  unknown.outputTokens.total = NaN;
  const { agent } = agentOf([{ content: ["hi"], usage: unknown }]);
  const result = agent.run("go");
  const { events } = await collect(result);

  assertEquals(only(events, "model_complete").usage, {});
  assertEquals(result.result!.metrics.total_tokens, 0);
});

test("Cached and reasoning tokens are counted by the metrics", async () => {
  const { agent } = agentOf([{
    content: ["hi"],
    usage: {
      inputTokens: { total: 100, noCache: 10, cacheRead: 70, cacheWrite: 20 },
      outputTokens: { total: 50, text: 20, reasoning: 30 },
    },
  }]);
  const { metrics } = await agent.invoke("go");
  assertEquals(metrics.cache_read_input_tokens, 70);
  assertEquals(metrics.cache_creation_input_tokens, 20);
  assertEquals(metrics.reasoning_tokens, 30);
  assertEquals(metrics.total_tokens, 150);
  assertNotEquals(metrics.duration_ms, 0);
});

function alwaysValid() {
  return {
    "~standard": { version: 1 as const, vendor: "test", validate: (value: unknown) => ({ value }) },
  };
}

test("Text that looks like a call is text", async () => {
  let bodies = 0;
  const add = { ...addTool(), execute: () => ++bodies };
  const text = 'I would call add(a=1, b=2), or <tool_call>{"name":"add"}</tool_call>.';
  const { events } = await collect(agentOf([[text]], { tools: add }).agent.run("go"));
  assertEquals([only(events, "terminate").final_message, bodies], [text, 0]);
});

test("Usage has the names of both conventions, and always a total", async () => {
  const { events: bus, value } = await onBus(() => collect(agentOf([["hi"]]).agent.run("go")));
  assertEquals(only(value.events, "model_complete").usage, {
    input_tokens: 5,
    output_tokens: 3,
    prompt_tokens: 5,
    completion_tokens: 3,
    total_tokens: 8,
  });
  const used = bus.find(({ event_type }) => event_type === "agent.tokens.used");
  assertEquals(used!.data, { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 });
});

test("What a provider sends that is nested without end is left out, and the run goes on", async () => {
  let deep: unknown = {};
  for (let i = 0; i < 50_000; i++) deep = { deep };
  const providerMetadata = { vendor: { deep } } as never;
  const searched = {
    type: "tool-result",
    toolCallId: "p1",
    toolName: "web",
    result: deep,
  } as never;
  const asked = { ...toolCall("p1", "web", {}), providerExecuted: true };
  for (const streaming of [true, false]) {
    const script: Script[] = [[asked, searched, { type: "text", text: "hi", providerMetadata }], [
      "2",
    ]];
    const { agent } = agentOf(script, { streaming });
    const { messages } = await agent.invoke("go", { streaming });
    const again = await agent.invoke([...messages, { role: "user", content: "and?" }]);
    assertEquals(again.message, "2");
  }
});
