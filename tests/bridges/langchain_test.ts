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
import { recorderFor } from "../../src/bridges/write_your_own.ts";
import { until } from "../harness/support/until.ts";
import { broken, call, FakeModel, hi, loop, sub, weather } from "./_langchain.ts";
import { checkRun, failAfter, SECRET, seen, type Told } from "./_contract.ts";

/** Anything that LangChain runs. */
interface Runs {
  invoke(input: never, config: object): Promise<unknown>;
  stream(input: never, config: object): Promise<AsyncIterable<unknown>>;
}
/** Runs a graph to its end, or so many parts of it. */
type Drive = (graph: unknown, input?: unknown, config?: object, upTo?: number) => Promise<unknown>;

interface Scenario {
  readonly run: (drive: Drive) => Promise<unknown>;
  readonly outline: unknown;
  readonly ends: readonly string[];
  readonly outcome: string;
  /** Whether it needs a model that streams. */
  readonly streams?: true;
  /** Whether branches run at once whose parts come in any order. */
  readonly isParallel?: true;
  readonly check?: (told: Told) => void;
}

const State = Annotation.Root({
  items: Annotation<string[]>({ reducer: (a, b) => a.concat(b), default: () => [] }),
  n: Annotation<number>,
});
const zero = { n: 0 };

const MODEL = ["node model", "model FakeModel"];
const HELPER = ["agent helper", MODEL, ["node tools", "tool weather"], MODEL];

