/**
 * What a step of a graph costs, beside bare functions and LangGraph JS, with and without checkpoints in memory.
 *
 * Method: nodes that add one, and with `messages` write two messages of 400 characters. `ns` is nanoseconds a node: the median of
 * five rounds (of whole runs, at least 100 ms), the contenders in turns, in changing order. Building the graph is not timed,
 * loading nothing is. `bytes` is what is stored of one run, a node: LangGraph's checkpoints and pending writes, our records.
 * The floor calls the functions and merges what they return. Each run has to come to the right sum.
 *
 * Run alone: `deno run -A bench/graph.ts`, or the same file with `bun` or `node`.
 */
import { Annotation, MemorySaver, StateGraph } from "@langchain/langgraph";
import { EventBus, runContext } from "@locus/core";
import { channel, END, graph, START } from "@locus/core/graph";
import { MemoryCheckpointer } from "@locus/core/memory";
import { type Row, runCase, verify } from "./support/case.ts";
import { collectGarbage, compare, type Contender, keepAlive } from "./support/rounds.ts";
import { startStopwatch } from "./support/stopwatch.ts";

/** A graph: a chain of nodes, all at once, or one node again and again; and how many messages are there before. */
interface Shape {
  readonly setting: string;
  readonly kind: "chain" | "parallel" | "loop";
  readonly nodes: number;
  readonly messages?: number;
  /** Whether it is only measured with checkpoints. */
  readonly isStored?: boolean;
}

const shapes: readonly Shape[] = [
  { setting: "1,000 in sequence", kind: "chain", nodes: 1000 },
  { setting: "1,000 in parallel", kind: "parallel", nodes: 1000 },
  { setting: "loop of 10,000", kind: "loop", nodes: 10_000 },
  { setting: "200 messages", kind: "loop", nodes: 100, messages: 2 },
  { setting: "1,000 messages", kind: "loop", nodes: 500, messages: 2, isStored: true },
];

/** One run, without building the graph; the sum, and what was stored. */
type Subject = (shape: Shape) => () => Promise<{ sum: number; bytes?: number }>;

const subjects: Record<string, Subject> = {
  "(bare functions)": bare,
  "Locus": locus(false),
  "Locus on a bus": (shape) => {
    const run = locus(false)(shape);
    return () => runContext({ bus }, run);
  },
  "LangGraph": peer(false),
  "Locus, stored": locus(true),
  "LangGraph, stored": peer(true),
};
const bus = new EventBus();
const State = Annotation.Root({
  n: Annotation<number>({ reducer: (sum, more) => sum + more, default: () => 0 }),
  messages: Annotation<unknown[]>({
    reducer: (list, more) => list.concat(more),
    default: () => [],
  }),
});

await runCase("a node of a graph: ns a node", async (effort) => {
  const rows: Row[] = [];
  for (const whole of shapes) {
    const shape = effort.quick ? { ...whole, nodes: Math.ceil(whole.nodes / 50) } : whole;
    const bytes = new Map<string, number>();
    const contenders = Object.entries(subjects)
      .filter(([name]) => !shape.isStored || name.includes("stored"))
      .map(([name, make]) => toContender(name, make, shape, bytes));
    const timings = await compare(
      contenders,
      { ...effort, rounds: Math.min(effort.rounds, 5) },
      shape.nodes,
    );
    for (const [subject, timing] of timings) {
      const stored = bytes.get(subject);
      const figures = { ...timing, ...stored !== undefined && { bytes: stored / shape.nodes } };
      rows.push({ subject, setting: shape.setting, figures });
    }
  }
  return rows;
});

function toContender(
  subject: string,
  make: Subject,
  shape: Shape,
  stored: Map<string, number>,
): Contender {
  return {
    subject: subject,
    async run(nodes) {
      const runs = Array.from({ length: Math.ceil(nodes / shape.nodes) }, () => make(shape));
      collectGarbage();
      keepAlive(subject, runs[0]);
      const elapsed = startStopwatch();
      const ended = [];
      for (const run of runs) ended.push(await run());
      const ms = elapsed();
      for (const { sum, bytes } of ended) {
        verify(sum === shape.nodes, () => `${subject} came to ${sum} of ${shape.nodes}`);
        if (bytes !== undefined) stored.set(subject, bytes);
      }
      return ms;
    },
  };
}

