import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  Agent,
  type AgentInputItem,
  Runner,
  type RunState,
  setTraceProcessors,
  setTracingDisabled,
  tool,
  type TracingProcessor,
} from "@openai/agents";
import { z } from "zod";
import { EventBus, withRun } from "@locus/core";
import { locusModels, locusTraceProcessor } from "../../src/bridges/openai_agents.ts";
import type { Bridge } from "./_bridge.ts";
import { checkRun } from "./_contract.ts";
import { modelsOf, type Turn } from "./_openai_agents.ts";
import { ended, testBridge } from "./_suite.ts";

// Where `NODE_ENV` is "test", the SDK traces nothing.
setTracingDisabled(false);

/** Runs an agent, whose models answer like this, to its end or so many parts of it. */
interface Host {
  (
    agent: Agent,
    input: string | AgentInputItem[] | RunState<unknown, Agent>,
    options: {
      models: Readonly<Record<string, readonly Turn[]>>;
      onWord?: (word: string) => void;
      signal?: AbortSignal;
      maxTurns?: number;
      upTo?: number;
    },
  ): Promise<{ shown: unknown; state: RunState<unknown, Agent> }>;
}

const weather = tool({
  name: "weather",
  description: "The weather",
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => `${city} 18`,
});
const broken = tool({
  name: "broken",
  description: "Fails",
  parameters: z.object({}),
  execute(): string {
    throw new TypeError("tool broke");
  },
});

function agentOf(options: Partial<ConstructorParameters<typeof Agent>[0]>): Agent {
  return new Agent({ name: "main", model: "main", instructions: "Be brief", ...options } as never);
}

const sub = () => agentOf({ name: "sub", model: "sub", tools: [weather] });
/** A tool that is an agent: it runs in the trace of the one that calls it. */
const nested = sub().asTool({ toolName: "sub", toolDescription: "Asks an agent" });

const SUB = ["agent sub", "model sub", "tool weather", "model sub"];
const ASKS_SUB: readonly Turn[] = [[["c1", "weather", { city: "Rome" }]], "sub says"];

async function shown(host: ReturnType<Host>): Promise<unknown> {
  return (await host).shown;
}

