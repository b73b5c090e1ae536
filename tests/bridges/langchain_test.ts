import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  Annotation,
  Command,
  END,
  interrupt,
  MemorySaver,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { Document } from "@langchain/core/documents";
import { dispatchCustomEvent } from "@langchain/core/callbacks/dispatch";
import { BaseRetriever } from "@langchain/core/retrievers";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { createDeepAgent } from "deepagents";
import { z } from "zod";
import { EventBus, withRun } from "@locus/core";
import { LocusHandler } from "../../src/bridges/langchain.ts";
import type { BridgeOptions } from "../../src/bridges/write_your_own.ts";
import { broken, call, FakeModel, hi, loop, sub, weather } from "./_langchain.ts";
import { checkRun, seen } from "./_contract.ts";
import type { Bridge } from "./_bridge.ts";
import { ended, testBridge } from "./_suite.ts";

/** Anything that LangChain runs. */
interface Runs {
  invoke(input: never, config: object): Promise<unknown>;
  stream(input: never, config: object): Promise<AsyncIterable<unknown>>;
}
/** Runs a graph to its end, or so many parts of it. */
type Drive = (graph: unknown, input?: unknown, config?: object, upTo?: number) => Promise<unknown>;

const State = Annotation.Root({
  items: Annotation<string[]>({ reducer: (a, b) => a.concat(b), default: () => [] }),
  n: Annotation<number>,
});
const zero = { n: 0 };
let threads = 0;

const MODEL = ["node model", "model FakeModel"];
const HELPER = ["agent helper", MODEL, ["node tools", "tool weather"], MODEL];

