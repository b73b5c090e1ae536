/** What an agent publishes of what goes in and comes out. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus, type Run, runContext, withRun } from "@locus/core";
import { Agent, type AgentOptions, type Hook, tool } from "@locus/core/agent";
import type { AgentModelChunk, ContentMessage, SpanContent } from "@locus/core/events";
import { Conversation } from "@locus/core/view";
import { type Script, ScriptedModel, toolCall } from "../../harness/support/scripted_model.ts";
import { type BusEvent, collect } from "../_support.ts";

const weather = tool<{ city: string }>({
  name: "weather",
  description: "Looks up the weather",
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  },
  execute: ({ city }) => `4 °C in ${city}`,
});

const look: Script = ["I look.", toolCall("c1", "weather", { city: "Bern" })];
const answer: Script = ["It is cold."];

function text(role: string, content: string): ContentMessage {
  return { role, parts: [{ type: "text", content }] };
}

/** What is read of a run of which content is published. */
class Watched {
  readonly bus = new EventBus({ content: true, historyPerRun: 10_000 });
  readonly model: ScriptedModel;
  readonly agent: Agent;

  constructor(scripts: readonly Script[], options: Partial<AgentOptions> = {}) {
    this.model = new ScriptedModel(...scripts);
    this.agent = new Agent({
      model: this.model,
      systemPrompt: "Be brief.",
      tools: [weather],
      ...options,
    });
  }

  async run(work: (agent: Agent, run: Run) => Promise<unknown>, runId = "r"): Promise<this> {
    await runContext({ runId, bus: this.bus }, (run) => work(this.agent, run));
    return this;
  }

  invoke(prompt = "How is Bern?"): Promise<this> {
    return this.run((agent, run) => agent.invoke(prompt, { run, throwOnError: false }));
  }

  get events(): BusEvent[] {
    return this.bus.history({ run: "r" }, { limit: 10_000 }).toReversed() as BusEvent[];
  }

  /** What was published as content, without what it belongs to. */
  get contents(): SpanContent[] {
    return this.bus.history("span.content", { limit: 10_000 }).toReversed().map(({ data }) => data);
  }

  contentOf(kind: SpanContent["kind"]): SpanContent[] {
    return this.contents.filter((content) => content.kind === kind);
  }

  /** The spans of a kind, oldest first. */
  spans(kind: string): string[] {
    return this.events.filter(({ event_type, data }) =>
      event_type === "span.started" && data.kind === kind
    ).map(({ data }) => String(data.span_id));
  }

  get conversation(): Conversation {
    const conversation = new Conversation();
    for (const event of this.bus.history("span.content", { limit: 10_000 }).toReversed()) {
      conversation.add(event);
    }
    return conversation;
  }

  /** What each model call was told, as it is read, and as the model got it. */
  get prompts(): { read: unknown; sent: unknown }[] {
    const { conversation } = this;
    return this.spans("model").map((span, index) => ({
      read: conversation.prompt(span),
      sent: {
        messages: this.model.calls[index]!.prompt.map(({ role, content }) => ({
          role,
          parts: typeof content === "string"
            ? [{ type: "text", content }]
            : content.map((part) =>
              part.type === "text"
                ? { type: "text", content: part.text }
                : part.type === "tool-call"
                ? {
                  type: "tool_call",
                  id: part.toolCallId,
                  name: part.toolName,
                  arguments: part.input,
                }
                : part.type === "tool-result"
                ? {
                  type: "tool_call_response",
                  id: part.toolCallId,
                  response: "value" in part.output ? part.output.value : null,
                }
                : part
            ),
        })),
        missing: 0,
        truncated: false,
      },
    }));
  }
}

test("without content an agent publishes none", async () => {
  const bus = new EventBus();
  const model = new ScriptedModel(look, answer);
  const agent = new Agent({ model, tools: [weather], streaming: true });
  await runContext({ runId: "r", bus }, (run) => collect(agent.run("How is Bern?", { run })));
  const events = bus.history({ run: "r" }, { limit: 1_000 });
  assertEquals(events.filter(({ event_type }) => event_type === "span.content"), []);
});

