import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Mastra } from "@mastra/core";
import { Agent } from "@mastra/core/agent";
import type { ObservabilityExporter } from "@mastra/core/observability";
import { createTool } from "@mastra/core/tools";
import { createStep, createWorkflow } from "@mastra/core/workflows";
import { Observability } from "@mastra/observability";
import { MockLanguageModelV3 } from "ai-6/test";
import { z } from "zod";
import { EventBus, withRun } from "@locus/core";
import { LocusExporter } from "../../src/bridges/mastra.ts";
import { calls, modelOf, text, type Turn } from "./_ai_sdk.ts";
import { checkRun } from "./_contract.ts";
import { testBridge } from "./_suite.ts";

type AgentConfig = ConstructorParameters<typeof Agent>[0];

/** Asks an agent, and reads its answer to the end or so many parts of it. */
interface Host {
  (agent: Agent, input: string, options?: {
    onWord?: (word: string) => void;
    signal?: AbortSignal;
    maxSteps?: number;
    upTo?: number;
  }): Promise<{ shown: unknown; resume: () => Promise<unknown> }>;
}

/** Mastra, with these exporters. */
function mastraOf(exporters: object[], parts: object): Mastra {
  const observability = new Observability({
    configs: { default: { serviceName: "test", exporters: exporters as ObservabilityExporter[] } },
  });
  return new Mastra({ ...parts, observability, logger: false });
}

