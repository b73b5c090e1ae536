import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { Agent, tool } from "@locus/core/agent";
import { scriptedModel, type Turn } from "@locus/core/testing";

/** As clients of the AI SDK report what a provider answered. */
class Refusal extends Error {
  readonly statusCode: number;

  constructor(message: string, statusCode = 400) {
    super(message);
    this.statusCode = statusCode;
  }
}

const add = tool({
  name: "add",
  parameters: {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a"],
  },
  execute: () => 3,
});
const outputSchema = {
  type: "object",
  properties: { sum: { type: "number" } },
  required: ["sum"],
};
const callsAdd: Turn = { toolCalls: [{ toolName: "add", input: { a: 1 } }] };

/** What of a call a provider may refuse. */
function termsOf({ tools = [], responseFormat }: LanguageModelV4CallOptions): string {
  const strict = tools.some((tool) => tool.type === "function" && tool.strict);
  return [tools.length > 0 && "tools", strict && "strict", responseFormat && "format"]
    .filter(Boolean).join(" ");
}

test("A form that is refused beside tools is given up, and not asked for again", async () => {
  const model = scriptedModel((call) => {
    const { tools, responseFormat, prompt } = call;
    if (tools && responseFormat) {
      return new Refusal("Function calling with a response mime type is unsupported");
    }
    return prompt.at(-1)?.role === "tool" ? '{"sum":3}' : callsAdd;
  });
  for (const streaming of [false, true]) {
    const agent = new Agent({ model, tools: add, outputSchema, streaming });
    for (const expected of [["tools format", "tools", "tools"], ["tools", "tools"]]) {
      const before = model.calls.length;
      const { parsed, stop_reason } = await agent.invoke("1 + 2?");
      assertEquals([parsed, stop_reason], [{ sum: 3 }, "complete"]);
      assertEquals(model.calls.slice(before).map(termsOf), expected);
    }
  }
});

test("What was refused beside tools is still asked for without them", async () => {
  const model = scriptedModel((call, index) => {
    if (call.tools && call.responseFormat) return new Refusal("tools and response_format");
    return index < 2 ? "It is three." : '{"sum":3}';
  });
  const { parsed } = await new Agent({ model, tools: add, outputSchema }).invoke("1 + 2?");
  assertEquals(parsed, { sum: 3 });
  assertEquals(model.calls.map(termsOf), ["tools format", "tools", "format"]);
});

test("Tools that OpenAI refuses to be strict about are shown as they are", async () => {
  const model = scriptedModel(
    (call) => termsOf(call).includes("strict") ? new Refusal("Invalid schema for function") : "ok",
    { provider: "openai.chat" },
  );
  const agent = new Agent({ model, tools: add });
  await agent.invoke("hi");
  await agent.invoke("hi");
  assertEquals(model.calls.map(termsOf), ["tools strict", "tools", "tools"]);
  const sent = model.calls.map(({ tools: [tool] = [] }) =>
    tool?.type === "function" ? tool.inputSchema.required : null
  );
  assertEquals(sent, [["a", "b"], ["a"], ["a"]]);
});

test("The dialect goes by the provider, and who runs a model is not who made it", async () => {
  const forms = {
    "openai.responses": "strict",
    "azure.chat": "strict",
    "google.generative-ai": "google",
    "google.vertex.chat": "google",
    "vertex.anthropic.messages": "plain",
    "anthropic.messages": "plain",
    "openai-compatible.chat": "plain",
    "groq.chat": "plain",
  };
  const inputSchema = { type: "object", properties: { a: { type: "string", minLength: 2 } } };
  const look = tool({ name: "look", inputSchema, execute: () => 1 });
  for (const [provider, form] of Object.entries(forms)) {
    const model = scriptedModel(["ok"], { provider });
    await new Agent({ model, tools: [look] }).invoke("hi");
    const [sent] = model.calls[0]!.tools!;
    const { properties, required } = Object(sent).inputSchema;
    const { minLength } = properties.a;
    const seen = required ? "strict" : minLength === undefined ? "google" : "plain";
    assertEquals([provider, seen], [provider, form]);
  }
});

test("A request that fails for another reason is not asked again", async () => {
  const reasons = [
    new Refusal("maximum context length is 10 tokens, 3 of them in the functions"),
    new Refusal("Invalid API key", 401),
    new Refusal("tool service is overloaded", 503),
    new Error("fetch failed"),
  ];
  for (const reason of reasons) {
    const model = scriptedModel([reason]);
    const agent = new Agent({ model, tools: add, outputSchema });
    await assertRejects(() => agent.invoke("hi"), Error, reason.message);
    assertEquals(model.calls.length, 1);
  }
});

test("The first refusal is told if nothing helps, and nothing is learned from that", async () => {
  const model = scriptedModel((_, index) => new Refusal(`unsupported schema ${index + 1}`));
  const agent = new Agent({ model, tools: add, outputSchema });
  await assertRejects(() => agent.invoke("hi"), Error, "unsupported schema 1");
  await assertRejects(() => agent.invoke("hi"), Error, "unsupported schema 3");
  assertEquals(model.calls.map(termsOf), ["tools format", "tools", "tools format", "tools"]);
});
