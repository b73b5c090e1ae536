import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI, openai } from "@ai-sdk/openai";
import type { LanguageModelV4Content } from "@ai-sdk/provider";
import { EventBus, runContext } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { MemoryCheckpointer } from "@locus/core/memory";
import { scriptedModel, type Turn } from "@locus/core/testing";
import { eventsOf } from "../_support.ts";
import { printed } from "../hooks/_support.ts";

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E" +
  "rkJggg==";
const web_search = openai.tools.webSearch({ searchContextSize: "low" });
const call = { toolCallId: "ws_1", toolName: "web_search" };
const page = {
  type: "source",
  sourceType: "url",
  id: "s1",
  url: "https://oslo.test",
  title: "Oslo",
} as const;

function searched(result: unknown = { found: 3 }, isError = false): Turn {
  const content: LanguageModelV4Content[] = [
    { type: "tool-call", ...call, input: '{"query":"Oslo"}', providerExecuted: true },
    { type: "tool-result", ...call, result: result as { found: number }, isError },
    { type: "text", text: "It rains." },
    page,
    { ...page, id: "s2" },
    {
      type: "source",
      sourceType: "document",
      id: "s3",
      mediaType: "application/pdf",
      title: "Rain",
      filename: "rain.pdf",
    },
  ];
  return { content };
}

/** What a bus gets of one run. */
async function told(agent: Agent) {
  const bus = new EventBus({ content: true });
  const result = await runContext({ bus, runId: "r" }, () => agent.invoke("Weather?"));
  return { result, events: eventsOf(bus, "r") };
}

test("Tools of the provider are offered beside ours, and never called", async () => {
  const model = scriptedModel([searched()], { provider: "openai.responses" });
  const add = tool({ name: "add", execute: () => 3 });
  await new Agent({ model, tools: { web_search, add } }).invoke("go");
  assertEquals(model.calls[0]!.tools?.map((tool) => [tool.type, tool.name]), [
    ["provider", "web_search"],
    ["function", "add"],
  ]);
  const [sent] = model.calls[0]!.tools!;
  assertEquals(sent, {
    type: "provider",
    id: "openai.web_search",
    name: "web_search",
    args: { searchContextSize: "low" },
  });
});

test("A provider's own tool that is executed here is called here", async () => {
  const anthropic = createAnthropic({ apiKey: "k" });
  const ran: unknown[] = [];
  const bash = anthropic.tools.bash_20250124({
    execute: ({ command }) => (ran.push(command), "ok"),
  });
  const model = scriptedModel([
    { toolCalls: [{ toolName: "bash", input: { command: "ls" } }] },
    "done",
  ]);
  const { tool_executions } = await new Agent({ model, tools: { bash } }).invoke("go");
  assertEquals([ran, tool_executions[0]!.result], [["ls"], "ok"]);
  assertEquals(model.calls[0]!.tools?.[0]?.type, "provider");
});

for (const streaming of [true, false]) {
  test(`What the provider executes is a span of the agent, streaming: ${streaming}`, async () => {
    const model = scriptedModel([searched()]);
    const { events, result } = await told(new Agent({ model, tools: { web_search }, streaming }));
    const agent = events.find(({ data }) => data["kind"] === "agent")!.data["span_id"];
    const [started, completed] = events.filter(({ event_type }) =>
      event_type.startsWith("agent.tool.")
    );
    const { tool_span_id } = started!.data;
    const { duration_ms: _, ...end } = completed!.data;
    assertEquals(started!.data, {
      tool_name: "web_search",
      span_id: "ws_1",
      arg_keys: ["query"],
      tool_span_id,
      parent_span_id: agent,
      attempt: 1,
    });
    assertEquals(end, {
      tool_name: "web_search",
      span_id: "ws_1",
      success: true,
      output_preview: '{"found":3}',
      error: null,
      tool_span_id,
      parent_span_id: agent,
      attempt: 1,
    });
    // It is no execution of ours.
    assertEquals([result.tool_executions, result.metrics.tool_calls], [[], 0]);
  });
}

test("A failure of the provider's tool is the span's, its bytes are told by type", async () => {
  const failing = new Agent({
    model: scriptedModel([searched({ code: "max_uses" }, true)]),
    tools: { web_search },
  });
  const { events } = await told(failing);
  const { data } = events.find(({ event_type }) => event_type === "agent.tool.completed")!;
  assertEquals([data["success"], data["error"]], [false, '{"code":"max_uses"}']);

  const drawing = new Agent({
    model: scriptedModel([searched({ mimeType: "image/png", data: PNG })]),
    tools: { web_search },
  });
  const drawn = JSON.stringify((await told(drawing)).events);
  assertEquals([drawn.includes(PNG.slice(0, 40)), drawn.includes("see the file: image/png")], [
    false,
    true,
  ]);
});

test("A result that the bus cannot be told leaves the run alone", async () => {
  for (const value of [() => {}, 5n]) {
    for (const isError of [false, true]) {
      const model = scriptedModel([searched(value, isError)]);
      const lines = await printed(async () => {
        assertEquals((await told(new Agent({ model }))).result.message, "It rains.");
      });
      assertEquals(lines.includes("could not be published"), typeof value === "bigint", lines);
    }
  }
});