/** What nodes write. */
function updates({ messages = 0 }: Shape): () => Promise<{ n: number; messages: unknown[] }> {
  let made = 0;
  const message = (role: string) => ({ id: `${made}`, role, content: "x".repeat(390) + made++ });
  return () =>
    Promise.resolve({
      n: 1,
      messages: messages === 0 ? [] : [message("user"), message("assistant")],
    });
}

function bare(shape: Shape) {
  const node = updates(shape);
  return async () => {
    let state = { n: 0, messages: [] as unknown[] };
    const merge = ({ n, messages }: typeof state) => {
      state = {
        n: state.n + n,
        messages: messages.length === 0 ? state.messages : state.messages.concat(messages),
      };
    };
    if (shape.kind === "parallel") {
      (await Promise.all(Array.from({ length: shape.nodes }, node))).forEach(merge);
    } else while (state.n < shape.nodes) merge(await node());
    return { sum: state.n };
  };
}

function locus(isStored: boolean): Subject {
  return (shape) => {
    const { kind, nodes: count } = shape;
    const names = kind === "loop" ? ["a"] : Array.from({ length: count }, (_, i) => `n${i}`);
    const node = updates(shape);
    const loop = (s: { n: number }) => s.n < count ? "a" : END;
    const chain = Object.fromEntries(names.slice(1).map((name, i) => [names[i]!, name]));
    const made = graph({
      state: { n: channel.add(), messages: channel.append<unknown>() },
      nodes: Object.fromEntries(names.map((name) => [name, node])),
      edges: {
        [START]: kind === "parallel" ? names : names[0]!,
        ...kind === "loop" ? { a: loop } : kind === "chain" ? chain : {},
      },
      maxIterations: count,
    });
    const checkpointer = new MemoryCheckpointer();
    const open = checkpointer.records.bind(checkpointer);
    let bytes = 0;
    checkpointer.records = async (threadId) => {
      const records = await open(threadId);
      return {
        get: (key) => records.get(key),
        remove: (key) => records.remove(key),
        keys: (prefix) => records.keys(prefix),
        create: (key, value) => (bytes += value.length, records.create(key, value)),
      };
    };
    return async () => {
      const { n } = await made.invoke({}, isStored ? { threadId: "t", checkpointer } : {});
      return isStored ? { sum: n, bytes } : { sum: n };
    };
  };
}

function peer(isStored: boolean): Subject {
  return (shape) => {
    const { kind, nodes: count } = shape;
    const names = kind === "loop" ? ["a"] : Array.from({ length: count }, (_, i) => `n${i}`);
    const node = updates(shape);
    const builder = new StateGraph(State) as object as {
      addNode(name: string, node: () => Promise<object>): void;
      addEdge(from: string, to: string): void;
      addConditionalEdges(from: string, to: (s: { n: number }) => string, ends: string[]): void;
      compile(options: object): { invoke(input: object, config: object): Promise<{ n: number }> };
    };
    for (const name of names) builder.addNode(name, node);
    names.forEach((name, i) => {
      if (i === 0 || kind === "parallel") builder.addEdge("__start__", name);
      else builder.addEdge(names[i - 1]!, name);
    });
    if (kind === "loop") {
      builder.addConditionalEdges("a", (s) => s.n < count ? "a" : "__end__", ["a", "__end__"]);
    }
    const saver = new MemorySaver();
    const made = builder.compile(isStored ? { checkpointer: saver } : {});
    const config = { configurable: { thread_id: "t" }, recursionLimit: count + 2 };
    return async () => {
      const { n } = await made.invoke({ n: 0 }, config);
      return isStored ? { sum: n, bytes: bytesOf(saver) } : { sum: n };
    };
  };
}

/** What it keeps: checkpoints with their metadata, and the writes between them. */
function bytesOf({ storage, writes }: MemorySaver): number {
  let bytes = 0;
  for (const thread of Object.values(storage)) {
    for (const namespace of Object.values(thread)) {
      for (const [saved, metadata] of Object.values(namespace)) {
        bytes += saved.length + metadata.length;
      }
    }
  }
  for (const task of Object.values(writes)) {
    for (const [, , value] of Object.values(task)) bytes += value.length;
  }
  return bytes;
}