const scenarios: Bridge<Drive>["scenarios"] = {
  "two tools at once, one of them an agent": {
    run: (drive) =>
      drive(loop(
        new FakeModel([
          [call("c1", "weather", { city: "Oslo" }), call("c2", "sub", { q: "a" })],
          "It is fine today.",
        ]),
        [weather, sub],
      )),
    outline: ["agent agent", MODEL, ["node tools", "tool weather", ["tool sub", HELPER]], MODEL],
  },
  "two agents at once with equal call ids": {
    run: (drive) =>
      drive(loop(
        new FakeModel([[call("c1", "sub", { q: "a" }), call("c2", "sub", { q: "b" })], "done"]),
        [sub],
      )),
    outline: [
      "agent agent",
      MODEL,
      ["node tools", ["tool sub", HELPER], ["tool sub", HELPER]],
      MODEL,
    ],
  },
  "a tool that throws": {
    run: (drive) => drive(loop(new FakeModel([[call("c1", "broken")], "sorry"]), [broken])),
    outline: ["agent agent", MODEL, ["node tools", "tool broken"], MODEL],
    check: ({ of }) =>
      assertMatch(String(of("agent.tool.completed")[0]!.error), /^TypeError: tool broke/),
  },
  "a model that fails in the second turn": {
    run: (drive) =>
      drive(loop(
        new FakeModel([[call("c1", "weather", { city: "Oslo" })], new Error("boom 500")]),
        [weather],
      )),
    outline: ["agent agent", MODEL, ["node tools", "tool weather"], MODEL],
    check: ({ of }) => assertEquals(of("multiagent.graph.node.completed").at(-1)!.status, "failed"),
  },
  "a reader who leaves half-way": {
    run: (drive) => drive(loop(new FakeModel(["one two three four five six"]), []), hi, {}, 2),
    ways: ["stream()"],
    outline: ["agent agent", MODEL],
  },
  "three workers at once in equal nodes": {
    run: (drive) =>
      drive(
        new StateGraph(State)
          .addNode("plan", () => ({}))
          .addNode("work", ({ n }) => ({ items: [`w${n}`] }))
          .addEdge(START, "plan")
          .addConditionalEdges("plan", () => [1, 2, 3].map((n) => new Send("work", { n })))
          .addEdge("work", END)
          .compile(),
        zero,
      ),
    outline: ["agent LangGraph", "node plan", "node work", "node work", "node work"],
    ends: ["complete"],
    outcome: "ok",
  },
  "a graph as a node": {
    run(drive) {
      const inner = new StateGraph(State)
        .addNode("deep", async () => {
          await new FakeModel(["from the deep"]).invoke("x");
          return { items: ["d"] };
        })
        .addEdge(START, "deep").addEdge("deep", END).compile({ name: "inner" });
      return drive(
        new StateGraph(State).addNode("child", inner)
          .addEdge(START, "child").addEdge("child", END).compile({ name: "outer" }),
        zero,
      );
    },
    outline: [
      "agent outer",
      ["node child", ["graph inner", ["node deep", "model FakeModel"]]],
    ],
    ends: ["complete"],
    outcome: "ok",
  },
  "a node that goes on in the graph around its own": {
    run(drive) {
      const inner = new StateGraph(State)
        .addNode("leave", () => new Command({ goto: "next", graph: Command.PARENT }), { ends: [] })
        .addEdge(START, "leave").compile({ name: "inner" });
      return drive(
        new StateGraph(State).addNode("child", inner, { ends: ["next"] })
          .addNode("next", () => ({ items: ["n"] }))
          .addEdge(START, "child").addEdge("next", END).compile({ name: "outer" }),
        zero,
      );
    },
    outline: ["agent outer", ["node child", ["graph inner", "node leave"]], "node next"],
    ends: ["complete"],
    outcome: "ok",
    check: ({ of }) =>
      assertEquals(of("multiagent.graph.node.completed").map(({ status }) => status), [
        "completed",
        "completed",
        "completed",
      ]),
  },
  "a question in a graph of a graph, and its answer": {
    async run(drive) {
      const inner = new StateGraph(State)
        .addNode("ask", () => ({ items: [String(interrupt({ question: "Sure?" }))] }))
        .addEdge(START, "ask").addEdge("ask", END).compile({ name: "inner" });
      const graph = new StateGraph(State).addNode("child", inner)
        .addEdge(START, "child").addEdge("child", END)
        .compile({ name: "outer", checkpointer: new MemorySaver() });
      const config = { configurable: { thread_id: "asks" } };
      return [
        await drive(graph, zero, config),
        await drive(graph, new Command({ resume: "yes" }), config),
      ];
    },
    outline: [
      "agent outer",
      ["node child", ["graph inner", "node ask"]],
      ["node child", ["graph inner", "node ask"]],
    ],
    ends: ["complete"],
    outcome: "ok",
    check({ of }) {
      assertEquals(of("agent.interrupt").map(({ question_preview }) => question_preview), [
        "Sure?",
      ]);
      assertEquals(of("agent.interrupt.answered").length, 1);
      assertEquals(of("multiagent.graph.node.completed").map(({ status }) => status), [
        "interrupted",
        "interrupted",
        "completed",
        "completed",
      ]);
    },
  },
  "a question in a tool": {
    async run(drive) {
      const pay = tool(() => String(interrupt({ question: "Pay?", options: ["yes", "no"] })), {
        name: "pay",
        schema: z.object({}),
      });
      const graph = loop(new FakeModel([[call("c1", "pay")], "paid"]), [pay], {
        checkpointer: new MemorySaver(),
      });
      const config = { configurable: { thread_id: "pays" } };
      return [
        await drive(graph, hi, config),
        await drive(graph, new Command({ resume: "yes" }), config),
      ];
    },
    outline: ["agent agent", MODEL, ["node tools", "tool pay"], ["node tools", "tool pay"], MODEL],
    ends: ["complete"],
    outcome: "ok",
    check({ of }) {
      assertEquals(of("agent.interrupt")[0]!.options, ["yes", "no"]);
      assertEquals(of("multiagent.graph.node.started").map(({ is_resuming }) => is_resuming), [
        false,
        false,
        true,
        false,
      ]);
    },
  },
  "an abort in a tool": {
    run(drive) {
      const abort = new AbortController();
      const slow = tool((_, { signal }) =>
        new Promise<string>((_, reject) => {
          signal!.addEventListener("abort", () => reject(signal!.reason));
          abort.abort();
        }), { name: "slow", schema: z.object({}) });
      return drive(loop(new FakeModel([[call("c1", "slow")], "x"]), [slow]), hi, {
        signal: abort.signal,
      });
    },
    outline: ["agent agent", MODEL, ["node tools", "tool slow"]],
  },
  "an abort in the text": {
    run(drive) {
      const abort = new AbortController();
      const model = new FakeModel(["one two three four five"], (word) => {
        if (word === "three ") abort.abort();
      });
      return drive(loop(model, []), hi, { signal: abort.signal });
    },
    outline: ["agent agent", MODEL],
    ways: ["stream()"],
  },
  "a limit of turns": {
    run: (drive) =>
      drive(loop(new FakeModel([[call("c1", "weather", { city: "Rome" })]]), [weather]), hi, {
        recursionLimit: 3,
      }),
    outline: ["agent agent", MODEL, ["node tools", "tool weather"], MODEL],
  },
  "a node that is tried again": {
    run(drive) {
      let tries = 0;
      const flaky = () => {
        if (tries++ < 1) throw new Error("flaky");
        return { items: ["ok"] };
      };
      const retryPolicy = { maxAttempts: 3, initialInterval: 1, logWarning: false };
      return drive(
        new StateGraph(State).addNode("flaky", flaky, { retryPolicy })
          .addEdge(START, "flaky").addEdge("flaky", END).compile(),
        zero,
      );
    },
    outline: ["agent LangGraph", "node flaky", "node flaky"],
    ends: ["complete"],
    outcome: "ok",
  },
  "a chain without a graph, a retriever and an event of its own": {
    run(drive) {
      class Books extends BaseRetriever {
        lc_namespace = ["test"];
        override _getRelevantDocuments() {
          return Promise.resolve([new Document({ pageContent: "page", metadata: { n: 1 } })]);
        }
      }
      const look = RunnableLambda.from(async (question: string, config) => {
        await dispatchCustomEvent("looked up", { in: "books" }, config);
        const [book] = await new Books().invoke(question, config);
        return (await new FakeModel(["an answer"]).invoke(book!.pageContent, config)).content;
      }).withConfig({ runName: "look" });
      return drive(look, "what?");
    },
    outline: ["agent look", "retrieval Books", "model FakeModel"],
    ends: ["complete"],
    outcome: "ok",
    check: ({ of }) => assertEquals(of("langgraph.looked_up")[0]!.value, { in: "books" }),
  },
  "deepagents: two sub-agents at once": {
    run(drive) {
      const subagent = (name: string, turns: ConstructorParameters<typeof FakeModel>[0]) => ({
        name,
        description: "d",
        systemPrompt: "p",
        tools: [weather],
        model: new FakeModel(turns),
      });
      const task = (id: string, subagent_type: string) =>
        call(id, "task", { description: "do", subagent_type });
      return drive(createDeepAgent({
        model: new FakeModel([[task("c1", "a"), task("c2", "b")], "all done"]),
        tools: [weather],
        subagents: [
          subagent("a", [[call("c1", "weather", { city: "Oslo" })], "a is done"]),
          subagent("b", ["b is done"]),
        ],
      }));
    },
    isUnordered: true,
    outline: null,
    ends: ["complete", "complete", "complete"],
    outcome: "ok",
    check({ outline }) {
      const text = JSON.stringify(outline);
      assertMatch(text, /\["tool task",\["agent a".*"tool weather".*\["tool task",\["agent b"/);
    },
  },
  "deepagents: a person approves a tool": {
    async run(drive) {
      const agent = createDeepAgent({
        model: new FakeModel([[call("c1", "weather", { city: "Rome" })], "ok"]),
        tools: [weather],
        interruptOn: { weather: true },
        checkpointer: new MemorySaver(),
      });
      const config = { configurable: { thread_id: "approves" } };
      const answer = new Command({ resume: { decisions: [{ type: "approve" }] } });
      return [await drive(agent, hi, config), await drive(agent, answer, config)];
    },
    outline: null,
    ends: ["complete"],
    outcome: "ok",
    check({ of }) {
      const { question_preview, options } = of("agent.interrupt")[0]!;
      assertEquals(question_preview, "Run weather?");
      assert((options as string[]).includes("approve"));
      assertEquals(of("span.started").filter(({ resumed }) => resumed).length, 1);
      assertEquals(of("agent.tool.completed").map(({ success }) => success), [true]);
    },
  },
};

/** Runs a graph by one of its methods, with the handler or without. */
const ways: Bridge<Drive>["ways"] = {
  "invoke()": (options) => async (graph, input = hi, config = {}) =>
    await (graph as Runs).invoke(input as never, { ...config, ...withHandler(options) }),
  "stream()": (options) => streamed(withHandler(options)),
};

function streamed(callbacks: object): Drive {
  return async (graph, input = hi, config = {}, upTo = Infinity) => {
    const parts: unknown[] = [];
    const streamMode = ["updates", "messages"];
    const all = { ...config, ...callbacks, streamMode, subgraphs: true };
    for await (const part of await (graph as Runs).stream(input as never, all)) {
      if (parts.push(part) >= upTo) break;
    }
    return parts;
  };
}

function withHandler(options?: BridgeOptions) {
  return { callbacks: options ? [new LocusHandler(options)] : [] };
}

testBridge<Drive>({
  name: "LangChain",
  source: "langchain",
  ways,
  twice: (options) =>
    streamed({ callbacks: [new LocusHandler(options), new LocusHandler(options)] }),
  hooks: {
    make: (options) => new LocusHandler(options),
    host: (handler) => streamed({ callbacks: [handler] }),
  },
  scenarios,
  asked(drive, { input, words, onTool = () => {} }) {
    const look = tool(({ city }: { city: string }) => {
      onTool();
      return `${city} 18`;
    }, { name: "weather", schema: z.object({ city: z.string() }) });
    const model = new FakeModel([[call("c1", "weather", { city: input })], words]);
    return drive(loop(model, [look]), { messages: [{ role: "user", content: input }] });
  },
  async waiting(drive) {
    const pay = tool(() => String(interrupt({ question: "Run pay?" })), {
      name: "pay",
      schema: z.object({}),
    });
    const model = new FakeModel([[call("c1", "pay")], "paid"]);
    const graph = loop(model, [pay], { checkpointer: new MemorySaver() });
    const config = { configurable: { thread_id: `pays-${threads++}` } };
    await drive(graph, hi, config);
    return (drive) => drive(graph, new Command({ resume: "yes" }), config);
  },
  waited: ["agent agent", MODEL, ["node tools", "tool pay"], ["node tools", "tool pay"], MODEL],
  content: [
    "input text 0",
    "input messages 0 user",
    "output messages 0 assistant",
    "input arguments 0",
    "output result 0",
    "input messages 2 tool",
    "output messages 0 assistant",
    "output text 0",
  ],
});

test("LangChain: a model that is called alone is a run that says how it ended", async () => {
  for (const [turn, outcome] of [["hello", "ok"], [new Error("boom"), "error"]] as const) {
    const bus = new EventBus();
    const callbacks = [new LocusHandler({ bus })];
    await seen(() => new FakeModel([turn]).invoke("hi", { callbacks }));
    await ended(bus, 1);
    const { outline, of } = checkRun(bus);
    assertEquals(outline, ["run run", "model FakeModel"]);
    assertEquals(of("run.completed")[0]!.outcome, outcome);
  }
});

test("LangChain: streamEvents() of version 3, with a handler that belongs to the graph", async () => {
  const bus = new EventBus();
  const turns = [[call("c1", "weather", { city: "Rome" })], "It is fine today."];
  const graph = loop(new FakeModel(turns), [weather]).withConfig({
    callbacks: [new LocusHandler()],
  });
  await withRun({ bus }, async () => {
    const events = await graph.streamEvents(hi as never, { version: "v3" } as never);
    for await (const _ of events as AsyncIterable<unknown>);
  });
  const { outline, of } = checkRun(bus);
  assertEquals(outline, ["run run", ["agent agent", MODEL, ["node tools", "tool weather"], MODEL]]);
  const text = of("agent.model.chunk").map(({ content_preview }) => content_preview).join("");
  assertEquals(text, "It is fine today.");
});

test("LangChain passes the arguments of handleChainStart in another order than it declares", async () => {
  const seen: unknown[][] = [];
  const handler = { name: "x", handleChainStart: (...args: unknown[]) => void seen.push(args) };
  await RunnableLambda.from(() => 1).withConfig({ runName: "outer" })
    .invoke(0, { callbacks: [handler], tags: ["a tag"], metadata: { key: "value" } });
  const [, , , parent, tags, metadata, , name] = seen[0]!;
  assertEquals({ parent, tags, name }, { parent: undefined, tags: ["a tag"], name: "outer" });
  assertEquals((metadata as { key?: unknown }).key, "value");
});
