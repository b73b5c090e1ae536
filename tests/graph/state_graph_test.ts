import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import {
  channel,
  drawMermaid,
  END,
  graph,
  GraphError,
  START,
  StateGraph,
} from "../../src/graph/mod.ts";
import { fields } from "./_support.ts";

test("StateGraph builds the same graph in any order, and all routers of a node count", async () => {
  const builder = new StateGraph({ id: "built", state: fields, nodes: ["a", "b", "c"] })
    .addConditionalEdges("a", () => "left", { left: "b" })
    .addConditionalEdges("a", () => "nowhere", {}, "c")
    .setEntryPoint("a")
    .addNode("a", (s) => ({ log: `a${s.n}` }))
    .addNode("b", () => ({ log: "b" }), { description: "The second" })
    .addNode("c", (_, ctx) => ctx.goto(END, { log: "c" }))
    .setFinishPoint("b");
  const made = builder.compile();
  const { state, stop_reason } = await made.execute({ n: 1 });
  assertEquals([made.id, state.log, stop_reason], ["built", ["a1", "b", "c"], "end"]);
});

test("StateGraph refuses names that are taken, circles of edges, and edges to nowhere", () => {
  const make = (allowCycles = false) =>
    new StateGraph({ state: { n: channel.add() }, allowCycles })
      .addNode("a", () => ({ n: 1 })).addNode("b", () => {}).addEdge(START, "a").addEdge("a", "b");
  const codes = [
    () => make().addNode("a", () => {}),
    () => make().addEdge("b", "a"),
    () => make().addEdge("b", "nope").compile(),
    () => new StateGraph({ state: {} }).compile(),
    // @ts-expect-error There is no node "nope".
    () => new StateGraph({ state: fields, nodes: ["a"] }).addEdge("a", "nope").compile(),
  ].map((call) => assertThrows(call, GraphError).code);
  assertEquals(codes, ["duplicate_node", "cycle", "unknown_node", "unknown_node", "unknown_node"]);
  make(true).addEdge("b", "a").compile();
});

test("drawMermaid() draws nodes, routers and joins, whatever the names are", () => {
  const made = graph({
    state: fields,
    nodes: {
      end: { run: () => {}, description: 'Say "hi"' },
      b: () => {},
      join: { run: () => {}, after: ["end", "b"] },
    },
    edges: { [START]: "end", end: (s) => s.n > 1 ? END : "b" },
  });
  assertEquals(
    drawMermaid(made.topology(), "LR"),
    `graph LR
  n0((start))
  n1["Say #quot;hi#quot;"]
  n2["b"]
  n3["join"]
  n4((end))
  n0 --> n1
  n1 -.-> n1
  n1 -.-> n2
  n1 -.-> n3
  n1 -.-> n4
  n1 --> n3
  n2 --> n3`,
  );
});
