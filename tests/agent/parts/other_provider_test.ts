import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModelV4Content } from "@ai-sdk/provider";
import { EventBus, runContext } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { MemoryCheckpointer } from "@locus/core/memory";
import { scriptedModel } from "@locus/core/testing";
import { toPrompt } from "../../../src/agent/model/request.ts";
import { assistantMessage, userMessage } from "../../../src/agent/state/messages.ts";
import { eventsOf } from "../_support.ts";

const signed = { anthropic: { signature: "SIGNED" } };
const search = { toolCallId: "srv_1", toolName: "web_search" };
/** An answer with all that only one provider knows, and a call of ours with an id as some servers make them. */
const content: LanguageModelV4Content[] = [
  { type: "reasoning", text: "I think.", providerMetadata: signed },
  {
    type: "tool-call",
    ...search,
    input: '{"q":"Oslo"}',
    providerExecuted: true,
    providerMetadata: signed,
  },
  { type: "tool-result", ...search, result: { rain: true }, providerMetadata: signed },
  { type: "custom", kind: "anthropic.compaction", providerMetadata: signed },
  { type: "file", mediaType: "image/png", data: { type: "data", data: "AAAA" } },
  { type: "text", text: "Rain.", providerMetadata: signed },
  { type: "tool-call", toolCallId: "functions.add:0", toolName: "add", input: "{}" },
];
const add = tool({ name: "add", execute: () => 3 });

/** A thread that one provider began. */
async function begun(provider: string) {
  const checkpointer = new MemoryCheckpointer();
  const model = scriptedModel([{ content }, "Three."], { provider });
  await new Agent({ model, tools: add, checkpointer, systemPrompt: "" }).invoke("Go.", {
    threadId: "t",
  });
  return checkpointer;
}

test("Another provider gets what everybody knows, and text of what only the first one does", async () => {
  const checkpointer = await begun("anthropic.messages");
  const model = scriptedModel(["ok"], { provider: "openai.chat" });
  const bus = new EventBus();
  const agent = new Agent({ model, tools: add, checkpointer, systemPrompt: "" });
  await runContext({ bus, runId: "r" }, () => agent.invoke("And?", { threadId: "t" }));
  const text = (text: string) => ({ type: "text", text });
  assertEquals<unknown>(model.calls[0]!.prompt[1]!.content, [
    text('[called web_search with {"q":"Oslo"}]'),
    text('[web_search returned]\n{"rain":true}'),
    text("[image: image/png, 3 bytes]"),
    text("Rain."),
    { type: "tool-call", toolCallId: "functions.add:0", toolName: "add", input: {} },
  ]);
  assertEquals(JSON.stringify(model.calls[0]!.prompt).includes("SIGNED"), false);
  // It is said.
  const started = eventsOf(bus, "r").find(({ data }) => data["kind"] === "model")!;
  assertEquals(Object(started.data["attributes"]).converted_messages, 1);
});

test("The provider that gave it gets all of it back", async () => {
  const checkpointer = await begun("anthropic.messages");
  const model = scriptedModel(["ok"], { provider: "anthropic.messages" });
  const bus = new EventBus();
  const agent = new Agent({ model, tools: add, checkpointer, systemPrompt: "" });
  await runContext({ bus, runId: "r" }, () => agent.invoke("And?", { threadId: "t" }));
  const parts = model.calls[0]!.prompt[1]!.content as { type: string }[];
  assertEquals(parts.map(({ type }) => type), content.map(({ type }) => type));
  const started = eventsOf(bus, "r").find(({ data }) => data["kind"] === "model")!;
  assertEquals("converted_messages" in Object(started.data["attributes"]), false);
});

test("Ids of calls are such as the provider takes, and their results have the same", async () => {
  const checkpointer = await begun("moonshot.chat");
  const model = scriptedModel(["ok"], { provider: "anthropic.messages" });
  await new Agent({ model, tools: add, checkpointer }).invoke("And?", { threadId: "t" });
  const ids = model.calls[0]!.prompt.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap((part) => "toolCallId" in part ? [part.toolCallId] : [])
  );
  assertEquals(ids, ["functions_add_0", "functions_add_0"]);
});

test("An answer that one provider paused is not left for another to go on with", () => {
  const parts = [{ type: "text", text: "Searching." }];
  const facts = { isPaused: true, provider: "anthropic.messages" };
  const messages = [userMessage("Go."), assistantMessage("Searching.", [], parts, facts)];
  assertEquals(toPrompt(messages, "anthropic.messages").at(-1)!.role, "assistant");
  assertEquals(toPrompt(messages, "openai.chat").at(-1)!.role, "user");
});

test("A file that only the old provider holds is named", async () => {
  const data = { type: "reference", reference: { openai: "file-1" } };
  const file = { type: "file", data, mediaType: "application/pdf", filename: "a.pdf" };
  for (const [provider, type] of [["openai.responses", "file"], ["anthropic.messages", "text"]]) {
    const model = scriptedModel(["ok"], { provider: provider! });
    await new Agent({ model, systemPrompt: "" }).invoke([{ role: "user", content: [file] }]);
    const [part] = model.calls[0]!.prompt[0]!.content as { type: string }[];
    assertEquals(part!.type, type);
  }
});

test("What the real clients send of another's answer has every call with its result", async () => {
  type Fetch = typeof globalThis.fetch;
  const settings = { apiKey: "k", baseURL: "http://127.0.0.1:9/v1" };
  const clients = [
    (fetch: Fetch) => createOpenAI({ ...settings, fetch }).chat("gpt-5"),
    (fetch: Fetch) => createOpenAI({ ...settings, fetch }).responses("gpt-5"),
    (fetch: Fetch) => createAnthropic({ ...settings, fetch })("claude-sonnet-4-5"),
  ];
  for (const client of clients) {
    const bodies: string[] = [];
    const model = client((_, init) => {
      bodies.push(String(init?.body));
      return Promise.reject(new Error("no network"));
    });
    const checkpointer = await begun("somebody.else");
    await new Agent({ model, tools: add, checkpointer }).invoke("And?", { threadId: "t" })
      .catch(() => {});
    const body = bodies[0]!;
    assertEquals(body.includes("srv_1"), false, "the call of the other provider's own tool");
    assertEquals(body.includes("web_search returned"), true);
    assertEquals(body.match(/functions[._]add[:_]0/g)?.length, 2);
  }
});

test("An answer of which nobody noted who gave it is told by who signed it", () => {
  const parts = [
    { type: "reasoning", text: "I think.", providerOptions: signed },
    { type: "text", text: "Rain." },
  ];
  const messages = [
    userMessage("Go."),
    assistantMessage("Rain.", [], parts),
    userMessage("And?"),
  ];
  const sent = (provider: string) =>
    (toPrompt(messages, provider)[1]!.content as { type: string }[]).map(({ type }) => type);
  assertEquals(sent("openai.responses"), ["text"]);
  // The vendor itself, also at another's, and whoever may pass it on.
  for (
    const provider of ["anthropic.messages", "google.vertex.anthropic", "gateway", "mine.chat"]
  ) {
    assertEquals(sent(provider), ["reasoning", "text"], provider);
  }
});
