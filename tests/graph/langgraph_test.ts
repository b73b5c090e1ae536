/**
 * What LangGraph JS does today where graphs here do something else: the rows of `behaviours_test.ts` by their numbers. A test
 * that fails here says that the comparison in the docs is out of date.
 */

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  Annotation,
  Command,
  END,
  INTERRUPT,
  interrupt,
  MemorySaver,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (list, more) => list.concat(more), default: () => [] }),
  one: Annotation<unknown>(),
});
type S = typeof State.State;
type Node = (state: S) => unknown;

/** A graph of nodes and edges, with a thread in memory. */
function peer(nodes: Record<string, Node>, edges: readonly (readonly [string, string])[]) {
  const builder = new StateGraph(State);
  // What its chained types know of names is not what is asked here.
  const open = builder as object as {
    addNode(name: string, node: Node, options?: object): void;
    addEdge(from: string, to: string): void;
  };
  const ends = [...Object.keys(nodes), END];
  for (const [name, node] of Object.entries(nodes)) open.addNode(name, node, { ends });
  for (const [from, to] of edges) open.addEdge(from, to);
  const made = builder.compile({ checkpointer: new MemorySaver() });
  const config = { configurable: { thread_id: "t" } };
  return {
    made,
    config,
    invoke: (input: object): Promise<Asked> => made.invoke(input as never, config),
    resume: (answer: unknown): Promise<Asked> =>
      made.invoke(new Command({ resume: answer }) as never, config),
  };
}

type Asked = S & { readonly [INTERRUPT]?: readonly { readonly id?: string }[] };

/** The first line of what a promise rejects with, or what it comes to. */
async function outcome(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    const { name, lc_error_code: code } = error as Error & { lc_error_code?: string };
    return code ?? name;
  }
}

/** A node that asks, and logs the answer under its name; says that it ran. */
const asks = (name: string, runs: string[] = []): Node => () => {
  runs.push(name);
  return { log: [`${name}:${interrupt(`${name}?`)}`] };
};
const logs = (...log: string[]): Node => () => ({ log });

const rows: Record<string, [todays: unknown, run: () => unknown]> = {
  "2: an unknown key is dropped": [["a"], async () => {
    const { invoke } = peer({ a: () => ({ nope: 1, log: ["a"] }) }, [[START, "a"]]);
    return (await invoke({})).log;
  }],
  "3: what a node changes in its state, the next one sees": [["x", "changed"], async () => {
    const change: Node = (s) => void s.log.push("changed");
    const { invoke } = peer({ a: change, b: () => ({}) }, [[START, "a"], ["a", "b"]]);
    return (await invoke({ log: ["x"] })).log;
  }],
  "4 and 5: of two nodes that fail, the one that is later is not told": ["Error: a", async () => {
    const fails = (name: string, turns: number): Node => async () => {
      if (turns > 0) await new Promise((resolve) => setTimeout(resolve));
      throw new Error(name);
    };
    const { invoke } = peer({ a: fails("a", 0), b: fails("b", 1) }, [[START, "a"], [START, "b"]]);
    return await invoke({}).catch(String);
  }],
  "8: a command and the edge both lead on": [["b", "c"], async () => {
    const go: Node = () => new Command({ goto: "c" });
    const nodes = { a: go, b: logs("b"), c: logs("c") };
    return (await peer(nodes, [[START, "a"], ["a", "b"]]).invoke({})).log.sort();
  }],
  "12: a send's node reads the payload alone": [['{"item":1}'], async () => {
    const nodes = {
      a: (() => new Command({ goto: [new Send("m", { item: 1 })] })) as Node,
      m: ((s) => ({ log: [JSON.stringify(s)] })) as Node,
    };
    return (await peer(nodes, [[START, "a"]]).invoke({ one: 7 })).log;
  }],
  "15: an answer goes to the question that took its place": [["delete?=Ann"], async () => {
    let first = "name?";
    const ask: Node = () => ({ log: [`${first}=${interrupt(first)}`] });
    const { invoke, resume } = peer({ a: ask }, [[START, "a"]]);
    await invoke({});
    first = "delete?";
    return (await resume("Ann")).log;
  }],
  "16: an answer without an id goes to every question": [["a:x", "b:x"], async () => {
    const { invoke, resume } = peer({ a: asks("a"), b: asks("b") }, [[START, "a"], [START, "b"]]);
    await invoke({});
    return await outcome(resume("x").then(({ log }) => log));
  }],
  "17: with the node that is answered the other one runs again": [
    ["a", "b", "a", "b"],
    async () => {
      const runs: string[] = [];
      const nodes = { a: asks("a", runs), b: asks("b", runs) };
      const { invoke, resume } = peer(nodes, [[START, "a"], [START, "b"]]);
      const id = (await invoke({}))[INTERRUPT]![0]!.id!;
      await resume({ [id]: "x" });
      return runs;
    },
  ],
  "18: an answer to an unknown id asks again": [1, async () => {
    const { invoke, resume } = peer({ a: asks("a") }, [[START, "a"]]);
    await invoke({});
    return (await resume({ ["0".repeat(32)]: "x" }))[INTERRUPT]?.length;
  }],
  "19: an answer where nothing waits returns the old state": [["a"], async () => {
    const { invoke, resume } = peer({ a: logs("a") }, [[START, "a"]]);
    await invoke({});
    return (await resume("x")).log;
  }],
  "20: null is refused": ["EmptyInputError", async () => {
    const { invoke, resume } = peer({ a: asks("a") }, [[START, "a"]]);
    await invoke({});
    return await outcome(resume(null));
  }],
  "21: of two answers at once both are taken, and it pays twice": [2, async () => {
    let paid = 0;
    const pay: Node = async () => {
      const answer = String(interrupt("pay?"));
      await Promise.resolve();
      paid++;
      return { log: [answer] };
    };
    const { invoke, resume } = peer({ pay }, [[START, "pay"]]);
    await invoke({});
    await Promise.allSettled([resume("one"), resume("two")]);
    return paid;
  }],
  "24: try and catch around a question swallow it": [["swallowed"], async () => {
    const swallow: Node = () => {
      try {
        interrupt("?");
      } catch {
        return { log: ["swallowed"] };
      }
    };
    return (await peer({ a: swallow }, [[START, "a"]]).invoke({})).log;
  }],
  "29: a graph inside doubles what is appended": [["p", "p", "i"], async () => {
    const inner = new StateGraph(State).addNode("i", logs("i") as never).addEdge(START, "i")
      .compile();
    const builder = new StateGraph(State).addNode("sub", inner).addEdge(START, "sub").compile();
    return (await builder.invoke({ log: ["p"] })).log;
  }],
  "36: an endless loop throws at 25 steps": ["GRAPH_RECURSION_LIMIT", async () => {
    let steps = 0;
    const { invoke } = peer({ a: () => void steps++ }, [[START, "a"], ["a", "a"]]);
    const code = await outcome(invoke({}));
    return steps === 25 ? code : steps;
  }],
  "41: a function in an update is lost in the thread": ["{}", async () => {
    const { invoke, made, config } = peer({ a: () => ({ one: { fn: () => 1 } }) }, [[START, "a"]]);
    await invoke({});
    const { values } = await made.getState(config);
    return JSON.stringify((values as S).one);
  }],
};

for (const [name, [todays, run]] of Object.entries(rows)) {
  test(`LangGraph, ${name}`, async () => assertEquals(await run(), todays));
}
