/** Models that take too long, or never answer. */
import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import {
  Agent,
  ModelRetryHook,
  ModelTimeoutError,
  tool,
  ToolResultStore,
} from "../../src/agent/mod.ts";
import { installFakeClock } from "../harness/support/fake_clock.ts";
import { type Script, ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { agentOf, allOnBus, collect, only, outline } from "./_support.ts";
import type { AgentOptions } from "../../src/agent/mod.ts";

/** A test in which time passes only while everything waits for it. */
function timed(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    const clock = installFakeClock();
    try {
      await clock.run(work());
    } finally {
      clock.restore();
    }
  });
}

/** Never answers, and does not look at its signal; notes that it was aborted. */
function deaf(seen: AbortSignal[] = []): Script {
  return ({ abortSignal }) => {
    seen.push(abortSignal!);
    return new Promise<never>(() => {});
  };
}

/** A stream that says these words and then nothing more. */
function fallsSilent(...words: string[]): ScriptedModel {
  const parts = words.map((delta): LanguageModelV4StreamPart => ({
    type: "text-delta",
    id: "1",
    delta,
  }));
  const doStream = () => {
    const stream = new ReadableStream<LanguageModelV4StreamPart>({
      pull(controller) {
        const part = parts.shift();
        if (part === undefined) return new Promise<never>(() => {});
        controller.enqueue(part);
      },
    }, { highWaterMark: 0 });
    return Promise.resolve({ stream });
  };
  return Object.assign(new ScriptedModel(), { doStream });
}

for (const streaming of [true, false]) {
  const how = streaming ? "streamed" : "whole";

  timed(`timeBudgetSeconds is kept though the model never answers (${how})`, async () => {
    const seen: AbortSignal[] = [];
    const { agent } = agentOf([["thinking", toolCall("c1", "look", {})], deaf(seen)], {
      tools: tool({ name: "look", execute: () => "seen" }),
      timeBudgetSeconds: 0.2,
      streaming,
    });
    const run = agent.run("go");
    const { events, error } = await collect(run);
    assertEquals([error, only(events, "terminate").reason], [null, "time_budget"]);
    const { stop_reason, success, message } = run.result!;
    assertEquals([stop_reason, success, message], ["time_budget", false, "thinking"]);
    assert(seen[0]!.aborted);
  });

  timed(`A call that takes longer than modelTimeoutMs fails (${how})`, async () => {
    const seen: AbortSignal[] = [];
    const { agent } = agentOf([deaf(seen)], { modelTimeoutMs: 10, streaming });
    const { events, error } = await collect(agent.run("go"));
    assertInstanceOf(error, ModelTimeoutError);
    assertEquals([error.kind, seen[0]!.aborted], ["model_timeout", true]);
    assertEquals(only(events, "terminate").reason, "error");
  });

  timed(`ModelRetryHook repeats it (${how})`, async () => {
    const { agent } = agentOf([deaf(), ["here"]], {
      modelTimeoutMs: 10,
      streaming,
      hooks: [new ModelRetryHook({ initialDelay: 0 })],
    });
    const { events, value } = await allOnBus(() => agent.invoke("go", { streaming }));
    assertEquals(value.message, "here");
    const { reason } = events.find(({ event_type }) => event_type === "agent.model.retry")!.data;
    assertEquals(reason, "timeout");
  });
}

timed("A streamed answer that falls silent fails, however much came before", async () => {
  const agent = new Agent({ model: fallsSilent("Hel", "lo"), modelIdleTimeoutMs: 20 });
  const { events, error } = await collect(agent.run("go"));
  assertInstanceOf(error, ModelTimeoutError);
  assertEquals(outline(events).slice(0, 2), ["model_chunk", "model_chunk"]);
  assertEquals(only(events, "terminate").reason, "error");
});

timed("A stream that goes on is not silent, and an answer as a whole never is", async () => {
  let left = 30;
  const slow = (): ReadableStream<LanguageModelV4StreamPart> => {
    return new ReadableStream({
      async pull(controller) {
        // The whole takes longer than one silence may.
        await new Promise((resolve) => setTimeout(resolve, 99));
        if (left-- > 0) controller.enqueue({ type: "text-delta", id: "1", delta: "." });
        else {
          controller.enqueue({
            type: "finish",
            usage: {} as never,
            finishReason: { unified: "stop", raw: "stop" },
          });
          controller.close();
        }
      },
    }, { highWaterMark: 0 });
  };
  const doStream = () => Promise.resolve({ stream: slow() });
  const model = Object.assign(new ScriptedModel(), { doStream });
  const { events, error } = await collect(
    new Agent({ model, modelIdleTimeoutMs: 100 }).run("go"),
  );
  assertEquals([error, only(events, "terminate").final_message?.length], [null, 30]);
});