test("without content an agent asks once whether there is any, however many calls it makes", async () => {
  let asked = 0;
  const bus = new EventBus();
  Object.defineProperty(bus, "content", { get: () => void asked++ });
  const turns = 20;
  const calls = Array.from(
    { length: turns },
    (_, n) => [toolCall(`c${n}`, "weather", { city: `x${n}` })],
  );
  const model = new ScriptedModel(...calls, answer);
  const agent = new Agent({ model, tools: [weather], maxIterations: 50 });
  await runContext({ bus }, (run) => agent.invoke("?", { run }));
  assertEquals([asked, model.calls.length], [1, turns + 1]);
});

test("a run publishes what each of its model calls was told and answered", async () => {
  const watched = await new Watched([look, answer]).invoke();
  for (const { read, sent } of watched.prompts) assertEquals(read, sent);
  const outputs = watched.contentOf("messages").filter(({ direction }) => direction === "output");
  assertEquals(outputs.map(({ content }) => content), [
    [{
      role: "assistant",
      parts: [
        { type: "text", content: "I look." },
        { type: "tool_call", id: "c1", name: "weather", arguments: { city: "Bern" } },
      ],
    }],
    [text("assistant", "It is cold.")],
  ]);
  assertEquals(outputs.map(({ span_id }) => span_id), watched.spans("model"));
});

test("a model call says only what is new, and names the call before", async () => {
  const watched = await new Watched([look, answer]).invoke();
  const [, second] = watched.contentOf("messages").filter(({ direction }) => direction === "input");
  assertEquals(second!.base_span_id, watched.spans("model")[0]);
  assertEquals(second!.from_index, 3);
  assertEquals(second!.content, [{
    role: "tool",
    parts: [{ type: "tool_call_response", id: "c1", response: "4 °C in Bern" }],
  }]);
});

test("the tools are published once, with their schemas", async () => {
  const watched = await new Watched([look, look, answer]).invoke();
  assertEquals(watched.contentOf("tools").map(({ span_id, content }) => ({ span_id, content })), [{
    span_id: watched.spans("agent")[0]!,
    content: [{
      type: "function",
      name: "weather",
      description: "Looks up the weather",
      parameters: weather.parameters,
    }],
  }]);
});

test("the agent's span has what it was asked and what it said", async () => {
  const watched = await new Watched([look, answer]).invoke();
  const [agent] = watched.spans("agent");
  assertEquals(
    watched.contentOf("text").map((
      { span_id, direction, content },
    ) => [span_id, direction, content]),
    [[agent, "input", "How is Bern?"], [agent, "output", "It is cold."]],
  );
});

test("a tool's span has its arguments and its result", async () => {
  const watched = await new Watched([look, answer]).invoke();
  const started = watched.events.find(({ event_type }) => event_type === "agent.tool.started")!;
  const id = started.data.tool_span_id;
  const [args, result] = [watched.contentOf("arguments"), watched.contentOf("result")];
  assertEquals(args.map(({ span_id, content }) => [span_id, content]), [[id, { city: "Bern" }]]);
  assertEquals(result.map(({ span_id, content }) => [span_id, content]), [[id, "4 °C in Bern"]]);
});

test("content comes while its span is open", async () => {
  const watched = await new Watched([look, answer], { streaming: true }).invoke();
  const open = new Set<unknown>();
  for (const { event_type: type, data } of watched.events) {
    const id = data.tool_span_id ?? data.span_id;
    if (type.endsWith(".started")) open.add(id);
    if (type === "span.content") assert(open.has(id), JSON.stringify(data));
    if (type === "span.completed" || type === "agent.tool.completed") open.delete(id);
  }
});

test("arguments that a hook replaced are published as they are called with", async () => {
  const hook: Hook = {
    onBeforeToolCall: (event) => event.replaceArguments({ city: "Basel" }),
  };
  const watched = await new Watched([look, answer], { hooks: [hook] }).invoke();
  assertEquals(watched.contentOf("arguments").map(({ content }) => content), [
    { city: "Bern" },
    { city: "Basel" },
  ]);
});

test("an answer that a hook replaced is published as it was replaced", async () => {
  const hook: Hook = {
    onAfterModelCall: (event) => event.replaceResponse({ content: "Nothing to see." }),
  };
  const watched = await new Watched([["My number is secret."]], { hooks: [hook] }).invoke();
  assert(!JSON.stringify(watched.events).includes("My number"));
  const outputs = watched.contentOf("messages").filter(({ direction }) => direction === "output");
  assertEquals(outputs.map(({ content }) => content), [[text("assistant", "Nothing to see.")]]);
});

