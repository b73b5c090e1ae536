import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { StreamEvent } from "@locus/core";
import { RunPicture } from "@locus/core/view";
import { GraphFacts } from "../../workbench/graph/graph_facts.ts";
import { layOut } from "../../workbench/graph/graph_layout.ts";
import { CALLS, graphOf, graphsOf, type RunGraph } from "../../workbench/graph/run_graph.ts";
import { countSteps } from "../harness/support/count_steps.ts";
import { graphRun } from "./_graph_run.ts";
import { sampleRuns } from "./_runs.ts";
import { scriptRun } from "./_script.ts";

test("graphOf() tells routes taken, not taken and to come, and how each node stands", () => {
  const { rows, facts } = read(graphRun(0).events);
  assertEquals(graphsOf(rows, facts).map(({ name }) => name), ["review", "who called whom"]);
  const graph = graphOf(rows, facts, graphsOf(rows, facts)[0]!.key);
  assertEquals(
    graph.nodes.map(({ label, state, visits }) => `${label} ${state} ${visits.length}`),
    [
      "start done 0",
      "fetch_diff done 1",
      "plan done 1",
      "docs untaken 0",
      "style done 1",
      "security done 1",
      "merge done 2",
      "decide done 2",
      "fix done 1",
      "approve untaken 0",
      "labels running 1",
      "post_comments waiting 1",
      "end todo 0",
    ],
  );
  assertEquals(linesOf(graph), [
    "__START__ → fetch_diff: taken",
    "fetch_diff → plan: taken",
    "docs → merge: untaken",
    "style → merge: taken",
    "security → merge: taken",
    "merge → decide: taken × 2",
    "fix → merge: taken",
    "approve → __END__: untaken",
    "labels → __END__: todo",
    "post_comments → __END__: todo",
    "plan → style: taken",
    "plan → security: taken",
    "decide → fix: taken (high, round < 2)",
    "decide → labels: now × 2 (high, round 2)",
    "decide → post_comments: waits (high, round 2)",
    "plan → docs: untaken (no .md file changed)",
    "decide → approve: untaken (none or low)",
  ]);
});

test("a graph that has not got far shows what is to come; one that is over, what was not taken", () => {
  const { events } = graphRun(0);
  const states = (count: number) => {
    const { rows, facts } = read(events.slice(0, count));
    const { nodes } = graphOf(rows, facts, graphsOf(rows, facts)[0]!.key);
    return new Set(nodes.slice(2).map(({ state }) => state));
  };
  assertEquals(states(3), new Set(["todo"]));
  const end = scriptRun("r", 0, [[0, "span.completed", {
    span_id: "9999999999999999",
    name: "review",
    success: true,
  }]]);
  const { rows, facts } = read([...events.slice(0, 3), ...end.events]);
  const graph = graphOf(rows, facts, "9999999999999999");
  assertEquals(graph.nodes.find(({ label }) => label === "merge")?.state, "untaken");
});

test("stages of a pipeline, branches of a fan-out and specialists are nodes of their drawings", () => {
  const node = (id: string) => ({ id, kind: "node", label: id });
  const span = (span_id: string, kind: string, nodes: string[], parent_span_id = "") => ({
    span_id,
    parent_span_id,
    name: kind,
    kind,
    attributes: { topology: { version: 1, nodes: nodes.map(node), edges: [] } },
  });
  const { rows, facts } = read(
    scriptRun("r", 0, [
      [0, "span.started", span("p", "pipeline", ["stage[0]"])],
      [1, "composition.stage.started", { stage: 0, span_id: "s0", parent_span_id: "p" }],
      [2, "span.started", span("q", "pipeline", ["agent[1]"], "s0")],
      [3, "composition.fanout.started", { agent_count: 2, span_id: "f", parent_span_id: "q" }],
      [4, "span.started", {
        span_id: "b1",
        parent_span_id: "f",
        name: "stage",
        kind: "task",
        attributes: { branch: 1 },
      }],
      [5, "span.started", span("o", "orchestrator", ["route", "x"])],
      [6, "multiagent.orchestrator.decision", {
        decision: "invoke_specialist",
        specialists_selected: ["x"],
        span_id: "o",
      }],
      [7, "multiagent.specialist.started", {
        specialist_id: "x",
        span_id: "sx",
        parent_span_id: "o",
      }],
    ]).events,
  );
  for (const [key, expected] of [["p", "stage[0]"], ["q", "agent[1]"], ["o", "x"]] as const) {
    const running = graphOf(rows, facts, key).nodes.filter(({ visits }) => visits.length > 0);
    assertEquals(running.map(({ id, state }) => [id, state]), [[expected, "running"]], key);
  }
  assertEquals(linesOf(graphOf(rows, facts, "o")), ["route → x: now"]);
});

