import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus, type Run, runContext, type StreamEvent, withRun, withSpan } from "../../mod.ts";
import { parseStreamEvent } from "../../src/events/schemas.ts";
import { END, graph, START } from "../../src/graph/mod.ts";
import { RunPicture } from "../../src/view/mod.ts";
import { expectedCatalogue, extrasOf } from "../events/expected_catalogue.ts";
import type { AnyEvent } from "../harness/support/read.ts";
import { foldSpans, openSpans, type SpanNode } from "../harness/support/span_tree.ts";
import { requires } from "../harness/support/requires.ts";
import { asking, fields, thread } from "./_support.ts";

/** What `fn` says in a run, oldest first. */
async function watch(fn: () => Promise<unknown>, content = false): Promise<StreamEvent[]> {
  const bus = new EventBus();
  await withRun({ runId: "r1", bus, content }, fn);
  return [...bus.history("*")].reverse().filter(({ run_id }) => run_id === "r1");
}

const dataOf = (events: readonly AnyEvent[], type: string) =>
  events.filter(({ event_type }) => event_type === type).map(({ data }) => data);

test("a graph's nodes, routes, questions and checkpoints are on the bus with all keys", async () => {
  const { asks } = asking();
  const t = thread();
  const events = await watch(async () => {
    await asks.execute({}, t);
    await asks.resume("yes", t);
  });
  for (const event of events) parseStreamEvent(event);
  const types = events.map(({ event_type }) => event_type);
  assertEquals(types, [
    "run.started",
    "span.started",
    "memory.checkpoint.saved",
    "multiagent.graph.node.started",
    "multiagent.graph.node.completed",
    "memory.checkpoint.saved",
    "agent.interrupt",
    "span.started",
    "memory.checkpoint.loaded",
    "memory.checkpoint.saved",
    "multiagent.graph.node.started",
    "multiagent.graph.node.completed",
    "memory.checkpoint.saved",
    "span.completed",
    "run.completed",
  ]);
  for (const { event_type: type, data } of events) {
    if (!/^(multiagent|memory|agent)\./.test(type)) continue;
    const keys = Object.keys({ ...expectedCatalogue[type as "agent.think"], ...extrasOf(type) });
    assertEquals(Object.keys(data).sort(), keys.sort(), type);
  }
  const [first, second] = dataOf(events, "multiagent.graph.node.started");
  assertEquals([first!.execution, first!.because, first!.kept], [1, "scheduled", []]);
  assertEquals([second!.execution, second!.because, second!.kept], [2, "answer", ["effect"]]);
  assertEquals([first!.is_resuming, second!.is_resuming], [false, true]);
  assertEquals(dataOf(events, "memory.checkpoint.saved").map(({ trigger }) => trigger), [
    "every_n_iterations",
    "graph_interrupt",
    "every_n_iterations",
    "final",
  ]);
  assertEquals(dataOf(events, "run.completed")[0]!.outcome, "ok");
});

test("routes say where they lead and who chose; skipped and failed nodes lead nowhere", async () => {
  const made = graph({
    id: "routes",
    state: fields,
    nodes: {
      a: (_, ctx) => ctx.goto(["b", "skipped"]),
      b: () => {},
      skipped: { run: () => {}, condition: () => false },
      fails: () => {
        throw new Error("x");
      },
    },
    edges: { [START]: "a", b: () => "fails" as const, skipped: "b", fails: END },
  });
  const events = await watch(() => made.execute({}));
  assertEquals(
    dataOf(events, "multiagent.graph.node.routed").map((
      { from_node, to_nodes, via, condition_result },
    ) => [
      from_node,
      to_nodes,
      via,
      condition_result,
    ]),
    [
      ["a", ["b", "skipped"], "command", ["b", "skipped"]],
      ["b", ["fails"], "conditional", "fails"],
    ],
  );
  assertEquals(
    dataOf(events, "multiagent.graph.node.completed").map(({ node_id, status, error }) => [
      node_id,
      status,
      error,
    ]),
    [
      ["a", "completed", null],
      ["skipped", "skipped", null],
      ["b", "completed", null],
      ["fails", "failed", "Error: x"],
    ],
  );
  const [end] = dataOf(events, "span.completed");
  assertEquals([end!.success, end!.error], [false, "fails: Error: x"]);
  assertEquals(dataOf(events, "run.completed")[0]!.outcome, "error");
});

const outlineOf = ({ kind, name, children }: SpanNode): unknown[] => [
  `${kind} ${name}`,
  ...children.map(outlineOf),
];

function tree() {
  const inner = graph({
    id: "inner",
    state: fields,
    nodes: { x: () => withSpan("work", async () => ({ log: await Promise.resolve("x") })) },
    edges: { [START]: "x" },
  });
  return graph({
    id: "outer",
    state: fields,
    nodes: {
      a: inner,
      b: async (_, ctx) => {
        await ctx.run("again", inner, {});
        return {};
      },
      c: {
        run: (_, ctx) => {
          if (ctx.attempt === 1) throw new Error("x");
          return withSpan("second", () => ({ n: 1 }));
        },
        retry: { initialMs: 0 },
      },
    },
    edges: { [START]: ["a", "b"], b: "c" },
  });
}

