import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { channel, END, goto, graph, GraphError, send, START } from "../../src/graph/mod.ts";

const state = {
  topic: channel<string>(""),
  drafts: channel.append<string>(),
  n: channel.add(),
  verdict: channel<string>(),
};

test("graph() knows the state in nodes, routers, inputs and results", async () => {
  const inner = graph({
    state: { topic: channel(""), extra: channel.add() },
    nodes: { only: () => ({ extra: 1 }) },
    edges: { [START]: "only" },
  });
  const made = graph({
    state,
    nodes: {
      write: (s) => {
        const topic: string = s.topic;
        const drafts: readonly string[] = s.drafts;
        return { drafts: `About ${topic}, ${drafts.length}`, n: 1 };
      },
      judge: async (s, ctx) => {
        await ctx.once("x", () => 1);
        return s.n > 5 ? { verdict: "ok" } : s.n > 1 ? { verdict: "fine" } : ctx.goto("write");
      },
      stop: { run: (s) => ({ n: s.n }), timeoutMs: 5000, after: ["judge"] },
      nothing: () => {},
      inner,
      mapped: { run: inner, input: (s) => ({ topic: s.topic }), output: () => ({ n: 1 }) },
      fan: () => [send("write", { topic: "x" })],
    },
    edges: {
      [START]: "write",
      write: "judge",
      judge: (s) => s.n > 2 ? END : "nothing",
      stop: ["nothing", "inner"],
      inner: "mapped",
    },
  });
  const { state: result } = await made.execute({ topic: "gaps" });
  const verdict: string | undefined = result.verdict;
  assertEquals(verdict, "fine");
  assertEquals(result.drafts.length, 2);
});

/** Compiles only because each line that is marked is refused; what can be seen without types is refused at run time, too. */
test("graph() refuses what is wrong where it is written", () => {
  const a = () => ({});
  // @ts-expect-error There is no node "c".
  assertThrows(() => graph({ state, nodes: { a }, edges: { [START]: "a", a: "c" } }), GraphError);
  // @ts-expect-error There is no node "zz".
  assertThrows(() => graph({ state, nodes: { a }, edges: { [START]: "a", zz: "a" } }), GraphError);
  // @ts-expect-error Nothing leads from START.
  assertThrows(() => graph({ state, nodes: { a }, edges: { a: END } }), GraphError);
  // @ts-expect-error A router names no node.
  graph({ state, nodes: { a }, edges: { [START]: "a", a: (s) => s.topic ? "nope" : END } });
  // @ts-expect-error An unknown key beside a right one.
  graph({ state, nodes: { a: () => ({ topic: "x", topik: "y" }) }, edges: { [START]: "a" } });
  // @ts-expect-error The wrong type of an update.
  graph({ state, nodes: { a: () => ({ topic: 5 }) }, edges: { [START]: "a" } });
  // @ts-expect-error A field that there is not.
  graph({ state, nodes: { a: (s) => ({ topic: s.nope }) }, edges: { [START]: "a" } });
  // @ts-expect-error A command to nowhere.
  graph({ state, nodes: { a: (_, ctx) => ctx.goto("nope") }, edges: { [START]: "a" } });
  // @ts-expect-error A send to nowhere.
  graph({ state, nodes: { a: () => send("nope", {}) }, edges: { [START]: "a" } });
  // @ts-expect-error A command with an unknown key.
  graph({ state, nodes: { a: () => goto("a", { topik: 1 }) }, edges: { [START]: "a" } });
  // @ts-expect-error An unknown key in a promise.
  graph({ state, nodes: { a: () => Promise.resolve({ topik: "y" }) }, edges: { [START]: "a" } });
  // @ts-expect-error An unknown key, with options.
  graph({ state, nodes: { a: { run: () => ({ topik: "y" }) } }, edges: { [START]: "a" } });
  const after = { state, nodes: { a: { run: a, after: ["b"] } }, edges: { [START]: "a" } } as const;
  assertThrows(() => graph(after as never), GraphError);
  const clash = graph({
    state,
    nodes: { a, b: () => ({ verdict: "1" }), c: () => ({ verdict: "2" }) },
    edges: { [START]: "a", a: ["b", "c"] },
  });
  // @ts-expect-error Two nodes of one step write "verdict".
  clash.invoke;
});

test("graph() refuses nodes that declare to write one field in one step, however far apart they began", () => {
  const writer = { run: () => ({ verdict: "x" }), writes: ["verdict"] } as const;
  const nodes = { a: () => {}, b: () => {}, c: writer, d: writer };
  const error = assertThrows(
    () => graph({ state, nodes, edges: { [START]: ["a", "b"], a: "c", b: "d" } }),
    GraphError,
    'can both write "verdict"',
  );
  assertEquals(error.code, "two_writers");
  graph({ state, nodes, edges: { [START]: "a", a: "c", c: "d" } });
});