test("every run has a graph of who called whom, bounded", () => {
  const nightly = sampleRuns(0).find(({ runId }) => runId === "nightly-7")!;
  const { rows, facts } = read(nightly.events);
  const calls = graphOf(rows, facts, CALLS);
  assert(calls.nodes.some(({ label, visits }) => label === "fetch" && visits.length > 1));
  const many = scriptRun(
    "r",
    0,
    Array.from(
      { length: 150 },
      (_, i) =>
        [i, "span.started", { span_id: `s${i}`, parent_span_id: null, name: `n${i}` }] as const,
    ),
  );
  const bounded = read(many.events);
  const { nodes, leftOut } = graphOf(bounded.rows, bounded.facts, CALLS);
  assertEquals([nodes.length, leftOut], [101, 50]);
});

test("each visit of a node is looked at as often, however many there are", () => {
  const topology = { nodes: [{ id: "n", kind: "node", label: "n" }], edges: [] };
  const steps = (visits: number, key: string) => {
    const { rows, facts } = read(
      scriptRun("r", 0, [
        [0, "span.started", { span_id: "g", name: "g", kind: "graph", attributes: { topology } }],
        ...Array.from({ length: visits }, (_, i) =>
          [1, "multiagent.graph.node.started", {
            node_id: "n",
            span_id: `s${i}`,
            parent_span_id: "g",
          }] as const),
      ]).events,
    );
    assertEquals(graphOf(rows, facts, key).nodes.at(-1)!.visits.length, visits);
    return countSteps(() => void graphOf(rows, facts, key));
  };
  for (const key of ["g", CALLS]) assert(steps(400, key) < 3 * steps(200, key), key);
});

test("graphs of events of any shape are laid out", () => {
  const odd = ["__proto__", "constructor", "", "a\nb", "__START__", "*"];
  const topology = {
    nodes: [...odd.map((id) => ({ id, label: id })), null, 7],
    edges: [...odd.flatMap((from) => odd.map((to) => ({ from, to }))), "x"],
  };
  const types = ["multiagent.graph.node.routed", "multiagent.orchestrator.decision"];
  const { rows, facts } = read(
    scriptRun("r", 0, [
      [0, "span.started", { span_id: "g", name: "g", kind: "graph", attributes: { topology } }],
      [0, "span.started", { span_id: "h", attributes: { topology: { nodes: 1, edges: {} } } }],
      ...types.map((type) =>
        [1, type, { span_id: "g", from_node: 7, to_nodes: odd, candidates: [null, {}] }] as const
      ),
    ]).events,
  );
  for (const { key } of graphsOf(rows, facts)) {
    const graph = graphOf(rows, facts, key);
    const { boxes, lines } = layOut(graph);
    assertEquals(lines.length, graph.edges.length);
    assert([...boxes.values()].every(({ x, y }) => x > 0 && y > 0));
  }
});

function read(events: readonly StreamEvent[]) {
  const picture = new RunPicture("r");
  const facts = new GraphFacts();
  for (const event of events) {
    picture.add(event);
    facts.add(event);
  }
  return { rows: picture.rows, facts };
}

function linesOf({ edges }: RunGraph): string[] {
  return edges.map(({ from, to, state, times, label }) =>
    `${from} → ${to}: ${state}${times > 1 ? ` × ${times}` : ""}${label === "" ? "" : ` (${label})`}`
  );
}