test(
  "spans: nodes are below their graph, what they do below them, graphs inside likewise",
  await requires("async-context"),
  async () => {
    const events = await watch(() => tree().execute({}));
    assertEquals(foldSpans(events).children.map(outlineOf), [[
      "graph outer",
      ["node a", ["graph inner", ["node x", ["work work"]]]],
      ["node b", ["graph inner", ["node x", ["work work"]]]],
      ["node c", ["attempt attempt 2", ["work second"]]],
    ]]);
  },
);

test(
  "a graph inside of a node that is out of time ends before the node, and says nothing after it",
  await requires("async-context"),
  async () => {
    const inner = graph({
      id: "inner",
      state: fields,
      nodes: { hangs: () => new Promise<void>(() => {}) },
      edges: { [START]: "hangs" },
    });
    const outer = graph({
      id: "outer",
      state: fields,
      nodes: { node: { run: inner, timeoutMs: 5 } },
      edges: { [START]: "node" },
    });
    const events = await watch(() => outer.execute({}, thread()));
    const tree = foldSpans(events);
    assertEquals(openSpans(tree), []);
    assertEquals(tree.children.map(outlineOf), [[
      "graph outer",
      ["node node", ["graph inner", ["node hangs"]]],
    ]]);
  },
);

test("a graph that was stopped and is gone on with in its run has a span of its own for that", async () => {
  let fails = true;
  const made = graph({
    state: fields,
    nodes: {
      a: () => {
        if (fails) throw new Error("x");
      },
    },
    edges: { [START]: "a" },
    onFailure: "stop",
  });
  const t = thread();
  const events = await watch(async () => {
    await made.execute({}, t);
    fails = false;
    await made.recover(t);
  });
  assertEquals(foldSpans(events).children.length, 2);
  const [first, second] = dataOf(events, "span.started");
  assertEquals(
    (second!.attributes as Record<string, unknown>).resumes,
    { run_id: "r1", span_id: first!.span_id },
  );
});

test("a graph that gets its run handed on says the same", async () => {
  const bus = new EventBus();
  let run: Run | undefined;
  runContext({ runId: "r1", bus }, (given) => void (run = given));
  await asking().asks.execute({}, { run });
  assertEquals(bus.history("*").map(({ event_type }) => event_type).reverse(), [
    "span.started",
    "multiagent.graph.node.started",
    "multiagent.graph.node.completed",
    "agent.interrupt",
  ]);
});

test("RunPicture shows a graph with its nodes below it, that it waits, and what runs again", async () => {
  const { asks } = asking();
  const t = thread();
  const bus = new EventBus();
  const shown = () => {
    const picture = new RunPicture("r1");
    for (const event of [...bus.history("*")].reverse()) picture.add(event);
    const [graph] = picture.rows;
    assert(graph?.kind === "span");
    const nodes = graph.children.flatMap((row) =>
      row.kind === "span" ? [[row.role, row.name, row.subject, row.state]] : []
    );
    return [[graph.name, graph.subject, graph.state], ...nodes];
  };
  await runContext({ runId: "r1", bus }, () => asks.execute({}, t));
  assertEquals(shown(), [
    ["asking", "t1", "waiting"],
    ["node", "ask", "", "waiting"],
  ]);
  await runContext({ runId: "r1", bus }, () => asks.resume("yes", t));
  assertEquals(shown(), [
    ["asking", "t1", "done"],
    ["node", "ask", "", "waiting"],
    ["node", "ask", "runs again, 1 result kept", "done"],
  ]);
});

test("the drawing comes before the first node, once in a run, and names every node", async () => {
  const made = tree();
  const events = await watch(async () => {
    await made.execute({});
    await made.execute({});
  });
  const starts = dataOf(events, "span.started").filter(({ kind, name }) =>
    kind === "graph" && name === "outer"
  );
  const attributes = starts.map(({ attributes }) => attributes as Record<string, unknown>);
  assertEquals(attributes[0]!.topology, made.topology());
  assertEquals(attributes.map((a) => "topology" in a), [true, false]);
  assertEquals(attributes[0]!.topology_hash, attributes[1]!.topology_hash);
});

test("with content asked for, a node's update is published, never the state", async () => {
  const made = graph({
    state: fields,
    nodes: { a: () => ({ log: "a" }) },
    edges: { [START]: "a" },
  });
  const events = await watch(() => made.execute({ one: "secret" }), true);
  assertEquals(
    dataOf(events, "span.content").map((
      { kind, direction, content },
    ) => [kind, direction, content]),
    [["state", "output", { log: "a" }]],
  );
});

test("outside of a run a graph makes no bus and no record", async () => {
  const { asks } = asking();
  const { checkpoint_id } = await asks.execute({});
  assertEquals(checkpoint_id, null);
});
