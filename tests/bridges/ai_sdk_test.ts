import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  generateObject,
  generateText,
  isStepCount,
  Output,
  registerTelemetry,
  streamText,
  type Telemetry,
  tool,
  ToolLoopAgent,
} from "ai";
import { z } from "zod";
import { emit, EventBus, withRun, withSpan } from "@locus/core";
import { locusTelemetry } from "../../src/bridges/ai_sdk.ts";
import {
  broken,
  calls,
  finish,
  fiveTurns,
  modelOf,
  providerError,
  text,
  weather,
} from "./_ai_sdk.ts";
import { turn } from "../harness/support/until.ts";
import { checkRun } from "./_contract.ts";
import type { Bridge } from "./_bridge.ts";
import { ended, testBridge } from "./_suite.ts";

/** How a program is run. */
interface Host {
  readonly integrations: Telemetry[];
}

/** Reads a stream: all parts of it, or so many. */
async function parts(result: { fullStream: AsyncIterable<unknown> }, upTo = Infinity) {
  const seen: unknown[] = [];
  for await (const part of result.fullStream) {
    seen.push(part);
    if (seen.length >= upTo) break;
  }
  return seen;
}

/** A tool that is an agent. */
function subAgent(telemetry: Host, streams = false) {
  return tool({
    inputSchema: z.object({ q: z.string() }),
    async execute({ q }) {
      const model = modelOf([calls(["c1", "weather", { city: q }]), text(`sub ${q}`)], "sub");
      const options = { model, tools: { weather }, prompt: q, stopWhen: fiveTurns, telemetry };
      return streams ? await streamText(options).text : (await generateText(options)).text;
    },
  });
}

/** A tool that has its own call aborted. */
function abortingTool(abort: AbortController) {
  return tool({
    inputSchema: z.object({}),
    execute: (_, { abortSignal }): Promise<string> =>
      new Promise((_, reject) => {
        abortSignal!.addEventListener("abort", () => reject(abortSignal!.reason));
        abort.abort();
      }),
  });
}

const schema = z.object({ a: z.number() });

const SUB = ["agent sub", "model sub", "tool weather", "model sub"];

