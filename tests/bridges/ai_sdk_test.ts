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
import { recorderFor } from "../../src/bridges/write_your_own.ts";
import { locusTelemetry } from "../../src/bridges/ai_sdk.ts";
import { RunPicture } from "@locus/core/view";
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
import { turn, until } from "../harness/support/until.ts";
import { checkRun, failAfter, SECRET, seen, type Told } from "./_contract.ts";

/** A program that uses the AI SDK: what it shows a caller is what it returns. */
interface Scenario {
  readonly run: (telemetry: { integrations: Telemetry[] }) => Promise<unknown>;
  readonly outline: unknown;
  /** How its agents ended, in order. */
  readonly ends: readonly string[];
  readonly outcome: string;
  /** Checks the rest. */
  readonly check?: (told: Told) => void;
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

/** So many runs are completed, or wait. */
function ended(bus: EventBus, count: number): Promise<void> {
  return until("the run ends", () => bus.history("run.completed").length >= count);
}

/** A tool that is an agent. */
function subAgent(telemetry: { integrations: Telemetry[] }, streams = false) {
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

const scenarios: Record<string, Scenario> = {
  "a stream with two parallel tools, one of them an agent": {
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
    ends: ["complete", "complete"],
    outcome: "ok",
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
      assertEquals(of("agent.terminate").at(-1)!.final_message_preview, "It is fine today.");
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
    ends: ["complete", "complete", "complete"],
    outcome: "ok",
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
    ends: ["complete"],
    outcome: "ok",
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
    ends: ["error"],
    outcome: "error",
    check: ({ of }) => assertEquals(of("agent.terminate")[0]!.error_kind, "model"),
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
    ends: ["max_iterations"],
    outcome: "error",
    check: ({ of }) => assertEquals(of("agent.terminate")[0]!.error_kind, "limit"),
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
    ends: ["cancelled"],
    outcome: "cancelled",
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
    ends: ["cancelled"],
    outcome: "cancelled",
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
    ends: ["cancelled"],
    outcome: "cancelled",
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

for (const [name, scenario] of Object.entries(scenarios)) {
  test(`AI SDK: ${name}: the events hold the contract, and the host does what it did`, async () => {
    const without = await seen(() => scenario.run({ integrations: [] }));
    const bus = new EventBus();
    let odd: unknown;
    const inRun = await withRun({ bus, name }, async (run) => {
      const result = await seen(() => scenario.run({ integrations: [locusTelemetry()] }));
      odd = recorderFor(run, "ai-sdk").odd.failed;
      return result;
    });
    assertEquals(inRun, without);
    assertEquals(odd, 0);

    const told = checkRun(bus);
    assertEquals(told.outline, ["run run", scenario.outline]);
    assertEquals(told.of("agent.terminate").map(({ reason }) => reason), [...scenario.ends]);
    assertEquals(told.events.at(-1)!.data.outcome, scenario.outcome);
    scenario.check?.(told);
  });

  test(`AI SDK: ${name}: nothing changes where our hooks fail, at once or later`, async () => {
    const without = await seen(() => scenario.run({ integrations: [] }));
    for (const good of [0, 1, 2, 3, 5, 8]) {
      const result = await withRun({ bus: new EventBus() }, async (run) => {
        failAfter(good, recorderFor(run, "ai-sdk"));
        return await seen(() => scenario.run({ integrations: [locusTelemetry()] }));
      });
      assertEquals(result, without, `after ${good} calls that did not fail`);
    }
  });
}

test("AI SDK: a question to a person, and its answer, are one agent in one run", async () => {
  const bus = new EventBus();
  const telemetry = { integrations: [locusTelemetry({ bus })] };
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
  await ended(bus, 1);
  assertEquals((await bus.runs())[0]!.closed, false);

  messages.push(...asked.response.messages, {
    role: "tool",
    content: [{ type: "tool-approval-response", approvalId: request.approvalId, approved: true }],
  });
  await generateText({ model: modelOf([text("paid it")]), tools: { pay }, messages, telemetry });
  await ended(bus, 2);

  const { outline, of, events } = checkRun(bus);
  assertEquals(outline, ["run run", ["agent mock", "model mock", "tool pay", "model mock"]]);
  assertEquals(of("agent.interrupt").map(({ question_preview }) => question_preview), ["Run pay?"]);
  assertEquals(of("agent.interrupt.answered").length, 1);
  assertEquals(of("run.completed").map(({ outcome }) => outcome), ["waiting", "ok"]);
  assertEquals(events.at(-1)!.event_type, "run.completed");
});

test("AI SDK: outside of any run, a call is a run of its own, which is drawn like any other", async () => {
  const bus = new EventBus();
  const telemetry = {
    integrations: [locusTelemetry({ bus, content: true })],
    functionId: "greeter",
  };
  await generateText({ model: modelOf([text("Hello.")]), prompt: "Greet me", telemetry });
  await ended(bus, 1);
  const { events, of } = checkRun(bus);
  const { name, input_preview } = events[0]!.data;
  assertEquals({ name, input_preview }, { name: "greeter", input_preview: "Greet me" });
  assertEquals(of("run.completed")[0]!.outcome, "ok");
  const picture = new RunPicture(events[0]!.run_id);
  for (const event of events) picture.add(event as never);
  assertEquals(picture.rows.map((row) => `${row.kind} ${"name" in row ? row.name : ""}`), [
    "span greeter",
  ]);
});

test('AI SDK: with runs: "ambient" a call outside of any run leaves no trace', async () => {
  const bus = new EventBus();
  const telemetry = { integrations: [locusTelemetry({ bus, runs: "ambient" })] };
  const stream = modelOf([text("a b c")]);
  await parts(streamText({ model: stream, prompt: "hi", telemetry }));
  assertEquals(bus.runs().length, 0);
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

test("AI SDK: content holds each message once, tools once, and no secret", async () => {
  const bus = new EventBus();
  const telemetry = { integrations: [locusTelemetry()] };
  const model = modelOf([calls(["c1", "weather", { city: SECRET }]), text(`it is ${SECRET}`)]);
  await withRun(
    { bus, content: true },
    () =>
      parts(
        streamText({
          model,
          tools: { weather },
          instructions: "Be brief",
          prompt: SECRET,
          stopWhen: fiveTurns,
          telemetry,
        }),
      ),
  );
  const said = checkRun(bus).of("span.content").map(({ direction, kind, from_index, content }) => {
    const roles = kind === "messages"
      ? ` ${(content as { role: string }[]).map(({ role }) => role)}`
      : "";
    return `${direction} ${kind} ${from_index}${roles}`;
  });
  assertEquals(said, [
    "input tools 0",
    "input messages 0 system,user",
    "output messages 0 assistant",
    "input arguments 0",
    "output result 0",
    "input messages 3 tool",
    "output messages 0 assistant",
    "output text 0",
  ]);
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
