import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { buildCausalChain, CausalChain, type CausalRelationship } from "../../../src/agent/mod.ts";

/** A chain of nodes named by one letter; edges such as "a->b", or "a-|b" for inhibits. */
function chainOf(...edges: string[]): CausalChain {
  const chain = new CausalChain();
  const kinds: Record<string, CausalRelationship> = {
    "->": "causes",
    "-|": "inhibits",
    "~~": "correlates_with",
    "..": "precedes",
  };
  for (const edge of edges) {
    const [source, arrow, target] = [edge[0]!, edge.slice(1, 3), edge[3]!];
    for (const id of [source, target]) {
      if (chain.getNode(id) === null) chain.addNode({ id, label: id });
    }
    chain.addEdge({ source_id: source, target_id: target, relationship: kinds[arrow] });
  }
  return chain;
}

function cycles(chain: CausalChain): string[] {
  return chain.detectConflicts().filter(({ type }) => type === "cycle")
    .map(({ node_ids }) => node_ids.join(""));
}

function path(chain: CausalChain, from: string, to: string): string | null {
  return chain.getCausalPath(from, to)?.map(({ id }) => id).join("") ?? null;
}

test("A search that found a cycle reports no false one after it", () => {
  const chain = chainOf("a->b", "b->a", "c->d", "d->b");
  assertEquals(cycles(chain), ["ab"]);
  assertEquals(chain.detectConflicts(), [
    { type: "cycle", node_ids: ["a", "b"] },
    { type: "bidirectional_causation", node_ids: ["a", "b"] },
  ]);
});

test("CausalChain.detectConflicts() names each cycle once, also of one node and by two edges", () => {
  assertEquals(cycles(chainOf("a->a")), ["a"]);
  assertEquals(cycles(chainOf("a->b", "a-|b", "b->c", "c->a")), ["abc"]);
  assertEquals(cycles(chainOf("a->b", "b->c", "a->c", "c->d")), []);
  assertEquals(cycles(chainOf("a->b", "b->a", "b->c", "c->b")), ["ab", "bc"]);
});

test("CausalChain.detectConflicts() leaves out what is not causal", () => {
  assertEquals(chainOf("a~~b", "b~~a", "b..c", "c..b").detectConflicts(), []);
});

test("CausalChain.detectConflicts() finds a pair that causes and inhibits", () => {
  assertEquals(chainOf("a->b", "a-|b", "a->b").detectConflicts(), [
    { type: "contradictory_relationship", node_ids: ["a", "b"] },
  ]);
});

test("CausalChain.detectConflicts() finds a cycle exactly if there is one, however long", () => {
  const edge = fc.tuple(fc.nat(7), fc.nat(7));
  fc.assert(fc.property(fc.array(edge, { maxLength: 16 }), (pairs) => {
    const name = (index: number) => "abcdefgh"[index]!;
    const chain = chainOf(...pairs.map(([from, to]) => `${name(from)}->${name(to)}`));
    const found = cycles(chain);
    assertEquals(found.length > 0, hasCycle(pairs));
    assertEquals(new Set(found).size, found.length);
    for (const cycle of found) {
      [...cycle].forEach((id, index) => {
        const next = cycle[(index + 1) % cycle.length]!;
        assert(chain.getEdgesFrom(id).some(({ target_id }) => target_id === next), cycle);
      });
    }
  }));
  const long = new CausalChain();
  for (let i = 0; i < 20_000; i++) {
    long.addNode({ id: `${i}`, label: "x" });
    if (i > 0) long.addEdge({ source_id: `${i - 1}`, target_id: `${i}` });
  }
  assertEquals(cycles(long), []);
  assertEquals(long.getCausalPath("0", "19999")!.length, 20_000);
});

/** By taking away what nothing leads to until nothing changes. */
function hasCycle(pairs: readonly (readonly [number, number])[]): boolean {
  let left = pairs;
  for (;;) {
    const rest = left.filter(([from]) => left.some(([, to]) => to === from));
    if (rest.length === left.length) return rest.length > 0;
    left = rest;
  }
}

test("CausalChain.getCausalPath() is the shortest way along causes, or null", () => {
  const chain = chainOf("a->b", "b->c", "c->d", "a-|c", "d~~e");
  assertEquals(path(chain, "a", "d"), "acd");
  assertEquals(path(chain, "a", "a"), "a");
  assertEquals(path(chain, "d", "a"), null);
  assertEquals(path(chain, "d", "e"), null);
  assertEquals(path(chain, "a", "nobody"), null);
});