test("A call that the model's failure leaves open has failed with it", async () => {
  const model = scriptedModel([{
    content: [{ type: "tool-call", ...call, input: "{}", providerExecuted: true }],
    error: new Error("gone"),
  }]);
  const bus = new EventBus();
  const agent = new Agent({ model, tools: { web_search } });
  await runContext({ bus, runId: "r" }, async () => {
    for await (const _ of agent.run("go"));
  }).catch(() => {});
  const ended = bus.history({ run: "r" }).filter(({ event_type }) =>
    event_type === "agent.tool.completed"
  );
  assertEquals(ended.map(({ data }) => Object(data).error), ["cancelled"]);
});

test("Sources are in the result, in the thread, and on the bus as what was cited", async () => {
  const checkpointer = new MemoryCheckpointer();
  const model = scriptedModel([searched(), "Again."]);
  const agent = new Agent({ model, tools: { web_search }, checkpointer });
  const { events, result } = await told(agent);
  assertEquals(result.sources, [
    {
      id: "s1",
      type: "url",
      url: "https://oslo.test",
      title: "Oslo",
      media_type: null,
      filename: null,
    },
    {
      id: "s3",
      type: "document",
      url: null,
      title: "Rain",
      media_type: "application/pdf",
      filename: "rain.pdf",
    },
  ]);
  const documents = events.find(({ data }) => data["kind"] === "documents")!.data;
  assertEquals([documents["direction"], documents["used_by"]], ["input", "citation"]);
  const model_span = events.find(({ data }) => data["kind"] === "model")!.data["span_id"];
  assertEquals(documents["span_id"], model_span);
  assertEquals((documents["content"] as unknown[])[0], {
    id: "https://oslo.test",
    score: null,
    text: "Oslo",
    metadata: { media_type: null },
  });
  // A later run has its own.
  const again = await agent.invoke([...result.messages, { role: "user", content: "And?" }]);
  assertEquals(again.sources, []);
});

/** A provider that asks before it calls a tool of an MCP server, and what it is sent. */
function askingProvider() {
  const bodies: Record<string, unknown>[] = [];
  const ask = {
    type: "mcp_approval_request",
    id: "mcpr_1",
    name: "pay",
    arguments: '{"to":"Bob"}',
    server_label: "bank",
  };
  const paid = {
    type: "mcp_call",
    id: "mcp_1",
    name: "pay",
    arguments: '{"to":"Bob"}',
    server_label: "bank",
    output: "paid",
    approval_request_id: "mcpr_1",
    status: "completed",
  };
  const said = {
    type: "message",
    id: "msg_1",
    role: "assistant",
    content: [{ type: "output_text", text: "Done.", annotations: [] }],
  };
  const model = createOpenAI({
    apiKey: "k",
    baseURL: "http://127.0.0.1:9/v1",
    fetch: (_, init) => {
      const body = JSON.parse(String(init?.body));
      bodies.push(body);
      const answer = JSON.stringify(body).includes('"mcp_approval_response"');
      const approved = JSON.stringify(body).includes('"approve":true');
      const output = !answer ? [ask] : approved ? [paid, said] : [said];
      return Promise.resolve(Response.json({
        id: `resp_${bodies.length}`,
        created_at: 1,
        model: "gpt-5",
        output,
        usage: { input_tokens: 1, output_tokens: 1 },
      }));
    },
  }).responses("gpt-5");
  const bank = openai.tools.mcp({
    serverLabel: "bank",
    serverUrl: "https://bank.test",
    requireApproval: "always",
  });
  return { bodies, model, tools: { bank } };
}

for (
  const [answer, approve] of [["approve", true], ["reject", false], ["too much", false]] as const
) {
  test(`An approval that the provider asks for is a question: ${answer}`, async () => {
    const { bodies, model, tools } = askingProvider();
    const checkpointer = new MemoryCheckpointer();
    const make = () => new Agent({ model, tools, checkpointer, streaming: false });
    const first = await make().invoke("Pay Bob.", { threadId: "t" });
    assertEquals([first.stop_reason, first.message], [
      "interrupted",
      'May the provider call "mcp.pay"?',
    ]);
    assertEquals(first.state.pending_interrupt?.metadata, {
      tool: "mcp.pay",
      input: { to: "Bob" },
    });
    // In another process.
    const run = make().resume(answer, { threadId: "t" });
    for await (const _ of run);
    assertEquals(run.result?.message, "Done.");
    const input = bodies[1]!["input"] as { type?: string; approve?: boolean }[];
    const response = input.find(({ type }) => type === "mcp_approval_response");
    assertEquals(response, {
      type: "mcp_approval_response",
      approval_request_id: "mcpr_1",
      approve,
    } as never);
    const sent = JSON.stringify(bodies);
    assert(!sent.includes("approve_provider_tool"), "the model never sees the tool that asks");
  });
}
