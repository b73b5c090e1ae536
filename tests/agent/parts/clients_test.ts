import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createCohere } from "@ai-sdk/cohere";
import { createDeepSeek } from "@ai-sdk/deepseek";
import { createGoogle } from "@ai-sdk/google";
import { createGroq } from "@ai-sdk/groq";
import { createMistral } from "@ai-sdk/mistral";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createXai } from "@ai-sdk/xai";
import { Agent, type LanguageModel, tool } from "@locus/core/agent";

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E" +
  "rkJggg==";
const settings = { apiKey: "k", baseURL: "http://127.0.0.1:9/v1" };
type Fetch = typeof globalThis.fetch;

const clients: Record<string, (fetch: Fetch) => LanguageModel> = {
  anthropic: (fetch) => createAnthropic({ ...settings, fetch })("claude-sonnet-4-5"),
  bedrock: (fetch) => createAmazonBedrock({ ...settings, fetch, region: "us-east-1" })("m"),
  cohere: (fetch) => createCohere({ ...settings, fetch })("m"),
  deepseek: (fetch) => createDeepSeek({ ...settings, fetch })("m"),
  google: (fetch) => createGoogle({ ...settings, fetch })("gemini-3-pro"),
  "google, before Gemini 3": (fetch) => createGoogle({ ...settings, fetch })("gemini-2.5-flash"),
  groq: (fetch) => createGroq({ ...settings, fetch })("m"),
  mistral: (fetch) => createMistral({ ...settings, fetch })("m"),
  "openai, chat": (fetch) => createOpenAI({ ...settings, fetch }).chat("gpt-5"),
  "openai, responses": (fetch) => createOpenAI({ ...settings, fetch }).responses("gpt-5"),
  "openai-compatible": (fetch) =>
    createOpenAICompatible({ ...settings, fetch, name: "local" })("m"),
  xai: (fetch) => createXai({ ...settings, fetch })("grok-4"),
};

const shot = tool({ name: "shot", execute: () => "" });

/** What the client sends of an image that a tool returned. */
async function sent(client: (fetch: Fetch) => LanguageModel): Promise<string> {
  const bodies: string[] = [];
  const model = client((_, init) => {
    bodies.push(String(init?.body));
    return Promise.reject(new Error("no network"));
  });
  const image = { type: "file", data: { type: "data", data: PNG }, mediaType: "image/png" };
  const call = { toolCallId: "c1", toolName: "shot" };
  const run = new Agent({ model, systemPrompt: "", tools: shot }).invoke([
    { role: "user", content: "Look." },
    { role: "assistant", content: [{ type: "tool-call", ...call, input: {} }] },
    {
      role: "tool",
      content: [{ type: "tool-result", ...call, output: { type: "content", value: [image] } }],
    },
    { role: "user", content: "And?" },
  ]);
  await run.catch(() => {});
  return bodies[0] ?? "";
}

for (const [name, client] of Object.entries(clients)) {
  test(`F12: ${name}: the image of a tool is sent once, as an image`, async () => {
    const body: unknown = JSON.parse(await sent(client));
    const texts: string[] = [];
    JSON.stringify(body, (_, value) => {
      if (typeof value === "string" && value.includes(PNG)) texts.push(value);
      return value;
    });
    assertEquals(texts.map((text) => text.replace("data:image/png;base64,", "")), [PNG]);
  });
}