const scenarios: Bridge<Host>["scenarios"] = {
  "two tools at once, one of them an agent": {
    async run(telemetry) {
      const model = modelOf([
        calls(["c1", "weather", { city: "Oslo" }], ["c2", "sub", { q: "Rome" }]),
        text("It is fine today."),
      ]);
      const tools = { weather, sub: subAgent(telemetry) };
      const result = streamText({ model, tools, prompt: "hi", stopWhen: fiveTurns, telemetry });
      return [await parts(result), await result.steps, await result.text];
    },
    outline: ["agent mock", "model mock", "tool weather", ["tool sub", SUB], "model mock"],
    check({ of }) {
      const text = of("agent.model.chunk").map(({ content_preview }) => content_preview).join("");
      assertEquals(text, "It is fine today.");
      const [tokens] = of("agent.tokens.used");
      const { prompt_tokens, cached_input_tokens, reasoning_tokens } = tokens!;
      assertEquals({ prompt_tokens, cached_input_tokens, reasoning_tokens }, {
        prompt_tokens: 5,
        cached_input_tokens: 2,
        reasoning_tokens: 1,
      });
    },
  },
  "two agents at once with equal call ids": {
    async run(telemetry) {
      const model = modelOf([
        calls(["c1", "sub", { q: "a" }], ["c2", "sub", { q: "b" }]),
        text("done"),
      ]);
      const tools = { sub: subAgent(telemetry) };
      const { steps } = await generateText({
        model,
        tools,
        prompt: "hi",
        stopWhen: fiveTurns,
        telemetry,
      });
      return steps;
    },
    outline: ["agent mock", "model mock", ["tool sub", SUB], ["tool sub", SUB], "model mock"],
  },
  "a streaming agent in a tool": {
    async run(telemetry) {
      const model = modelOf([calls(["c1", "sub", { q: "deep" }]), text("ok")]);
      const tools = { sub: subAgent(telemetry, true) };
      return await parts(
        streamText({ model, tools, prompt: "hi", stopWhen: fiveTurns, telemetry }),
      );
    },
    outline: ["agent mock", "model mock", ["tool sub", SUB], "model mock"],
    ends: ["complete", "complete"],
    outcome: "ok",
  },
  "a ToolLoopAgent": {
    async run(telemetry) {
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
  "a tool that throws": {
    async run(telemetry) {
      const model = modelOf([calls(["c1", "broken", {}]), text("sorry")]);
      const { steps } = await generateText({
        model,
        tools: { broken },
        prompt: "hi",
        stopWhen: fiveTurns,
        telemetry,
      });
      return steps;
    },
    outline: ["agent mock", "model mock", "tool broken", "model mock"],
    check: ({ of }) => assertEquals(of("agent.tool.completed")[0]!.error, "TypeError: tool broke"),
  },
  "a model that fails in the second turn": {
    run(telemetry) {
      const model = modelOf([calls(["c1", "weather", { city: "Oslo" }]), providerError(500)]);
      return generateText({
        model,
        tools: { weather },
        prompt: "hi",
        stopWhen: fiveTurns,
        maxRetries: 0,
        telemetry,
      });
    },
    outline: ["agent mock", "model mock", "tool weather", "model mock"],
  },
  "a stream whose model fails at once": {
    run: (telemetry) =>
      parts(
        streamText({
          model: modelOf([providerError(500)]),
          prompt: "hi",
          maxRetries: 0,
          onError() {},
          telemetry,
        }),
      ),
    outline: ["agent mock", "model mock"],
    ends: ["error"],
    outcome: "error",
  },
  "an error in the stream": {
    run(telemetry) {
      const model = modelOf([[
        { type: "text-start", id: "0" },
        { type: "text-delta", id: "0", delta: "hal" },
        { type: "error", error: new Error("overloaded") },
        finish("error"),
      ] as never]);
      return parts(streamText({ model, prompt: "hi", onError() {}, telemetry }));
    },
    outline: ["agent mock", "model mock"],
    ends: ["model_error"],
    outcome: "error",
    check: ({ of }) => assertEquals(of("agent.terminate")[0]!.error, "Error: overloaded"),
  },
  "a stream that breaks": {
    run(telemetry) {
      const model = modelOf([[
        { type: "text-start", id: "0" },
        { type: "text-delta", id: "0", delta: "hal" },
        () => {
          throw new Error("connection reset");
        },
      ] as never]);
      return parts(streamText({ model, prompt: "hi", onError() {}, telemetry }));
    },
    outline: ["agent mock", "model mock"],
    ends: ["error"],
    outcome: "error",
    check: ({ of }) => assertMatch(String(of("agent.terminate")[0]!.error), /connection reset/),
  },
  "an answer that is cut off": {
    run: async (telemetry) => {
      const cut = [...text("half a") as []].slice(0, -1);
      const model = modelOf([[...cut, finish("length")] as never]);
      return (await generateText({ model, prompt: "hi", telemetry })).steps;
    },
    outline: ["agent mock", "model mock"],
    ends: ["model_length"],
    outcome: "error",
  },
  "a limit of turns": {
    run: async (telemetry) => {
      const model = modelOf([calls(["c1", "weather", { city: "Oslo" }])]);
      const options = {
        model,
        tools: { weather },
        prompt: "hi",
        stopWhen: isStepCount(2),
        telemetry,
      };
      return (await generateText(options)).steps;
    },
    outline: ["agent mock", "model mock", "tool weather", "model mock", "tool weather"],
  },
  "a tool that the caller executes": {
    run: async (telemetry) => {
      const confirm = tool({ inputSchema: z.object({}) });
      const model = modelOf([calls(["c1", "confirm", {}])]);
      return (await generateText({ model, tools: { confirm }, prompt: "hi", telemetry })).steps;
    },
    outline: ["agent mock", "model mock"],
    ends: ["tool_called:confirm"],
    outcome: "ok",
  },
  "a call that is tried again": {
    run: async (telemetry) => {
      const model = modelOf([providerError(429, true), text("ok")]);
      return (await generateText({ model, prompt: "hi", maxRetries: 2, telemetry })).steps;
    },
    outline: ["agent mock", "model mock", "model mock"],
    ends: ["complete"],
    outcome: "ok",
    check({ of }) {
      const { attempt, max_retries, reason } = of("agent.model.retry")[0]!;
      assertEquals({ attempt, max_retries, reason }, {
        attempt: 1,
        max_retries: 2,
        reason: "rate_limit",
      });
    },
  },
  "an abort in the text": {
    async run(telemetry) {
      const abort = new AbortController();
      const model = modelOf([text("one two three four five six seven eight nine ten")]);
      const options = { model, prompt: "hi", abortSignal: abort.signal, telemetry };
      const seen: unknown[] = [];
      for await (const part of streamText(options).fullStream) {
        if (seen.push(part) === 5) abort.abort();
      }
      return seen.slice(0, 5);
    },
    outline: ["agent mock", "model mock"],
  },
  "an abort in a tool": {
    async run(telemetry) {
      const abort = new AbortController();
      const model = modelOf([calls(["c1", "slow", {}]), text("x")]);
      const result = generateText({
        model,
        tools: { slow: abortingTool(abort) },
        prompt: "hi",
        stopWhen: fiveTurns,
        abortSignal: abort.signal,
        telemetry,
      });
      return await result;
    },
    outline: ["agent mock", "model mock", "tool slow"],
  },
  "an abort in a tool of a stream": {
    async run(telemetry) {
      const abort = new AbortController();
      const model = modelOf([calls(["c1", "slow", {}]), text("x")]);
      return await parts(streamText({
        model,
        tools: { slow: abortingTool(abort) },
        prompt: "hi",
        stopWhen: fiveTurns,
        abortSignal: abort.signal,
        telemetry,
      }));
    },
    outline: ["agent mock", "model mock", "tool slow"],
    ends: ["cancelled"],
    outcome: "cancelled",
  },
  "a reader who leaves half-way": {
    run: (telemetry) => {
      const model = modelOf([text("one two three four five six seven eight nine ten")]);
      return parts(streamText({ model, prompt: "hi", telemetry }), 4);
    },
    outline: ["agent mock", "model mock"],
    check: ({ of }) => assertEquals(of("agent.terminate")[0]!.error, "AbortError: its reader left"),
  },
  "an object, by the older function for it": {
    run: async (telemetry) => {
      const model = modelOf([text('{"a":1}')]);
      const { object, usage } = await generateObject({ model, schema, prompt: "hi", telemetry });
      return { object, usage };
    },
    outline: ["agent mock", "model mock"],
    ends: ["complete"],
    outcome: "ok",
    check: ({ of }) => assertEquals(of("agent.model.completed")[0]!.content_preview, '{"a":1}'),
  },
  "an object that streams": {
    run: (telemetry) => {
      const model = modelOf([text('{"a": 1}')]);
      const output = Output.object({ schema });
      return parts(streamText({ model, output, prompt: "hi", telemetry }));
    },
    outline: ["agent mock", "model mock"],
    ends: ["complete"],
    outcome: "ok",
  },
  "a tool that yields, and spans in it": {
    run: async (telemetry) => {
      const look = tool({
        inputSchema: z.object({}),
        async *execute() {
          yield "looking";
          yield await withSpan("look closely", () => {
            emit("test.seen", {});
            return "seen";
          });
        },
      });
      const model = modelOf([calls(["c1", "look", {}]), text("ok")]);
      return await parts(
        streamText({ model, tools: { look }, prompt: "hi", stopWhen: fiveTurns, telemetry }),
      );
    },
    outline: ["agent mock", "model mock", ["tool look", "work look closely"], "model mock"],
    ends: ["complete"],
    outcome: "ok",
    check: ({ of }) => assertEquals(of("agent.tool.completed")[0]!.output_preview, "seen"),
  },
};

testBridge<Host>({
  name: "AI SDK",
  source: "ai-sdk",
  ways: { "its hooks": (options) => ({ integrations: options ? [locusTelemetry(options)] : [] }) },
  scenarios,
  asked(telemetry, { input, words, onTool = () => {} }) {
    const look = tool({
      inputSchema: z.object({ city: z.string() }),
      execute({ city }) {
        onTool();
        return `${city} 18`;
      },
    });
    const model = modelOf([calls(["c1", "weather", { city: input }]), text(words)]);
    return parts(
      streamText({
        model,
        tools: { weather: look },
        instructions: "Be brief",
        prompt: input,
        stopWhen: fiveTurns,
        telemetry,
      }),
    );
  },
  async waiting(telemetry) {
    const pay = tool({
      inputSchema: z.object({ n: z.number() }),
      needsApproval: true,
      execute: () => "paid",
    });
    const messages: NonNullable<Parameters<typeof generateText>[0]["messages"]> = [
      { role: "user", content: "pay" },
    ];
    const first = modelOf([calls(["c1", "pay", { n: 1 }])]);
    const asked = await generateText({ model: first, tools: { pay }, messages, telemetry });
    const request = asked.content.find(({ type }) => type === "tool-approval-request")!;
    assert("approvalId" in request);
    const { approvalId } = request;
    messages.push(...asked.response.messages, {
      role: "tool",
      content: [{ type: "tool-approval-response", approvalId, approved: true }],
    });
    const model = modelOf([text("paid it")]);
    return (telemetry) => generateText({ model, tools: { pay }, messages, telemetry });
  },
  waited: ["agent mock", "model mock", "tool pay", "model mock"],
  content: [
    "input tools 0",
    "input messages 0 system,user",
    "output messages 0 assistant",
    "input arguments 0",
    "output result 0",
    "input messages 3 tool",
    "output messages 0 assistant",
    "output text 0",
  ],
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