const scenarios: Bridge<Host>["scenarios"] = {
  "two tools at once, one of them an agent": {
    run: (host) =>
      shown(host(agentOf({ tools: [weather, nested] }), "hi", {
        models: {
          main: [
            [["c1", "weather", { city: "Oslo" }], ["c2", "sub", { input: "x" }]],
            "It is fine today.",
          ],
          sub: ASKS_SUB,
        },
      })),
    outline: ["agent main", "model main", "tool weather", ["tool sub", SUB], "model main"],
  },
  "two agents at once with equal call ids": {
    run: (host) =>
      shown(host(agentOf({ tools: [nested] }), "hi", {
        models: {
          main: [[["c1", "sub", { input: "a" }], ["c2", "sub", { input: "b" }]], "done"],
          sub: [ASKS_SUB[0]!, ASKS_SUB[0]!, "sub says"],
        },
      })),
    outline: ["agent main", "model main", ["tool sub", SUB], ["tool sub", SUB], "model main"],
  },
  "a tool that throws": {
    run: (host) =>
      shown(host(agentOf({ tools: [broken] }), "hi", {
        models: { main: [[["c1", "broken", {}]], "sorry"] },
      })),
    outline: ["agent main", "model main", "tool broken", "model main"],
  },
  "a model that fails in the second turn": {
    run: (host) =>
      shown(host(agentOf({ tools: [weather] }), "hi", {
        models: { main: [[["c1", "weather", { city: "Oslo" }]], 500] },
      })),
    outline: ["agent main", "model main", "tool weather", "model main"],
  },
  "a limit of turns": {
    run: (host) =>
      shown(host(agentOf({ tools: [weather] }), "hi", {
        models: { main: [[["c1", "weather", { city: "Oslo" }]]] },
        maxTurns: 2,
      })),
    outline: ["agent main", "model main", "tool weather", "model main"],
  },
  "an abort in the text": {
    run(host) {
      const abort = new AbortController();
      return shown(host(agentOf({}), "hi", {
        models: { main: ["one two three four five six"] },
        onWord: (word) => word === "three " && abort.abort(),
        signal: abort.signal,
      }));
    },
    outline: ["agent main", "model main"],
    ways: ["a stream"],
  },
  "an abort in a tool": {
    run(host) {
      const abort = new AbortController();
      const slow = tool({
        name: "slow",
        description: "Is aborted",
        parameters: z.object({}),
        execute: (_, __, details): Promise<string> =>
          new Promise((_, reject) => {
            const { signal } = details!;
            signal!.addEventListener("abort", () => reject(signal!.reason));
            abort.abort();
          }),
      });
      return shown(host(agentOf({ tools: [slow] }), "hi", {
        models: { main: [[["c1", "slow", {}]], "x"] },
        signal: abort.signal,
      }));
    },
    outline: ["agent main", "model main", "tool slow"],
  },
  "a reader who leaves half-way": {
    run: (host) =>
      shown(host(agentOf({}), "hi", {
        models: { main: ["one two three four five six"] },
        upTo: 5,
      })),
    outline: ["agent main", "model main"],
    ways: ["a stream"],
  },
  "a model that fails at once": {
    run: (host) => shown(host(agentOf({}), "hi", { models: { main: [500] } })),
    outline: ["agent main", "model main"],
    ends: ["error"],
    outcome: "error",
  },
  "a handoff": {
    run: (host) =>
      shown(host(agentOf({ handoffs: [sub()] }), "hi", {
        models: { main: [[["h1", "transfer_to_sub", {}]]], sub: ASKS_SUB },
      })),
    outline: null,
    ends: ["complete", "complete"],
    outcome: "ok",
    check({ outline, of }) {
      assertEquals(outline, [
        "run run",
        ["agent main", "model main"],
        ["handoff sub", SUB],
      ]);
      const { source_agent_id, output_length } = of("multiagent.handoff.completed")[0]!;
      assertEquals({ source_agent_id, output_length }, {
        source_agent_id: "main",
        output_length: 8,
      });
    },
  },
  "a guardrail of the input": {
    run(host) {
      const inputGuardrails = [{
        name: "no hi",
        runInParallel: false,
        execute: () => Promise.resolve({ tripwireTriggered: true, outputInfo: {} }),
      }];
      return shown(host(agentOf({ inputGuardrails }), "hi", { models: { main: ["x"] } }));
    },
    outline: "agent main",
    ends: ["guardrail"],
    outcome: "error",
    check({ of }) {
      const { rule_name, location } = of("agent.guardrail.triggered")[0]!;
      assertEquals({ rule_name, location }, { rule_name: "no hi", location: "input" });
    },
  },
};

function hostOf(streams: boolean, processors: readonly object[] = []): Host {
  setTraceProcessors(processors as TracingProcessor[]);
  return async (agent, input, { models, onWord, upTo = Infinity, ...rest }) => {
    const provider = await modelsOf(models, onWord);
    // Once for each time that it is registered.
    const modelProvider = processors.reduce<typeof provider>(locusModels, provider);
    const runner = new Runner({ modelProvider });
    if (!streams) {
      const { newItems, finalOutput, state } = await runner.run(agent, input, rest);
      return { shown: [newItems, finalOutput], state };
    }
    const result = await runner.run(agent, input, { ...rest, stream: true });
    const parts: unknown[] = [];
    for await (const part of result) if (parts.push(part) >= upTo) break;
    if (upTo === Infinity) await result.completed;
    return { shown: [parts, result.finalOutput], state: result.state };
  };
}

// Before any other test has made a processor for calls outside of runs.
test("OpenAI Agents: where nothing is recorded, streams are the models' own", async () => {
  locusTraceProcessor({ runs: "ambient" });
  const provider = await modelsOf({ main: ["hi"] });
  const stream = (async function* () {})();
  const own = { getResponse: () => Promise.resolve(), getStreamedResponse: () => stream };
  provider.getModel = () => Promise.resolve(own as never);
  const model = await locusModels(provider).getModel("main");
  assert(model.getStreamedResponse({} as never) === stream as never);
  await withRun({ bus: new EventBus() }, () => {
    assert(model.getStreamedResponse({} as never) !== stream as never);
  });
});

