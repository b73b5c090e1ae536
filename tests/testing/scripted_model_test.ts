import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { generateText, Output, streamText, tool as aiTool } from "ai";
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { Agent, tool } from "@locus/core/agent";
import { scriptedModel, type Turn } from "@locus/core/testing";
import { z } from "zod";

const call = { prompt: [] };

async function streamed(turn: Turn): Promise<LanguageModelV4StreamPart[]> {
  return await Array.fromAsync((await scriptedModel([turn]).doStream(call)).stream);
}

const deltas = (parts: readonly LanguageModelV4StreamPart[], type: string) =>
  parts.flatMap((part) => part.type === type && "delta" in part ? [part.delta] : []);

test("scriptedModel() gives one turn for each call, and rejects a call more than there are turns", async () => {
  const model = scriptedModel(["one", { text: "two" }]);
  const said = async () => (await model.doGenerate(call)).content;
  assertEquals(await said(), [{ type: "text", text: "one" }]);
  assertEquals(await said(), [{ type: "text", text: "two" }]);
  await assertRejects(said, RangeError, "call 3 came, but there are only 2 turns");
  assertEquals(model.calls.length, 3);
});

test("scriptedModel() streams a string by words, and an array in its pieces", async () => {
  for (const text of ["Yes, it  is\nsunny. ", "", " ", "\n\nx"]) {
    assertEquals(deltas(await streamed(text), "text-delta").join(""), text);
  }
  assertEquals(deltas(await streamed("Yes, it is."), "text-delta"), ["Yes,", " it", " is."]);
  const parts = await streamed({ reasoning: ["Hm", "m"], text: ["a b", "c"] });
  assertEquals(deltas(parts, "reasoning-delta"), ["Hm", "m"]);
  assertEquals(deltas(parts, "text-delta"), ["a b", "c"]);
});

test("scriptedModel() streams what it generates", async () => {
  const turn: Turn = {
    reasoning: "why",
    text: "so",
    toolCalls: [{ toolName: "a", input: { city: "Oslo" } }, { toolName: "a" }],
    content: [{ type: "source", sourceType: "url", id: "s", url: "https://a.example" }],
    usage: {
      inputTokens: 9,
      outputTokens: 8,
      cacheReadTokens: 3,
      cacheWriteTokens: 2,
      reasoningTokens: 4,
    },
  };
  const whole = await scriptedModel([turn]).doGenerate(call);
  const parts = await streamed(turn);
  const { finishReason, usage } = whole;
  assertEquals(parts.at(-1), { type: "finish", finishReason, usage });
  assertEquals(finishReason.unified, "tool-calls");
  assertEquals(usage, {
    inputTokens: { total: 9, noCache: 4, cacheRead: 3, cacheWrite: 2 },
    outputTokens: { total: 8, text: 4, reasoning: 4 },
  });
  assertEquals(
    parts.filter(({ type }) => type === "tool-call" || type === "source"),
    whole.content.slice(2) as typeof parts,
  );
  const ids = parts.flatMap((part) => part.type === "tool-call" ? [part.toolCallId] : []);
  assertEquals(ids, ["call_1_1", "call_1_2"]);
  assertEquals(deltas(parts, "tool-input-delta").join(""), '{"city":"Oslo"}{}');
});

test("scriptedModel() stops for the reason that is given, and sends broken arguments as they are", async () => {
  const model = scriptedModel([
    { text: "Half", finishReason: "length" },
    { finishReason: { unified: "other", raw: "pause_turn" } },
    { toolCalls: [{ toolName: "a", input: '{"city":"Os', toolCallId: "mine" }] },
  ]);
  assertEquals((await model.doGenerate(call)).finishReason, { unified: "length", raw: "length" });
  assertEquals((await model.doGenerate(call)).finishReason.raw, "pause_turn");
  assertEquals((await model.doGenerate(call)).content, [
    { type: "tool-call", toolCallId: "mine", toolName: "a", input: '{"city":"Os' },
  ]);
});

test("scriptedModel() fails at once, or after what it has said", async () => {
  const error = new Error("overloaded");
  await assertRejects(() => scriptedModel([error]).doGenerate(call), Error, "overloaded");
  await assertRejects(() => scriptedModel([error]).doStream(call), Error, "overloaded");

  const broken: Turn = { text: ["Half an "], error };
  await assertRejects(() => scriptedModel([broken]).doGenerate(call), Error, "overloaded");
  const parts = await streamed(broken);
  assertEquals(deltas(parts, "text-delta"), ["Half an "]);
  assertEquals(parts.at(-1), { type: "error", error });
});