test("a retry says nothing again", async () => {
  const hook: Hook = { onModelError: (event) => event.retry() };
  const watched = await new Watched([new Error("busy"), answer], { hooks: [hook] }).invoke();
  const inputs = watched.contentOf("messages").filter(({ direction }) => direction === "input");
  assertEquals(inputs.map(({ content }) => (content as unknown[]).length), [2, 0]);
  for (const { read } of watched.prompts) {
    assertEquals(read, watched.prompts[0]!.sent);
  }
});

test("secrets in what goes in and comes out are not published", async () => {
  const watched = await new Watched(
    [["I sign in.", toolCall("c1", "weather", { city: "Bern", password: "hunter2" })], answer],
    {
      tools: [tool({
        name: "weather",
        parameters: { type: "object", properties: {} },
        execute: () => "api_key=abcdef123456",
      })],
    },
  ).invoke("My password is: hunter3");
  const published = JSON.stringify(watched.events);
  for (const word of ["hunter2", "hunter3", "abcdef123456"]) {
    assert(!published.includes(word), word);
  }
});

test("reasoning and streamed arguments are chunks of their own, and no part of the answer", async () => {
  const streamed: Script = {
    stream: [
      { type: "reasoning-start", id: "1" },
      { type: "reasoning-delta", id: "1", delta: "I have to " },
      { type: "reasoning-delta", id: "1", delta: "look." },
      { type: "reasoning-end", id: "1" },
      { type: "text-start", id: "2" },
      { type: "text-delta", id: "2", delta: "One moment." },
      { type: "text-end", id: "2" },
      { type: "tool-input-start", id: "c1", toolName: "weather" },
      { type: "tool-input-delta", id: "c1", delta: '{"city":' },
      { type: "tool-input-delta", id: "c1", delta: '"Bern"}' },
      { type: "tool-input-end", id: "c1" },
      toolCall("c1", "weather", { city: "Bern" }),
      {
        type: "finish",
        finishReason: { unified: "tool-calls", raw: "tool_calls" },
        usage: {
          inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
          outputTokens: { total: 1, text: 1, reasoning: undefined },
        },
      },
    ],
  };
  const watched = await new Watched([streamed, answer], { streaming: true })
    .run((agent, run) => collect(agent.run("How is Bern?", { run })));
  const chunks = watched.bus.history("agent.model.chunk", { limit: 100 }).toReversed()
    .map(({ data }) => data)
    .filter(({ span_id }) => span_id === watched.spans("model")[0]);
  const join = (channel?: AgentModelChunk["channel"]) =>
    chunks.filter((chunk) => chunk.channel === channel)
      .map(({ content_preview, text }) => text ?? content_preview).join("");
  assertEquals(
    [join("reasoning"), join(), join("tool_input")],
    ["I have to look.", "One moment.", '{"city":"Bern"}'],
  );
  assertEquals(chunks.map(({ content_preview }) => content_preview).join(""), "One moment.");
  const order = chunks.map(({ channel }) => channel ?? "text");
  assertEquals(order.indexOf("text") > order.lastIndexOf("reasoning"), true);
});

test("without content, reasoning and streamed arguments are not published", async () => {
  const bus = new EventBus();
  const model = new ScriptedModel([{ type: "reasoning", text: "Hm." }, "Yes."]);
  const agent = new Agent({ model, streaming: true });
  await runContext({ runId: "r", bus }, (run) => collect(agent.run("?", { run })));
  const chunks = bus.history("agent.model.chunk").map(({ data }) => data);
  assertEquals(chunks.filter((data) => "channel" in data), []);
});

test("what a person answered is published, with who it was, if that is known", async () => {
  const ask = tool({
    name: "refund",
    parameters: { type: "object", properties: {} },
    execute: (_, { interrupt }) => `said ${interrupt("May I?")}`,
  });
  const watched = new Watched([[toolCall("c1", "refund", {})], answer], { tools: [ask] });
  await watched.invoke();
  await watched.run((agent, run) => collect(agent.resume("yes", { run })));
  const [said] = watched.contentOf("answer");
  const tools = watched.events.filter(({ event_type }) => event_type === "agent.tool.started");
  assertEquals([said!.content, said!.by, said!.direction], ["yes", null, "input"]);
  assertEquals(said!.span_id, tools[0]!.data.tool_span_id);
});