testBridge<Host>({
  name: "OpenAI Agents",
  source: "openai-agents",
  ways: {
    "a call": (options) => hostOf(false, options && [locusTraceProcessor(options)]),
    "a stream": (options) => hostOf(true, options && [locusTraceProcessor(options)]),
  },
  twice: (options) => hostOf(true, [locusTraceProcessor(options), locusTraceProcessor(options)]),
  hooks: { make: locusTraceProcessor, host: (processor) => hostOf(true, [processor]) },
  scenarios,
  asked(host, { input, words, onTool = () => {} }) {
    const look = tool({
      name: "weather",
      description: "The weather",
      parameters: z.object({ city: z.string() }),
      execute({ city }) {
        onTool();
        return `${city} 18`;
      },
    });
    const models = { main: [[["c1", "weather", { city: input }]], words] as Turn[] };
    return shown(host(agentOf({ tools: [look] }), input, { models }));
  },
  async waiting(host) {
    const pay = tool({
      name: "pay",
      description: "Pays",
      parameters: z.object({}),
      needsApproval: true,
      execute: () => "paid",
    });
    const agent = agentOf({ tools: [pay] });
    const { state } = await host(agent, "pay", { models: { main: [[["c1", "pay", {}]]] } });
    for (const item of state.getInterruptions()) state.approve(item);
    return (host) => host(agent, state, { models: { main: ["paid it"] } });
  },
  waited: ["agent main", "model main", "tool pay", "model main"],
  hidesInput: true,
  content: [
    "input messages 0 user",
    "output messages 0 assistant",
    "input arguments 0",
    "output result 0",
    "input messages 2 tool",
    "output messages 0 assistant",
    "output text 0",
  ],
});

test("OpenAI Agents: without the provider, all is told but the pieces of a text and the model's name", async () => {
  const bus = new EventBus();
  setTraceProcessors([locusTraceProcessor({ bus }) as TracingProcessor]);
  const runner = new Runner({ modelProvider: await modelsOf({ main: ["Good morning."] }) });
  const result = await runner.run(agentOf({}), "hi", { stream: true });
  for await (const _ of result);
  await ended(bus, 1);
  const { outline, of } = checkRun(bus);
  assertEquals(outline, ["run run", ["agent main", "model model"]]);
  assertEquals(of("agent.model.chunk"), []);
  assertEquals(of("agent.terminate")[0]!.final_message_preview, "Good morning.");
});

test("OpenAI Agents: a processor that is slow does not change the order", async () => {
  const bus = new EventBus();
  const ends: (() => void)[] = [];
  const none = () => Promise.resolve();
  const slow: TracingProcessor = {
    onTraceStart: none,
    onTraceEnd: none,
    onSpanStart: none,
    // As one that sends what it has, and waits for the answer.
    onSpanEnd: () => new Promise((resolve) => void ends.push(resolve)),
    shutdown: none,
    forceFlush: none,
  };
  setTraceProcessors([slow, locusTraceProcessor({ bus }) as TracingProcessor]);
  const turns = [[["c1", "weather", { city: "Oslo" }]], "Fine."] as Turn[];
  const runner = new Runner({ modelProvider: await modelsOf({ main: turns }) });
  await runner.run(agentOf({ tools: [weather] }), "hi");
  for (const end of ends.toReversed()) end();
  await ended(bus, 1);
  const { outline, of } = checkRun(bus);
  assertEquals(outline, ["run run", ["agent main", "model model", "tool weather", "model model"]]);
  assertEquals(of("agent.tool.completed").map(({ success }) => success), [true]);
  assertEquals(of("agent.terminate").map(({ reason }) => reason), ["complete"]);
});