timed("Judges and summaries are held to the time of the run as well", async () => {
  const look = tool({ name: "look", execute: () => "the sky is blue" });
  const judged = agentOf([[toolCall("c1", "look", {})], ["The sky is blue."], deaf()], {
    tools: look,
    timeBudgetSeconds: 0.2,
    grounding: true,
  });
  assertEquals((await judged.agent.invoke("go")).message, "The sky is blue.");
  const summed = agentOf([[toolCall("c1", "look", {})], deaf()], {
    tools: look,
    timeBudgetSeconds: 0.2,
    maxIterations: 1,
  });
  assertEquals((await summed.agent.invoke("go")).stop_reason, "max_iterations");
});

timed("A model that heeds its signal is told why it is aborted", async () => {
  const heeds: Script = ({ abortSignal }: LanguageModelV4CallOptions) =>
    new Promise((_, reject) =>
      abortSignal!.addEventListener("abort", () => reject(abortSignal!.reason))
    );
  const { agent } = agentOf([heeds], { modelTimeoutMs: 10 });
  assertInstanceOf((await collect(agent.run("go"))).error, ModelTimeoutError);
});

timed("timeBudgetSeconds is kept though a retry wants to wait for longer", async () => {
  const busy: Script = () => {
    throw Object.assign(new Error("busy"), { statusCode: 429 });
  };
  const { agent } = agentOf([busy, ["ok"]], {
    timeBudgetSeconds: 2,
    hooks: [new ModelRetryHook({ initialDelay: 30 })],
  });
  let isLate = false;
  const timer = setTimeout(() => isLate = true, 3000);
  const { events, error } = await collect(agent.run("go"));
  clearTimeout(timer);
  assertEquals([only(events, "terminate").reason, error, isLate], ["time_budget", null, false]);
});

const never = () => new Promise<never>(() => {});
const look = tool({ name: "look", execute: () => "seen" });
const HANGING: readonly (readonly [string, Partial<AgentOptions>])[] = [
  ...([
    ...["onBeforeInvocation", "onIterationStart", "onBeforeModelCall", "onAfterModelCall"],
    ...["onBeforeToolCall", "onAfterToolCall", "onIterationEnd"],
  ].map((point) => [`the hook ${point}`, { hooks: [{ [point]: never }] }] as const)),
  ["a tool without a limit", { tools: tool({ name: "look", execute: never }) }],
  ["the conversation manager", { conversationManager: { apply: never } }],
  ["the system prompt", { systemPrompt: never }],
  ["the judge", { gsar: { judge: never } }],
  ["a store of results", {
    toolResultStore: new ToolResultStore({
      save: never,
      load: () => null,
      thresholdChars: 2,
      previewChars: 2,
    }),
  }],
];

for (const [what, options] of HANGING) {
  timed(`timeBudgetSeconds is kept though ${what} hangs`, async () => {
    const { agent } = agentOf([[toolCall("c1", "look", {})], ["done"]], {
      tools: look,
      timeBudgetSeconds: 0.2,
      ...options,
    });
    const { events, error } = await collect(agent.run("go"));
    assertEquals([error, only(events, "terminate").reason], [null, "time_budget"]);
  });
}

timed(
  "A tool that the run's time stops is told so by its signal, and the model by its result",
  async () => {
    let signal: AbortSignal | undefined;
    const hangs = tool({
      name: "look",
      execute: (_, context) => (signal = context.signal, never()),
    });
    const { agent } = agentOf([[toolCall("c1", "look", {})]], {
      tools: hangs,
      timeBudgetSeconds: 0.2,
    });
    const run = agent.run("go");
    assertEquals(only((await collect(run)).events, "tool_complete").error, "cancelled");
    assertMatch(
      run.result!.messages.at(-1)!.content!,
      /^Stopped with the run while it was at work/,
    );
    assertEquals((signal!.reason as Error).name, "TimeoutError");
  },
);
