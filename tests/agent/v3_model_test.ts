import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { LanguageModelV3GenerateResult, LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { MockLanguageModelV3, MockLanguageModelV4, simulateReadableStream } from "ai/test";
import { Agent } from "../../src/agent/mod.ts";
import { toolCall, usage } from "../harness/support/scripted_model.ts";
import { addTool, collect, outline } from "./_support.ts";

const stop = { unified: "stop" as const, raw: "stop" };
const png = new Uint8Array([1, 2, 3]);

test("A V3 model runs like a V4 one, and gets its files back in its own form", async () => {
  const answers: LanguageModelV3GenerateResult[] = [
    {
      content: [
        { type: "file", mediaType: "image/png", data: png },
        { type: "reasoning", text: "add", providerMetadata: { p: { s: 1 } } },
        toolCall("c1", "add", { a: 1, b: 2 }),
      ],
      finishReason: { unified: "tool-calls", raw: "tool_calls" },
      usage: usage(),
      warnings: [],
    },
    { content: [{ type: "text", text: "3" }], finishReason: stop, usage: usage(), warnings: [] },
  ];
  const model = new MockLanguageModelV3({ doGenerate: answers });
  const { message, metrics } = await new Agent({ model, tools: addTool() }).invoke("go");

  assertEquals([message, metrics.total_tokens], ["3", 16]);
  const assistant = model.doGenerateCalls[1]!.prompt.at(-2)!;
  assert(assistant.role === "assistant");
  assertEquals(assistant.content.map((part) => part.type), ["file", "reasoning", "tool-call"]);
  const [file] = assistant.content;
  assertEquals(file?.type === "file" && file.data, png);
  assertEquals(model.doGenerateCalls[1]!.prompt.at(-1)!.role, "tool");
});

test("A V3 model gets the files of a person and of a tool in its own form", async () => {
  const model = new MockLanguageModelV3({
    provider: "anthropic.messages",
    doGenerate: {
      content: [{ type: "text", text: "ok" }],
      finishReason: stop,
      usage: usage(),
      warnings: [],
    },
  });
  const image = { type: "image", image: png, mediaType: "image/png" };
  const call = { toolCallId: "c1", toolName: "shot" };
  const output = { type: "content", value: [{ type: "text", text: "Here:" }, image] };
  await new Agent({ model, systemPrompt: "", streaming: false }).invoke([
    { role: "user", content: [image, { type: "file", data: "AQID", mediaType: "a/b" }] },
    { role: "assistant", content: [{ type: "tool-call", ...call, input: {} }] },
    { role: "tool", content: [{ type: "tool-result", ...call, output }] },
    { role: "user", content: [{ type: "image", image: new URL("https://a.test/b.png") }] },
  ]);
  const [asked, , result, again] = model.doGenerateCalls[0]!.prompt;
  assertEquals<unknown>(asked!.content, [
    { type: "file", mediaType: "image/png", data: "AQID" },
    { type: "file", mediaType: "a/b", data: "AQID" },
  ]);
  assertEquals<unknown>(result!.content, [{
    type: "tool-result",
    ...call,
    output: {
      type: "content",
      value: [
        { type: "text", text: "Here:" },
        { type: "image-data", data: "AQID", mediaType: "image/png" },
      ],
    },
  }]);
  assertEquals<unknown>(again!.content, [
    { type: "file", mediaType: "image/*", data: new URL("https://a.test/b.png") },
  ]);
});

test("A V3 model streams", async () => {
  const parts: LanguageModelV3StreamPart[] = [
    { type: "stream-start", warnings: [] },
    { type: "text-start", id: "0" },
    { type: "text-delta", id: "0", delta: "Hel" },
    { type: "text-delta", id: "0", delta: "lo" },
    { type: "text-end", id: "0" },
    { type: "file", mediaType: "image/png", data: "AQID" },
    { type: "finish", usage: usage(), finishReason: stop },
  ];
  const model = new MockLanguageModelV3({
    doStream: { stream: simulateReadableStream({ chunks: parts }) },
  });
  const run = new Agent({ model }).run("go");
  const { events } = await collect(run);
  assertEquals(outline(events), [
    "model_chunk",
    "model_chunk",
    "model_chunk",
    "model_complete",
    "think",
    "terminate",
  ]);
  assertEquals(run.result!.message, "Hello");
});

test("Leaving a V3 stream cancels the model's own", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const stream = new ReadableStream<LanguageModelV3StreamPart>({
    pull: (controller) => controller.enqueue({ type: "text-delta", id: "0", delta: "x" }),
    cancel: () => resolve(),
  });
  const model = new MockLanguageModelV3({ doStream: { stream } });
  for await (const _ of new Agent({ model }).run("go")) break;
  await cancelled;
  assertEquals(model.doStreamCalls[0]!.abortSignal!.aborted, true);
});

test("The AI SDK's own V4 test model runs", async () => {
  const model = new MockLanguageModelV4({
    doGenerate: {
      content: [{ type: "text", text: "hi" }],
      finishReason: stop,
      usage: usage(),
      warnings: [],
    },
  });
  assertEquals((await new Agent({ model }).invoke("go")).message, "hi");
  assertEquals(model.doGenerateCalls[0]!.tools, undefined);
});