test("CausalChain.classifyNodes() goes by type, then by causal edges", () => {
  const chain = chainOf("a->b", "b->c", "d~~a");
  chain.addNode({ id: "x", label: "x", node_type: "symptom" });
  chain.addEdge({ source_id: "x", target_id: "b" });
  assertEquals([...chain.classifyNodes()], [
    ["a", "root_cause"],
    ["b", "intermediate"],
    ["c", "symptom"],
    ["d", "unknown"],
    ["x", "symptom"],
  ]);
  assertEquals(chain.identifyRootCauses().map(({ id }) => id), ["a"]);
  assertEquals(chain.identifySymptoms().map(({ id }) => id), ["c", "x"]);
  chain.updateNodeTypes();
  assertEquals(chain.getNode("b")!.node_type, "intermediate");
});

test("CausalChain.getChainSummary() counts", () => {
  const chain = chainOf("a->b", "b->c", "c->b");
  chain.setConfidence("a", 1.7);
  chain.setConfidence("b", -1);
  assertEquals(chain.getChainSummary(), {
    total_nodes: 3,
    total_edges: 3,
    root_causes: 1,
    symptoms: 0,
    intermediates: 2,
    conflicts: 2,
    avg_confidence: 0.5,
  });
  assertEquals(new CausalChain().getChainSummary().avg_confidence, 0);
});

test("CausalChain nodes and edges have defaults, and are frozen", () => {
  const chain = new CausalChain();
  const node = chain.addNode({ label: "a" });
  assertMatch(node.id, /^node_[0-9a-f]{8}$/);
  assertEquals({ ...node, id: "" }, {
    id: "",
    label: "a",
    node_type: "unknown",
    evidence: [],
    confidence: 0.5,
    metadata: {},
  });
  const edge = chain.addEdge({ source_id: node.id, target_id: node.id });
  assertEquals([edge.relationship, edge.confidence, edge.reasoning], ["causes", 0.5, null]);
  assert(Object.isFrozen(node) && Object.isFrozen(node.evidence) && Object.isFrozen(edge));
  assertStrictEquals(chain.getNode(node.id), node);
  assertEquals(chain.getEdgesTo(node.id), [edge]);
  assert(Object.isFrozen(chain.setConfidence(node.id, 1)));
});

test("CausalChain survives JSON", () => {
  const chain = chainOf("a->b", "b-|c");
  const copy = CausalChain.fromJSON(JSON.parse(JSON.stringify(chain)));
  assertEquals(copy.toJSON(), chain.toJSON());
});

test("buildCausalChain() links by label, and classifies unless told", () => {
  const events = [
    { label: "root", causes: ["middle"], confidence: 0.9, evidence: ["log line"] },
    { label: "middle", causes: ["end"] },
    { label: "alone", type: "symptom" as const },
  ];
  const chain = buildCausalChain(events);
  assertEquals(chain.nodes.map(({ label, node_type }) => [label, node_type]), [
    ["root", "root_cause"],
    ["middle", "intermediate"],
    ["alone", "symptom"],
    ["end", "symptom"],
  ]);
  assertEquals(chain.edges.map(({ confidence }) => confidence), [0.9, 0.5]);
  assertEquals(buildCausalChain(events, false).nodes[0]!.node_type, "unknown");
  assertThrows(
    () => buildCausalChain([{ label: "a" }, { label: "a" }]),
    TypeError,
    'two events with the label "a"',
  );
});

test("CausalChain refuses what makes no sense, and says so", () => {
  const chain = chainOf("a->b");
  const cases: [() => unknown, ErrorConstructor, string][] = [
    [() => chain.addNode({ id: "a", label: "a" }), TypeError, 'there is already a node "a"'],
    [() => chain.addNode({} as never), TypeError, '"label" must be a string that is not empty'],
    [() => chain.addNode({ label: "x", confidence: 2 }), RangeError, "from 0 to 1, got 2"],
    [() => chain.addNode({ label: "x", node_type: "odd" as never }), TypeError, '"node_type"'],
    [() => chain.addNode({ label: "x", kind: 1 } as never), TypeError, 'unknown option "kind"'],
    [() => chain.addEdge({ source_id: "a", target_id: "z" }), TypeError, 'no node "z"'],
    [
      () => chain.addEdge({ source_id: "a", target_id: "b", relationship: "hits" as never }),
      TypeError,
      '"relationship" must be one of "causes"',
    ],
    [() => chain.setConfidence("z", 1), TypeError, 'setConfidence(): there is no node "z"'],
    [() => chain.setConfidence("a", NaN), TypeError, '"confidence" must be a number, got NaN'],
    [() => CausalChain.fromJSON({ nodes: [], links: [] } as never), TypeError, '"links"'],
  ];
  for (const [act, error, message] of cases) assertThrows(act, error as never, message);
});
