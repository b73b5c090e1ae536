import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  generateObject,
  generateText,
  Output,
  registerTelemetry,
  streamText,
  type Telemetry,
  ToolLoopAgent,
} from "ai";
import { EventBus, withRun } from "@locus/core";
import { locusTelemetry } from "../../src/bridges/ai_sdk.ts";
import { type Host, parts, programs, scenarios } from "./_ai_programs.ts";
import { calls, fiveTurns, modelOf, text, weather } from "./_ai_sdk.ts";
import { turn } from "../harness/support/until.ts";
import { checkRun } from "./_contract.ts";
import { ended, testBridge } from "./_suite.ts";

/** How version 7 is run. */
interface Host7 extends Host {
  readonly telemetry: { integrations: Telemetry[] };
}

function hostOf(integrations: Telemetry[]): Host7 {
  const telemetry = { integrations };
  const told = (fn: (settings: never) => unknown) => (settings: object) =>
    fn({ ...settings, telemetry } as never);
  return {
    telemetry,
    generateText: told(generateText) as typeof generateText,
    streamText: told(streamText) as typeof streamText,
    generateObject: told(generateObject) as typeof generateObject,
    Output,
    modelOf,
  };
}

testBridge<Host7>({
  name: "AI SDK",
  source: "ai-sdk",
  ways: { "its hooks": (options) => hostOf(options ? [locusTelemetry(options)] : []) },
  twice: (options) => hostOf([locusTelemetry(options), locusTelemetry(options)]),
  hooks: { make: locusTelemetry, host: (hooks) => hostOf([hooks as Telemetry]) },
  scenarios: {
    ...scenarios,
    "a ToolLoopAgent": {
      async run({ telemetry }) {
        const model = modelOf([calls(["c1", "weather", { city: "Oslo" }]), text("fine")]);
        const agent = new ToolLoopAgent({
          model,
          tools: { weather },
          telemetry: { ...telemetry, functionId: "planner" },
        });
        return await parts(await agent.stream({ prompt: "hi" }));
      },
      outline: ["agent planner", "model mock", "tool weather", "model mock"],
      ends: ["complete"],
      outcome: "ok",
    },
  },
  ...programs,
});

test("AI SDK: a run outside of any is named by its functionId", async () => {
  const bus = new EventBus();
  const telemetry = { integrations: [locusTelemetry({ bus })], functionId: "greeter" };
  await generateText({ model: modelOf([text("Hello.")]), prompt: "Greet me", telemetry });
  await ended(bus, 1);
  assertEquals(checkRun(bus).events[0]!.data.name, "greeter");
});

test("AI SDK: registerTelemetry(locusTelemetry()) is enough, and twice is not too much", async () => {
  const bus = new EventBus();
  registerTelemetry(locusTelemetry({ bus }), locusTelemetry({ bus }));
  try {
    await parts(streamText({ model: modelOf([text("Hello you")]), prompt: "hi" }));
    await ended(bus, 1);
  } finally {
    delete (globalThis as { AI_SDK_TELEMETRY_INTEGRATIONS?: unknown })
      .AI_SDK_TELEMETRY_INTEGRATIONS;
  }
  assertEquals(bus.runs().length, 1);
  const { of } = checkRun(bus);
  assertEquals(
    of("agent.model.chunk").map(({ content_preview }) => content_preview).join(""),
    "Hello you",
  );
});

test("AI SDK: recordInputs and recordOutputs of a call are respected", async () => {
  const bus = new EventBus();
  const telemetry = { integrations: [locusTelemetry()], recordInputs: false, recordOutputs: false };
  const model = modelOf([calls(["c1", "weather", { city: "private" }]), text("private text")]);
  await withRun(
    { bus, content: true },
    () =>
      parts(
        streamText({
          model,
          tools: { weather },
          prompt: "private",
          stopWhen: fiveTurns,
          telemetry,
        }),
      ),
  );
  const { events, outline } = checkRun(bus);
  assertEquals(outline, ["run run", ["agent mock", "model mock", "tool weather", "model mock"]]);
  assert(!JSON.stringify(events).includes("private"));
});

test("AI SDK: the model is asked no further than the reader reads", async () => {
  const count = async (integrations: Telemetry[]) => {
    let asked = 0;
    const letters = text("a b c d e f g h i j k l m n o p q r s t u v w x y z") as [];
    const model = modelOf([letters.flatMap((part) => [() => void asked++, part])]);
    await parts(streamText({ model, prompt: "hi", telemetry: { integrations } }), 6);
    await turn();
    return asked;
  };
  const without = await count([]);
  const bus = new EventBus();
  assertEquals(await withRun({ bus }, () => count([locusTelemetry()])), without);
});

test("AI SDK: hooks of version 6, which have no call id, are refused by a sentence", (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const bus = new EventBus();
  const telemetry = locusTelemetry({ bus });
  for (let n = 0; n < 2; n++) telemetry.onStart({ operationId: "ai.generateText", modelId: "m" });
  assertEquals(warn.mock.callCount(), 1);
  assertMatch(
    String(warn.mock.calls[0]!.arguments[0]),
    /needs the hooks of `ai` 7.*npm install ai@7/,
  );
  assertEquals(bus.runs().length, 0);
});