/** One exporter at least: Mastra makes no spans without. */
const IDLE = {
  name: "idle",
  exportTracingEvent: () => Promise.resolve(),
  flush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

function hostOf(exporters: object[]): Host {
  return async (agent, input, { onWord, signal, maxSteps, upTo } = {}) => {
    const main = mastraOf([IDLE, ...exporters], { agents: { main: agent } }).getAgent("main");
    const options = { maxRetries: 0, abortSignal: signal, maxSteps };
    const answer = await main.stream(input, options);
    const shown: unknown[] = [];
    for await (const part of answer.fullStream) {
      const { type, payload } = part as { type: string; payload?: { text?: string } };
      shown.push([type, payload?.text]);
      if (payload?.text) onWord?.(payload.text);
      if (shown.length >= (upTo ?? Infinity)) break;
    }
    return {
      shown,
      async resume() {
        const { fullStream } = await main.approveToolCall({ runId: answer.runId });
        for await (const _ of fullStream);
      },
    };
  };
}

async function shown(host: ReturnType<Host>): Promise<unknown> {
  return (await host).shown;
}

function agentOf(turns: readonly Turn[], config: Partial<AgentConfig> = {}): Agent {
  const model = modelOf(turns, "mock", MockLanguageModelV3 as never);
  return new Agent(
    { id: "main", name: "main", instructions: "Be brief", model, ...config } as never,
  );
}

const city = z.object({ city: z.string() });
const weatherOf = (onTool = () => {}) =>
  createTool({
    id: "weather",
    description: "The weather",
    inputSchema: city,
    execute({ city }) {
      onTool();
      return Promise.resolve(`${city} 18`);
    },
  });
const weather = weatherOf();
const nothing = z.object({});
const broken = createTool({
  id: "broken",
  description: "Fails",
  inputSchema: nothing,
  execute: () => Promise.reject(new TypeError("tool broke")),
});
const pay = createTool({
  id: "pay",
  description: "Pays",
  inputSchema: nothing,
  requireApproval: true,
  execute: () => Promise.resolve("paid"),
});

const sub = () =>
  agentOf([calls(["c1", "weather", { city: "Rome" }]), text("sub says")], {
    id: "sub",
    name: "sub",
    description: "Asks an agent",
    tools: { weather },
  });
const OSLO = calls(["c1", "weather", { city: "Oslo" }]);
const SUB = ["agent sub", "model mock", "tool weather", "model mock"];

testBridge<Host>({
  name: "Mastra",
  source: "mastra",
  ways: { "a stream": (options) => hostOf(options ? [new LocusExporter(options)] : []) },
  twice: (options) => hostOf([new LocusExporter(options), new LocusExporter(options)]),
  hooks: {
    make: (options) => new LocusExporter(options),
    host: (exporter) => hostOf([exporter]),
  },
  scenarios: {
    "two tools at once, one of them an agent": {
      run: (host) =>
        shown(host(
          agentOf([
            calls(["c1", "weather", { city: "Oslo" }], ["c2", "agent-sub", { prompt: "x" }]),
            text("It is fine today."),
          ], { tools: { weather }, agents: { sub: sub() } }),
          "hi",
        )),
      outline: ["agent main", "model mock", "tool weather", ["tool agent-sub", SUB], "model mock"],
      isUnordered: true,
    },
    "two agents at once with equal call ids": {
      run: (host) =>
        shown(host(
          agentOf([
            calls(["c1", "agent-sub", { prompt: "a" }], ["c2", "agent-other", { prompt: "b" }]),
            text("done"),
          ], { agents: { sub: sub(), other: sub() } }),
          "hi",
        )),
      outline: [
        "agent main",
        "model mock",
        ["tool agent-sub", SUB],
        ["tool agent-other", SUB],
        "model mock",
      ],
      isUnordered: true,
    },
    "a tool that throws": {
      run: (host) =>
        shown(
          host(agentOf([calls(["c1", "broken", {}]), text("sorry")], { tools: { broken } }), "hi"),
        ),
      outline: ["agent main", "model mock", "tool broken", "model mock"],
    },
    "a model that fails in the second turn": {
      run: (host) =>
        shown(host(agentOf([OSLO, new Error("model broke")], { tools: { weather } }), "hi")),
      outline: ["agent main", "model mock", "tool weather", "model mock"],
    },
    "a limit of turns": {
      run: (host) => shown(host(agentOf([OSLO], { tools: { weather } }), "hi", { maxSteps: 2 })),
      outline: ["agent main", "model mock", "tool weather", "model mock", "tool weather"],
    },
    "an abort in the text": {
      run(host) {
        const abort = new AbortController();
        const turns = [text("one two three four five six seven eight nine ten eleven twelve")];
        return shown(host(agentOf(turns), "hi", {
          onWord: (word) => word.startsWith("one") && abort.abort(),
          signal: abort.signal,
        }));
      },
      outline: ["agent main", "model mock"],
    },
    "an abort in a tool": {
      run(host) {
        const abort = new AbortController();
        const slow = createTool({
          id: "slow",
          description: "Is aborted",
          inputSchema: nothing,
          execute() {
            abort.abort();
            return Promise.resolve("late");
          },
        });
        const agent = agentOf([calls(["c1", "slow", {}]), text("x")], { tools: { slow } });
        return shown(host(agent, "hi", { signal: abort.signal }));
      },
      outline: null,
    },
    "a reader who leaves half-way": {
      run: (host) => shown(host(agentOf([text("one two three four five six")]), "hi", { upTo: 5 })),
      outline: ["agent main", "model mock"],
    },
  },
  asked: (host, { input, words, onTool }) =>
    shown(host(
      agentOf([calls(["c1", "weather", { city: input.replace(/\?$/, "") }]), text(words)], {
        tools: { weather: weatherOf(onTool) },
      }),
      input,
    )),
  async waiting(host) {
    const agent = agentOf([calls(["c1", "pay", {}]), text("paid it")], { tools: { pay } });
    const { resume } = await host(agent, "pay");
    return resume;
  },
  waited: ["agent main", "model mock", "tool pay", "model mock", "model mock"],
  hidesText: true,
  endsLate: true,
  content: [
    "input text 0",
    "input arguments 0",
    "output result 0",
    "input messages 0 system,user",
    "output messages 0 assistant",
    // What was called, Mastra puts in words of its own.
    "input messages 2 assistant,tool",
    "output messages 0 assistant",
    "output text 0",
  ],
});

test("Mastra: conversations with equal call ids wait apart from each other", async () => {
  const bus = new EventBus();
  const host = hostOf([new LocusExporter({ bus })]);
  const agent = () => agentOf([calls(["c1", "pay", {}]), text("paid it")], { tools: { pay } });
  const first = await host(agent(), "pay");
  await host(agent(), "pay");
  const [asked] = bus.history("run.completed").toReversed();
  await first.resume();
  const outcomes = bus.history("run.completed").map(({ run_id, data: { outcome } }) =>
    `${run_id === asked!.run_id ? "first" : "second"} ${outcome}`
  );
  assertEquals(outcomes.toReversed(), ["first waiting", "second waiting", "first ok"]);
});

test("Mastra: a workflow is a graph, and its steps are nodes", async () => {
  const bus = new EventBus();
  const step = createStep({
    id: "double",
    inputSchema: z.number(),
    outputSchema: z.number(),
    execute: ({ inputData }) => Promise.resolve(inputData * 2),
  });
  const asking = createStep({
    id: "ask",
    inputSchema: z.number(),
    outputSchema: z.number(),
    execute: ({ inputData, resumeData, suspend }) =>
      Promise.resolve(resumeData === undefined ? suspend({}) : inputData),
  });
  const failing = createStep({
    id: "fails",
    inputSchema: z.number(),
    outputSchema: z.number(),
    execute: () => Promise.reject(new Error("step broke")),
  });
  const sums = createWorkflow({ id: "sums", inputSchema: z.number(), outputSchema: z.number() })
    .then(step).then(asking).then(failing).commit();
  const mastra = mastraOf([new LocusExporter()], { workflows: { sums } });
  await withRun({ bus }, async () => {
    const run = await mastra.getWorkflow("sums").createRun();
    await run.start({ inputData: 2 });
    await run.resume({ step: "ask", resumeData: {} });
  });
  const { outline, of } = checkRun(bus);
  assertEquals(outline, ["run run", [
    "graph sums",
    "node double",
    "node ask",
  ], ["graph sums", "node ask", "node fails"]]);
  const nodes = of("multiagent.graph.node.completed");
  assertEquals(nodes.map(({ graph_id, status }) => [graph_id, status]), [
    ["sums", "completed"],
    ["sums", "interrupted"],
    ["sums", "completed"],
    ["sums", "failed"],
  ]);
});