const scenarios: Record<string, Scenario> = {
  "two parallel tools, one of them a graph": {
    run: (drive) =>
      drive(loop(
        new FakeModel([
          [call("c1", "weather", { city: "Oslo" }), call("c2", "sub", { q: "a" })],
          "It is fine.",
        ]),
        [weather, sub],
      )),
    outline: ["agent agent", MODEL, ["node tools", "tool weather", ["tool sub", HELPER]], MODEL],
    ends: ["complete", "complete"],
    outcome: "ok",
    check({ of }) {
      const [tokens] = of("agent.tokens.used");
      const { prompt_tokens, total_tokens, cached_input_tokens } = tokens!;
      assertEquals({ prompt_tokens, total_tokens, cached_input_tokens }, {
        prompt_tokens: 5,
        total_tokens: 8,
        cached_input_tokens: 2,
      });
      assertEquals(of("agent.terminate").at(-1)!.final_message_preview, "It is fine.");
      assertEquals(of("agent.tool.started")[0]!.span_id, "c1");
      assertEquals(of("agent.tool.started")[0]!.arg_keys, ["city"]);
    },
  },
  "two graphs at once with equal call ids": {
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
    ends: ["complete", "complete", "complete"],
    outcome: "ok",
  },
  "a tool that throws": {
    run: (drive) => drive(loop(new FakeModel([[call("c1", "broken")], "sorry"]), [broken])),
    outline: ["agent agent", MODEL, ["node tools", "tool broken"], MODEL],
    ends: ["complete"],
    outcome: "ok",
    check: ({ of }) =>
      assertMatch(String(of("agent.tool.completed")[0]!.error), /^TypeError: tool broke/),
  },
  "a model that fails": {
    run: (drive) => drive(loop(new FakeModel([new Error("boom 500")]), [])),
    outline: ["agent agent", MODEL],
    ends: ["error"],
    outcome: "error",
    check: ({ of }) => {
      assertEquals(of("agent.terminate")[0]!.error_kind, "model");
      assertEquals(of("multiagent.graph.node.completed")[0]!.status, "failed");
    },
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
    ends: ["cancelled"],
    outcome: "cancelled",
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
    streams: true,
    ends: ["cancelled"],
    outcome: "cancelled",
  },
  "a limit of steps": {
    run: (drive) =>
      drive(loop(new FakeModel([[call("c1", "weather", { city: "Rome" })]]), [weather]), hi, {
        recursionLimit: 3,
      }),
    outline: ["agent agent", MODEL, ["node tools", "tool weather"], MODEL],
    ends: ["max_iterations"],
    outcome: "error",
    check: ({ of }) => assertEquals(of("agent.terminate")[0]!.error_kind, "limit"),
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
    isParallel: true,
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

/** The ways to run a graph. */
const drives: Record<string, (callbacks: unknown[]) => Drive> = {
  "invoke()": (callbacks) => async (graph, input = hi, config = {}) =>
    await (graph as Runs).invoke(input as never, { ...config, callbacks }),
  "stream()": (callbacks) => async (graph, input = hi, config = {}) => {
    const parts = [];
    const options = { ...config, callbacks, streamMode: ["updates", "messages"], subgraphs: true };
    for await (const part of await (graph as Runs).stream(input as never, options)) {
      parts.push(part);
    }
    return parts;
  },
};

/** What a caller sees, with a handler or without. */
async function seenBy({ run, isParallel }: Scenario, drive: Drive): Promise<unknown> {
  const what = await seen(() => run(drive));
  const { result } = what as { result?: unknown };
  if (!isParallel || !Array.isArray(result)) return what;
  return result.map((part) => JSON.stringify(part)).sort();
}

for (const [name, scenario] of Object.entries(scenarios)) {
  for (const [way, drive] of Object.entries(drives)) {
    if (scenario.streams && way !== "stream()") continue;
    test(`LangChain: ${name}, by ${way}: the events hold the contract, and the host does what it did`, async () => {
      const without = await seenBy(scenario, drive([]));
      const bus = new EventBus({ historyPerRun: 2_000 });
      let odd: unknown;
      const inRun = await withRun({ bus, name }, async (run) => {
        const result = await seenBy(scenario, drive([new LocusHandler()]));
        odd = { ...recorderFor(run, "langchain").odd };
        return result;
      });
      assertEquals(inRun, without);

      const told = checkRun(bus);
      if (scenario.outline !== null) assertEquals(told.outline, ["run run", scenario.outline]);
      assertEquals(told.of("agent.terminate").map(({ reason }) => reason), [...scenario.ends]);
      assertEquals(told.events.at(-1)!.data.outcome, scenario.outcome);
      scenario.check?.(told);
      assertEquals((odd as { failed: number }).failed, 0);
    });
  }

  test(`LangChain: ${name}: nothing changes where our hooks fail, at once or later`, async (t) => {
    // LangChain says that a handler failed.
    for (const level of ["warn", "error"] as const) t.mock.method(console, level, () => {});
    const drive = drives["stream()"]!;
    const without = await seenBy(scenario, drive([]));
    for (const good of [0, 1, 3, 8]) {
      const result = await withRun({ bus: new EventBus() }, async (run) => {
        failAfter(good, recorderFor(run, "langchain"));
        return await seenBy(scenario, drive([new LocusHandler()]));
      });
      assertEquals(result, without, `after ${good} calls that did not fail`);
    }
  });
}

test("LangChain: what a handler tells outside of any run is a run of its own, which waits and goes on", async () => {
  const bus = new EventBus();
  const pay = tool(() => String(interrupt({ question: "Pay?" })), {
    name: "pay",
    schema: z.object({}),
  });
  const model = new FakeModel([[call("c1", "pay")], "paid"]);
  const graph = loop(model, [pay], { name: "buyer", checkpointer: new MemorySaver() });
  const config = {
    configurable: { thread_id: "own" },
    callbacks: [new LocusHandler({ bus, content: true })],
  };
  await graph.invoke(hi as never, config);
  await until("it waits", () => bus.history("run.completed").length === 1);
  await graph.invoke(new Command({ resume: "yes" }), config);
  await until("it ends", () => bus.history("run.completed").length === 2);
  assertEquals(bus.runs().length, 1);
  const { events, of, outline } = checkRun(bus);
  const { name, input_preview } = events[0]!.data;
  assertEquals({ name, input_preview }, { name: "buyer", input_preview: "hi" });
  assertEquals(of("run.completed").map(({ outcome }) => outcome), ["waiting", "ok"]);
  assertEquals(outline, [
    "run run",
    ["agent buyer", MODEL, ["node tools", "tool pay"], ["node tools", "tool pay"], MODEL],
  ]);
});

test("LangChain: a model that is called alone is a run that says how it ended", async () => {
  for (const [turn, outcome] of [["hello", "ok"], [new Error("boom"), "error"]] as const) {
    const bus = new EventBus();
    const callbacks = [new LocusHandler({ bus })];
    await seen(() => new FakeModel([turn]).invoke("hi", { callbacks }));
    await until("it ends", () => bus.history("run.completed").length === 1);
    const { outline, of } = checkRun(bus);
    assertEquals(outline, ["run run", "model FakeModel"]);
    assertEquals(of("run.completed")[0]!.outcome, outcome);
  }
});

test("LangChain: streamEvents() of version 3, with a handler that belongs to the graph", async () => {
  const bus = new EventBus();
  const turns = [[call("c1", "weather", { city: "Rome" })], "It is fine."];
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
  assertEquals(text, "It is fine.");
});

test('LangChain: with runs: "ambient" a call outside of any run leaves no trace', async () => {
  const bus = new EventBus();
  const callbacks = [new LocusHandler({ bus, runs: "ambient" })];
  await loop(new FakeModel(["hello"]), []).invoke(hi as never, { callbacks });
  assertEquals(bus.runs().length, 0);
});

test("LangChain: one handler tells calls at the same time apart", async () => {
  const bus = new EventBus();
  const handler = new LocusHandler({ bus });
  const names = ["a", "b", "c"];
  await Promise.all(
    names.map((name) =>
      loop(new FakeModel([`I am ${name}`]), [], { name }).invoke(hi as never, {
        callbacks: [handler],
      })
    ),
  );
  await until("they end", () => bus.history("run.completed").length === 3);
  const ends = bus.runs().map(({ run_id }) => {
    const { events, of } = checkRun(bus, run_id);
    return [events[0]!.data.name, of("agent.terminate")[0]!.final_message_preview];
  });
  assertEquals(ends.sort(), names.map((name) => [name, `I am ${name}`]));
});

test("LangChain: text streams joined, and the previews add up to it", async () => {
  const bus = new EventBus();
  const words = Array.from({ length: 300 }, (_, n) => `word${n} `).join("");
  await withRun(
    { bus },
    () => drives["stream()"]!([new LocusHandler()])(loop(new FakeModel([words]), [])),
  );
  const chunks = checkRun(bus).of("agent.model.chunk");
  assert(chunks.length < 100, `${chunks.length} events`);
  assertEquals(chunks.map(({ content_preview }) => content_preview).join(""), words);
});

test("LangChain: a reader who leaves", async () => {
  const bus = new EventBus();
  await withRun({ bus }, async () => {
    const graph = loop(new FakeModel(["one two three four five six"]), []);
    const options = { callbacks: [new LocusHandler()], streamMode: "messages" as const };
    for await (const _ of await graph.stream(hi as never, options)) break;
  });
  assertEquals(checkRun(bus).of("agent.terminate").map(({ reason }) => reason), ["cancelled"]);
});

test("LangChain: content holds messages once, and no secret", async () => {
  const bus = new EventBus();
  const model = new FakeModel([[call("c1", "weather", { city: SECRET })], `it is ${SECRET}`]);
  const asked = { messages: [{ role: "user", content: SECRET }] };
  await withRun(
    { bus, content: true },
    () => drives["stream()"]!([new LocusHandler()])(loop(model, [weather]), asked),
  );
  const said = checkRun(bus).of("span.content").map(({ direction, kind, from_index, content }) => {
    const roles = kind === "messages"
      ? ` ${(content as { role: string }[]).map(({ role }) => role)}`
      : "";
    return `${direction} ${kind} ${from_index}${roles}`;
  });
  assertEquals(said, [
    "input text 0",
    "input messages 0 user",
    "output messages 0 assistant",
    "input arguments 0",
    "output result 0",
    "input messages 2 tool",
    "output messages 0 assistant",
    "output text 0",
  ]);
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