test("a run that goes on in the same process continues the conversation", async () => {
  const ask = tool({
    name: "refund",
    parameters: { type: "object", properties: {} },
    execute: (_, { interrupt }) => `said ${interrupt("May I?")}`,
  });
  const watched = new Watched([[toolCall("c1", "refund", {})], answer], { tools: [ask] });
  await watched.invoke();
  await watched.run((agent, run) => collect(agent.resume("yes", { run })));
  for (const { read, sent } of watched.prompts) assertEquals(read, sent);
  const inputs = watched.contentOf("messages").filter(({ direction }) => direction === "input");
  assertEquals(inputs.map(({ from_index }) => from_index), [0, 3]);
  assertEquals(watched.contentOf("tools").length, 1);
});

test("a run that goes on in another run begins its conversation anew", async () => {
  const ask = tool({
    name: "refund",
    parameters: { type: "object", properties: {} },
    execute: (_, { interrupt }) => `said ${interrupt("May I?")}`,
  });
  const watched = new Watched([[toolCall("c1", "refund", {})], answer], { tools: [ask] });
  await watched.invoke();
  await watched.run((agent, run) => collect(agent.resume("yes", { run })), "other");
  const inputs = watched.contentOf("messages").filter(({ direction }) => direction === "input");
  assertEquals(inputs.map(({ base_span_id, from_index }) => [base_span_id, from_index]), [
    [null, 0],
    [null, 0],
  ]);
});

test("a call beside the conversation has no base, and is none", async () => {
  const model = new ScriptedModel(look, look, ["Summed up."]);
  const watched = new Watched([], { model, auxiliaryModel: model, maxIterations: 2 });
  await watched.invoke();
  const inputs = watched.contentOf("messages").filter(({ direction }) => direction === "input");
  assertEquals(inputs.map(({ base_span_id }) => base_span_id !== null), [false, true, false]);
});

test("agents in a run keep their conversations apart", async () => {
  const inner = new Agent({ model: new ScriptedModel(answer), agentId: "inner", streaming: true });
  const watched = await new Watched([[toolCall("c1", "inner", { prompt: "Look" })], answer], {
    tools: [inner.asTool()],
  }).invoke();
  const { conversation } = watched;
  const [outer, sub, again] = watched.spans("model").map((span) => conversation.prompt(span)!);
  assertEquals(sub!.messages.at(-1), text("user", "Look"));
  assertEquals([outer!.messages.length, again!.messages.length], [2, 4]);
  const bases = watched.contentOf("messages").filter(({ direction }) => direction === "input");
  assertEquals(bases.map(({ base_span_id }) => base_span_id), [
    null,
    null,
    watched.spans("model")[0],
  ]);
});

test("a run of a hundred turns stores what is said once", async () => {
  const long = "word ".repeat(200);
  const stored = async (turns: number) => {
    const says = tool({
      name: "weather",
      parameters: { type: "object", properties: {} },
      execute: () => long,
    });
    const calls = Array.from(
      { length: turns },
      (_, n): Script => [toolCall(`c${n}`, "weather", { n })],
    );
    const watched = new Watched([...calls, answer], { tools: [says], maxIterations: 200 });
    await watched.invoke();
    for (const { read, sent } of watched.prompts) assertEquals(read, sent);
    return watched.bus.stats().retained_bytes;
  };
  const [ten, hundred] = [await stored(10), await stored(100)];
  assert(hundred < 11 * ten, `${hundred} bytes for 100 turns, ${ten} for 10`);
});

test("withRun({ content }) publishes the content of one run only", async () => {
  const bus = new EventBus();
  const agent = (): Agent => new Agent({ model: new ScriptedModel(answer) });
  await withRun({ runId: "a", bus, content: true }, (run) => agent().invoke("?", { run }));
  await withRun({ runId: "b", bus }, (run) => agent().invoke("?", { run }));
  const runs = bus.history("span.content").map(({ run_id }) => run_id);
  assertEquals([...new Set(runs)], ["a"]);
});
