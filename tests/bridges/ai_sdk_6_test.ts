import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import * as ai6 from "ai-6";
import { MockLanguageModelV3 } from "ai-6/test";
import type { generateObject, generateText, Output, streamText } from "ai";
import { EventBus, withRun } from "@locus/core";
import { locusWrap } from "../../src/bridges/ai_sdk_6.ts";
import type { BridgeOptions } from "../../src/bridges/write_your_own.ts";
import { type Host, parts, programs, scenarios } from "./_ai_programs.ts";
import { calls, fiveTurns, modelOf, text, weather } from "./_ai_sdk.ts";
import type { Scenario } from "./_bridge.ts";
import { checkRun } from "./_contract.ts";
import { ended, testBridge } from "./_suite.ts";

/** A model of version 6; its parts are those of version 7. */
const model6: typeof modelOf = (turns, modelId) =>
  modelOf(turns, modelId, MockLanguageModelV3 as never);

// The functions of version 6 as those of 7, which have `system` under another name.
function hostOf(options?: BridgeOptions, wrap = locusWrap): Host {
  const told = (fn: (settings: never) => unknown) => {
    const wrapped = options ? wrap(fn, options) : fn;
    return ({ instructions, ...settings }: { instructions?: string }) =>
      wrapped({ ...settings, ...instructions && { system: instructions } } as never);
  };
  return {
    generateText: told(ai6.generateText) as typeof generateText,
    streamText: told(ai6.streamText as never) as typeof streamText,
    generateObject: told(ai6.generateObject) as typeof generateObject,
    Output: ai6.Output as never as typeof Output,
    modelOf: model6,
  };
}

testBridge<Host>({
  name: "AI SDK 6",
  source: "ai-sdk-6",
  ways: { "wrapped functions": (options) => hostOf(options) },
  twice: (options) => hostOf(options, (fn, options) => locusWrap(locusWrap(fn, options), options)),
  scenarios: {
    ...scenarios,
    // It calls back with the error, before it says why the model stopped.
    "an error in the stream": {
      ...scenarios["an error in the stream"] as Scenario<Host>,
      ends: ["error"],
    },
  },
  ...programs,
});

test("AI SDK 6: the model of a step is watched as well", async () => {
  const bus = new EventBus();
  const { generateText } = hostOf({ bus });
  const first = model6([calls(["c1", "weather", { city: "Oslo" }])], "first");
  const second = model6([text("Fine.")], "second");
  await generateText({
    model: first,
    tools: { weather },
    prompt: "hi",
    stopWhen: fiveTurns,
    prepareStep: ({ stepNumber }) => stepNumber === 0 ? {} : { model: second },
  });
  await ended(bus, 1);
  assertEquals(checkRun(bus).outline, [
    "run run",
    ["agent first", "model first", "tool weather", "model second"],
  ]);
});

test("AI SDK 6: an object that streams is told by its parts", async () => {
  const bus = new EventBus();
  const streamObject = locusWrap(ai6.streamObject, { bus });
  const { partialObjectStream } = streamObject({
    model: model6([text('{"a": 1}')]) as never,
    output: "no-schema",
    prompt: "hi",
  });
  for await (const _ of partialObjectStream);
  await ended(bus, 1);
  const { of } = checkRun(bus);
  assertEquals(of("agent.terminate").map(({ reason }) => reason), ["complete"]);
  assertEquals(of("agent.model.completed")[0]!.content_preview, '{"a": 1}');
});

test("AI SDK 6: the callbacks of a caller are called as before, also the one for errors that it has not", async (t) => {
  const error = t.mock.method(console, "error", () => {});
  const { streamText } = hostOf({ bus: new EventBus() });
  const heard: string[] = [];
  await parts(streamText({
    model: model6([text("Fine.")]),
    prompt: "hi",
    onFinish: ({ text }) => void heard.push(`finish ${text}`),
    onStepFinish: ({ text }) => void heard.push(`step ${text}`),
  }));
  assertEquals(heard, ["step Fine.", "finish Fine."]);
  await parts(streamText({ model: model6([new Error("boom")]), prompt: "hi", maxRetries: 0 }));
  assertMatch(String(error.mock.calls[0]!.arguments[0]), /boom/);
});

test("AI SDK 6: settings, models and tools of the caller stay as they are", async () => {
  const { generateText } = hostOf({ bus: new EventBus() });
  const model = model6([calls(["c1", "weather", { city: "Oslo" }]), text("Fine.")]);
  const settings = { model, tools: { weather }, prompt: "hi", stopWhen: fiveTurns };
  const before = { ...settings };
  const { execute } = weather;
  await generateText(settings);
  assertEquals(Object.entries(settings), Object.entries(before));
  assert(weather.execute === execute);
});

test("AI SDK 6: what is no function is refused by a sentence", () => {
  // As if this version had no such function.
  const { missing } = ai6 as { missing?: never };
  assertThrows(() => locusWrap(missing!), TypeError, "expected a function of the AI SDK, got");
});

test("AI SDK 6: a call that is refused fails as it did", async () => {
  const bus = new EventBus();
  const { generateText } = hostOf();
  const ask = (fn: typeof generateText) =>
    fn({ model: model6([text("x")]) } as never).then(() => "", String);
  const without = await ask(generateText);
  assertEquals(await withRun({ bus }, () => ask(hostOf({}).generateText)), without);
  assertMatch(without, /prompt/i);
  assertEquals(checkRun(bus).of("agent.terminate").map(({ reason }) => reason), ["error"]);
});

test("AI SDK 6: frozen models, tools of a class and settings that are null work as they did", async () => {
  class Weather {
    description = "The weather";
    inputSchema = weather.inputSchema;
    execute = ({ city }: { city: string }) => Promise.resolve(`${city} 18`);
    toModelOutput() {
      return { type: "text", value: this.description };
    }
  }
  const ask = async (options?: BridgeOptions) => {
    const model = model6([calls(["c1", "weather", { city: "Oslo" }]), text("Fine.")]);
    const { steps } = await hostOf(options).generateText({
      model: Object.freeze(model),
      tools: { weather: new Weather() },
      prepareStep: null,
      onStepFinish: null,
      stopWhen: fiveTurns,
      prompt: "hi",
    } as never);
    await hostOf(options).generateText(
      { model: model6([text("x")]), tools: null, prompt: "hi" } as never,
    );
    return JSON.stringify(steps.map(({ response }) => response.messages));
  };
  assertEquals(await withRun({ bus: new EventBus() }, () => ask({})), await ask());
});

test("AI SDK 6: a class is refused by a sentence", () => {
  assertThrows(
    () => locusWrap(ai6.ToolLoopAgent as never),
    TypeError,
    "got the class ToolLoopAgent",
  );
});