test("scriptedModel() takes one function for all calls, or one for a turn", async () => {
  const model = scriptedModel((_, index) => async () => {
    await Promise.resolve();
    return `answer ${index + 1}`;
  });
  await model.doGenerate(call);
  assertEquals((await model.doGenerate(call)).content, [{ type: "text", text: "answer 2" }]);
});

test("scriptedModel() rejects with the signal's reason, before, while it decides and in its stream", async () => {
  const controller = new AbortController();
  const { signal: abortSignal } = controller;
  const model = scriptedModel(["a b c", () => new Promise<Turn>(() => {}), "never"]);
  const { stream } = await model.doStream({ ...call, abortSignal });
  const reader = stream.getReader();
  await reader.read();
  const pending = assertRejects(() => model.doGenerate({ ...call, abortSignal }), Error, "enough");
  controller.abort(new Error("enough"));
  await pending;
  await assertRejects(() => reader.read(), Error, "enough");
  await assertRejects(() => model.doGenerate({ ...call, abortSignal }), Error, "enough");
  assertEquals(model.calls.length, 2);
});

test("scriptedModel() names what is wrong", async () => {
  // @ts-expect-error An object is no list of turns.
  assertThrows(() => scriptedModel({ text: "a" }), TypeError, "expected an array of turns");
  // @ts-expect-error There is no such option.
  assertThrows(() => scriptedModel([], { model: "a" }), TypeError, '"model"');
  const wrong: [unknown, string][] = [
    [{ txt: "a" }, 'turn 1: unknown option "txt"; did you mean "text"'],
    [{ toolCalls: [{ name: "a" }] }, "turn 1: a tool call"],
    [{ usage: { input: 1 } }, 'turn 1: "usage"'],
    [{ error: "a" }, '"error" must be an Error, got "a"'],
    [["a"], "turn 1 must be a string, an Error, an object or a function"],
    [undefined, "turn 1 must be"],
  ];
  for (const [turn, message] of wrong) {
    await assertRejects(
      async () => await scriptedModel([turn as Turn]).doGenerate(call),
      TypeError,
      message,
    );
  }
});

test("scriptedModel() is a model for generateText() and streamText()", async () => {
  const turns: Turn[] = [
    { reasoning: "look it up", toolCalls: [{ toolName: "weather", input: { city: "Oslo" } }] },
    "Sunny.",
  ];
  const tools = {
    weather: aiTool({
      inputSchema: z.object({ city: z.string() }),
      execute: ({ city }) => `sun in ${city}`,
    }),
  };
  const stopWhen = ({ steps }: { steps: unknown[] }) => steps.length === 2;
  const common = { tools, prompt: "Weather?", stopWhen };
  const model = scriptedModel(turns);
  const whole = await generateText({ model, ...common });
  assertEquals([whole.text, whole.steps[0]?.reasoningText], ["Sunny.", "look it up"]);
  const stream = streamText({ model: scriptedModel(turns), ...common });
  assertEquals(await stream.text, "Sunny.");
  const { output } = await generateText({
    model: scriptedModel(['{"n":1}']),
    prompt: "One.",
    output: Output.object({ schema: z.object({ n: z.number() }) }),
  });
  assertEquals(output, { n: 1 });
});

test("scriptedModel() is a model for an Agent, streaming and not", async () => {
  const weather = tool({
    name: "weather",
    parameters: z.object({ city: z.string() }),
    execute: ({ city }) => `sun in ${city}`,
  });
  const turns: Turn[] = [
    { toolCalls: [{ toolName: "weather", input: { city: "Oslo" } }] },
    { text: ["Sun", "ny."], usage: { inputTokens: 7, outputTokens: 2 } },
  ];
  for (const streaming of [true, false]) {
    const agent = new Agent({ model: scriptedModel(turns), tools: [weather], streaming });
    const chunks: string[] = [];
    const run = agent.run("Weather?");
    for await (const event of run) {
      if (event.event_type === "model_chunk" && event.content) chunks.push(event.content);
    }
    assertEquals(chunks, streaming ? ["Sun", "ny."] : []);
    assertEquals(run.result?.message, "Sunny.");
    assertEquals(run.result?.metrics.total_tokens, 24);
  }
});