test("OpenAI Agents: without sensitive data in traces, an answer is no abort", async () => {
  const bus = new EventBus();
  setTraceProcessors([locusTraceProcessor({ bus }) as TracingProcessor]);
  const modelProvider = await modelsOf({ main: ["Good morning."] });
  const runner = new Runner({ modelProvider, traceIncludeSensitiveData: false });
  const result = await runner.run(agentOf({}), "hi", { stream: true });
  for await (const _ of result);
  await ended(bus, 1);
  assertEquals(checkRun(bus).of("agent.terminate").map(({ reason }) => reason), ["complete"]);
});

test("OpenAI Agents: chat completions are model calls as well", async () => {
  const bus = new EventBus();
  const calls = [{ id: "c1", function: { name: "weather", arguments: '{"city":"Oslo"}' } }];
  const message = { role: "assistant", content: "Let me look.", tool_calls: calls };
  const usage = { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 };
  const choices = [{ message, finish_reason: "tool_calls" }];
  const spanData = {
    type: "generation",
    model: "gpt",
    input: [{ role: "user", content: "hi" }],
    output: [{ id: "chat-1", model: "gpt", choices, usage }],
  };
  const span = (spanId: string, parentId: string | null, spanData: { type: string }) => ({
    traceId: "t",
    spanId,
    parentId,
    spanData,
    error: null,
    endedAt: null as string | null,
  });
  const spans = [
    span("a", null, { type: "agent", name: "main" } as { type: string }),
    span("m", "a", spanData),
    span("f", "a", { type: "function", name: "weather", output: "18" } as { type: string }),
  ];
  const processor = locusTraceProcessor();
  await withRun({ bus, content: true }, async () => {
    const end = (index: number) => {
      spans[index]!.endedAt = "now";
      return processor.onSpanEnd(spans[index]!);
    };
    await processor.onSpanStart(spans[0]!);
    await processor.onSpanStart(spans[1]!);
    await end(1);
    await processor.onSpanStart(spans[2]!);
    await end(2);
    await end(0);
  });
  const { outline, of } = checkRun(bus);
  assertEquals(outline, ["run run", ["agent main", "model gpt", "tool weather"]]);
  const { content_preview, tool_call_count, stop_reason } = of("agent.model.completed")[0]!;
  assertEquals({ content_preview, tool_call_count, stop_reason }, {
    content_preview: "Let me look.",
    tool_call_count: 1,
    stop_reason: "tool_calls",
  });
  assertEquals(of("agent.tokens.used")[0]!.prompt_tokens, 5);
  assertEquals(of("agent.tool.started")[0]!.span_id, "c1");
  assertEquals(of("span.content").map(({ direction, kind }) => `${direction} ${kind}`), [
    "input messages",
    "output messages",
    "input arguments",
    "output result",
    "output text",
  ]);
});

test("OpenAI Agents: a question of an agent in a tool is asked by the one outside", async () => {
  const bus = new EventBus();
  const pay = tool({
    name: "pay",
    description: "Pays",
    parameters: z.object({}),
    needsApproval: true,
    execute: () => "paid",
  });
  const buyer = agentOf({ name: "sub", model: "sub", tools: [pay] })
    .asTool({ toolName: "sub", toolDescription: "Buys" });
  const host = hostOf(true, [locusTraceProcessor({ bus })]);
  const agent = agentOf({ tools: [buyer] });
  const models = {
    main: [[["c1", "sub", { input: "x" }]], "all done"] as Turn[],
    sub: [[["c2", "pay", {}]], "bought"] as Turn[],
  };
  const { state } = await host(agent, "buy", { models });
  await ended(bus, 1);
  for (const item of state.getInterruptions()) state.approve(item);
  await host(agent, state, { models: { main: ["all done"], sub: ["bought"] } });
  await ended(bus, 2);
  const { of } = checkRun(bus);
  assertEquals(of("run.completed").map(({ outcome }) => outcome), ["waiting", "ok"]);
  assertEquals(of("agent.interrupt").length, 1);
  assertEquals(of("agent.interrupt.answered").length, 1);
  assertEquals(of("agent.terminate").at(-1)!.final_message_preview, "all done");
});

test("OpenAI Agents: what is no provider of models is refused by a sentence", () => {
  assertThrows(() => locusModels(undefined as never), TypeError, "expected a model provider");
});
