/**
 * What the AI SDK does, whichever version it is: programs for the tests of its bridges.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type generateObject,
  type generateText,
  isStepCount,
  type Output,
  type streamText,
  tool,
} from "ai";
import { z } from "zod";
import { emit, withSpan } from "@locus/core";
import {
  broken,
  calls,
  finish,
  fiveTurns,
  type modelOf,
  providerError,
  text,
  weather,
} from "./_ai_sdk.ts";
import type { Bridge } from "./_bridge.ts";

/** The functions of one version of the AI SDK, with the bridge or without. */
export interface Host {
  readonly generateText: typeof generateText;
  readonly streamText: typeof streamText;
  readonly generateObject: typeof generateObject;
  readonly Output: typeof Output;
  readonly modelOf: typeof modelOf;
}

/** Reads a stream: all parts of it, or so many. */
export async function parts(result: { fullStream: AsyncIterable<unknown> }, upTo = Infinity) {
  const seen: unknown[] = [];
  for await (const part of result.fullStream) {
    seen.push(part);
    if (seen.length >= upTo) break;
  }
  return seen;
}

/** A tool that is an agent. */
function subAgent(ai: Host, streams = false) {
  return tool({
    inputSchema: z.object({ q: z.string() }),
    async execute({ q }) {
      const model = ai.modelOf([calls(["c1", "weather", { city: q }]), text(`sub ${q}`)], "sub");
      const options = { model, tools: { weather }, prompt: q, stopWhen: fiveTurns };
      return streams ? await ai.streamText(options).text : (await ai.generateText(options)).text;
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

export const scenarios: Bridge<Host>["scenarios"] = {
  "two tools at once, one of them an agent": {
    async run(ai) {
      const model = ai.modelOf([
        calls(["c1", "weather", { city: "Oslo" }], ["c2", "sub", { q: "Rome" }]),
        text("It is fine today."),
      ]);
      const tools = { weather, sub: subAgent(ai) };
      const result = ai.streamText({ model, tools, prompt: "hi", stopWhen: fiveTurns });
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
    async run(ai) {
      const model = ai.modelOf([
        calls(["c1", "sub", { q: "a" }], ["c2", "sub", { q: "b" }]),
        text("done"),
      ]);
      const tools = { sub: subAgent(ai) };
      const { steps } = await ai.generateText({
        model,
        tools,
        prompt: "hi",
        stopWhen: fiveTurns,
      });
      return steps;
    },
    outline: ["agent mock", "model mock", ["tool sub", SUB], ["tool sub", SUB], "model mock"],
  },
  "a streaming agent in a tool": {
    async run(ai) {
      const model = ai.modelOf([calls(["c1", "sub", { q: "deep" }]), text("ok")]);
      const tools = { sub: subAgent(ai, true) };
      return await parts(
        ai.streamText({ model, tools, prompt: "hi", stopWhen: fiveTurns }),
      );
    },
    outline: ["agent mock", "model mock", ["tool sub", SUB], "model mock"],
    ends: ["complete", "complete"],
    outcome: "ok",
  },
  "a tool that throws": {
    async run(ai) {
      const model = ai.modelOf([calls(["c1", "broken", {}]), text("sorry")]);
      const { steps } = await ai.generateText({
        model,
        tools: { broken },
        prompt: "hi",
        stopWhen: fiveTurns,
      });
      return steps;
    },
    outline: ["agent mock", "model mock", "tool broken", "model mock"],
    check: ({ of }) => assertEquals(of("agent.tool.completed")[0]!.error, "TypeError: tool broke"),
  },
  "a model that fails in the second turn": {
    run(ai) {
      const model = ai.modelOf([calls(["c1", "weather", { city: "Oslo" }]), providerError(500)]);
      return ai.generateText({
        model,
        tools: { weather },
        prompt: "hi",
        stopWhen: fiveTurns,
        maxRetries: 0,
      });
    },
    outline: ["agent mock", "model mock", "tool weather", "model mock"],
  },
  "a stream whose model fails at once": {
    run: (ai) =>
      parts(
        ai.streamText({
          model: ai.modelOf([providerError(500)]),
          prompt: "hi",
          maxRetries: 0,
          onError() {},
        }),
      ),
    outline: ["agent mock", "model mock"],
    ends: ["error"],
    outcome: "error",
  },
  "an error in the stream": {
    run(ai) {
      const model = ai.modelOf([[
        { type: "text-start", id: "0" },
        { type: "text-delta", id: "0", delta: "hal" },
        { type: "error", error: new Error("overloaded") },
        finish("error"),
      ] as never]);
      return parts(ai.streamText({ model, prompt: "hi", onError() {} }));
    },
    outline: ["agent mock", "model mock"],
    ends: ["model_error"],
    outcome: "error",
    check: ({ of }) => assertEquals(of("agent.terminate")[0]!.error, "Error: overloaded"),
  },
  "a stream that breaks": {
    run(ai) {
      const model = ai.modelOf([[
        { type: "text-start", id: "0" },
        { type: "text-delta", id: "0", delta: "hal" },
        () => {
          throw new Error("connection reset");
        },
      ] as never]);
      return parts(ai.streamText({ model, prompt: "hi", onError() {} }));
    },
    outline: ["agent mock", "model mock"],
    ends: ["error"],
    outcome: "error",
    check: ({ of }) => assertMatch(String(of("agent.terminate")[0]!.error), /connection reset/),
  },
  "an answer that is cut off": {
    run: async (ai) => {
      const cut = [...text("half a") as []].slice(0, -1);
      const model = ai.modelOf([[...cut, finish("length")] as never]);
      return (await ai.generateText({ model, prompt: "hi" })).steps;
    },
    outline: ["agent mock", "model mock"],
    ends: ["model_length"],
    outcome: "error",
  },
  "a limit of turns": {
    run: async (ai) => {
      const model = ai.modelOf([calls(["c1", "weather", { city: "Oslo" }])]);
      const options = {
        model,
        tools: { weather },
        prompt: "hi",
        stopWhen: isStepCount(2),
      };
      return (await ai.generateText(options)).steps;
    },
    outline: ["agent mock", "model mock", "tool weather", "model mock", "tool weather"],
  },
  "a tool that the caller executes": {
    run: async (ai) => {
      const confirm = tool({ inputSchema: z.object({}) });
      const model = ai.modelOf([calls(["c1", "confirm", {}])]);
      return (await ai.generateText({ model, tools: { confirm }, prompt: "hi" })).steps;
    },
    outline: ["agent mock", "model mock"],
    ends: ["tool_called:confirm"],
    outcome: "ok",
  },
  "a call that is tried again": {
    run: async (ai) => {
      const model = ai.modelOf([providerError(429, true), text("ok")]);
      return (await ai.generateText({ model, prompt: "hi", maxRetries: 2 })).steps;
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
    async run(ai) {
      const abort = new AbortController();
      const model = ai.modelOf([text("one two three four five six seven eight nine ten")]);
      const options = { model, prompt: "hi", abortSignal: abort.signal };
      const seen: unknown[] = [];
      for await (const part of ai.streamText(options).fullStream) {
        if (seen.push(part) === 5) abort.abort();
      }
      return seen.slice(0, 5);
    },
    outline: ["agent mock", "model mock"],
  },
  "an abort in a tool": {
    async run(ai) {
      const abort = new AbortController();
      const model = ai.modelOf([calls(["c1", "slow", {}]), text("x")]);
      const result = ai.generateText({
        model,
        tools: { slow: abortingTool(abort) },
        prompt: "hi",
        stopWhen: fiveTurns,
        abortSignal: abort.signal,
      });
      return await result;
    },
    outline: ["agent mock", "model mock", "tool slow"],
  },
  "an abort in a tool of a stream": {
    async run(ai) {
      const abort = new AbortController();
      const model = ai.modelOf([calls(["c1", "slow", {}]), text("x")]);
      return await parts(ai.streamText({
        model,
        tools: { slow: abortingTool(abort) },
        prompt: "hi",
        stopWhen: fiveTurns,
        abortSignal: abort.signal,
      }));
    },
    outline: ["agent mock", "model mock", "tool slow"],
    ends: ["cancelled"],
    outcome: "cancelled",
  },
  "a reader who leaves half-way": {
    run: (ai) => {
      const model = ai.modelOf([text("one two three four five six seven eight nine ten")]);
      return parts(ai.streamText({ model, prompt: "hi" }), 4);
    },
    outline: ["agent mock", "model mock"],
    check: ({ of }) => assertEquals(of("agent.terminate")[0]!.error, "AbortError: its reader left"),
  },
  "an object, by the older function for it": {
    run: async (ai) => {
      const model = ai.modelOf([text('{"a":1}')]);
      const { object, usage } = await ai.generateObject({ model, schema, prompt: "hi" });
      return { object, usage };
    },
    outline: ["agent mock", "model mock"],
    ends: ["complete"],
    outcome: "ok",
    check: ({ of }) => assertEquals(of("agent.model.completed")[0]!.content_preview, '{"a":1}'),
  },
  "an object that streams": {
    run: (ai) => {
      const model = ai.modelOf([text('{"a": 1}')]);
      const output = ai.Output.object({ schema });
      return parts(ai.streamText({ model, output, prompt: "hi" }));
    },
    outline: ["agent mock", "model mock"],
    ends: ["complete"],
    outcome: "ok",
  },
  "a tool that yields, and spans in it": {
    run: async (ai) => {
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
      const model = ai.modelOf([calls(["c1", "look", {}]), text("ok")]);
      return await parts(
        ai.streamText({ model, tools: { look }, prompt: "hi", stopWhen: fiveTurns }),
      );
    },
    outline: ["agent mock", "model mock", ["tool look", "work look closely"], "model mock"],
    ends: ["complete"],
    outcome: "ok",
    check: ({ of }) => assertEquals(of("agent.tool.completed")[0]!.output_preview, "seen"),
  },
};

/** The rest of the table. */
export const programs: Pick<
  Bridge<Host>,
  "asked" | "waiting" | "waited" | "content"
> = {
  asked(ai, { input, words, onTool = () => {} }) {
    const look = tool({
      inputSchema: z.object({ city: z.string() }),
      execute({ city }) {
        onTool();
        return `${city} 18`;
      },
    });
    const model = ai.modelOf([calls(["c1", "weather", { city: input }]), text(words)]);
    return parts(
      ai.streamText({
        model,
        tools: { weather: look },
        instructions: "Be brief",
        prompt: input,
        stopWhen: fiveTurns,
      }),
    );
  },
  async waiting(ai) {
    const pay = tool({
      inputSchema: z.object({ n: z.number() }),
      needsApproval: true,
      execute: () => "paid",
    });
    const messages: NonNullable<Parameters<typeof generateText>[0]["messages"]> = [
      { role: "user", content: "pay" },
    ];
    const first = ai.modelOf([calls(["c1", "pay", { n: 1 }])]);
    const asked = await ai.generateText({ model: first, tools: { pay }, messages });
    const request = asked.content.find(({ type }) => type === "tool-approval-request")!;
    assert("approvalId" in request);
    const { approvalId } = request;
    messages.push(...asked.response.messages, {
      role: "tool",
      content: [{ type: "tool-approval-response", approvalId, approved: true }],
    });
    const model = ai.modelOf([text("paid it")]);
    return (ai) => ai.generateText({ model, tools: { pay }, messages });
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
};
