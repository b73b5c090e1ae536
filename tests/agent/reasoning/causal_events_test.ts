import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type AgentEvent,
  type AgentOptions,
  type CausalChain,
  type CausalOptions,
  tool,
} from "../../../src/agent/mod.ts";
import { ConsoleHandler } from "../../../src/consumers/mod.ts";
import {
  type Checkpointer,
  CheckpointError,
  MemoryCheckpointer,
  type Snapshot,
  storageCheckpointer,
} from "../../../src/memory/mod.ts";
import { MapStorage } from "../../memory/_support.ts";
import { type Script, ScriptedModel, toolCall } from "../../harness/support/scripted_model.ts";
import { agentOf, all, collect, onBus, only, outline } from "../_support.ts";
import { printed } from "../hooks/_support.ts";

const disk = tool({ name: "disk", execute: () => "df: 100 %" });
const logs = tool({ name: "logs", execute: () => "write error, order lost" });
const broken = tool({
  name: "broken",
  execute: () => {
    throw new Error("connection refused");
  },
});
const DISK: Script = [toolCall("c1", "disk", {})];
const LOGS: Script = [toolCall("c2", "logs", {})];

interface Found {
  readonly nodes?: readonly object[];
  readonly edges?: readonly object[];
}

/** What a model writes that reads causes. */
function found({ nodes = [], edges = [] }: Found): Script {
  return [JSON.stringify({ nodes, edges })];
}

const FULL = { label: "disk full", node_type: "root_cause", evidence: ["df: 100 %"] };
const ERROR = { label: "write error", node_type: "symptom" };
const CAUSES = {
  source: "disk full",
  target: "write error",
  relationship: "causes",
  confidence: 0.9,
};

/** An agent whose causes are read by a model of their own. */
function traced(
  script: readonly Script[],
  readings: readonly Script[],
  causal: CausalOptions = {},
  options: Partial<AgentOptions> = {},
) {
  const reader = new ScriptedModel(...readings);
  const { agent, model } = agentOf(script, {
    tools: [disk, logs, broken],
    causal: { model: reader, ...causal },
    ...options,
  });
  return { agent, model, reader };
}

/** Each edge by the labels of its ends. */
function edgesOf(chain: CausalChain): string[] {
  return chain.edges.map(({ source_id, target_id, relationship }) =>
    `${chain.getNode(source_id)!.label} ${relationship} ${chain.getNode(target_id)!.label}`
  );
}

test("Agent: causal yields what is new after each turn that called tools", async () => {
  const { agent } = traced(
    [DISK, LOGS, ["The disk is full."]],
    [found({ nodes: [FULL] }), found({ nodes: [FULL, ERROR], edges: [CAUSES] })],
    {},
    { reflexion: true },
  );
  const run = agent.run("why?");
  const { events } = await collect(run);
  assertEquals(outline(events), [
    "model_complete",
    "think",
    "tool_start c1",
    "tool_complete c1",
    "causal_node",
    "reflect",
    "model_complete",
    "think",
    "tool_start c2",
    "tool_complete c2",
    "causal_node",
    "causal_edge",
    "reflect",
    "model_complete",
    "think",
    "terminate",
  ]);
  const [full, error] = all(events, "causal_node");
  assertEquals([full!.label, full!.node_type, full!.evidence], [
    "disk full",
    "root_cause",
    ["df: 100 %"],
  ]);
  assert(Object.isFrozen(full!.evidence));
  const { source_id, target_id, relationship, confidence } = only(events, "causal_edge");
  assertEquals([source_id, target_id], [full!.node_id, error!.node_id]);
  assertEquals([relationship, confidence], ["causes", 0.9]);
  const chain = run.result!.causal_chain!;
  assertEquals(edgesOf(chain), ["disk full causes write error"]);
  assertEquals(chain.identifyRootCauses().map(({ id }) => id), [full!.node_id]);
});

test("Agent: causal asks for the new results of a turn, failures included, and shows known labels", async () => {
  const { agent, reader } = traced(
    [DISK, [toolCall("c2", "logs", {}), toolCall("c3", "broken", {})], ["done"]],
    [found({ nodes: [FULL] }), found({})],
  );
  await agent.invoke("why?");
  const [first, second] = reader.calls.map(({ prompt }) => JSON.stringify(prompt.at(-1)));
  assertStringIncludes(first!, "[disk]: df: 100 %");
  assertStringIncludes(second!, "Known labels:\\n- disk full\\n");
  assertStringIncludes(second!, "[logs]: write error, order lost");
  assertStringIncludes(second!, "[broken] failed: Error: connection refused");
  assert(!second!.includes("[disk]"));
  assertEquals(reader.calls[0]!.responseFormat?.type, "json");
});

test("Agent: causal takes labels that differ in case or white space for the same", async () => {
  const { agent } = traced([DISK, LOGS, ["done"]], [
    found({ nodes: [FULL, { ...FULL, label: " Disk  FULL" }], edges: [CAUSES, CAUSES] }),
    found({
      nodes: [{ label: "Write Error", node_type: "symptom" }],
      edges: [{ ...CAUSES, source: "DISK FULL" }, { ...CAUSES, relationship: "precedes" }],
    }),
  ]);
  const run = agent.run("why?");
  const { events } = await collect(run);
  assertEquals(all(events, "causal_node").map(({ label }) => label), ["disk full", "write error"]);
  assertEquals(edgesOf(run.result!.causal_chain!), [
    "disk full causes write error",
    "disk full precedes write error",
  ]);
});

test("Agent: causal makes sound nodes and edges of what a model writes", async () => {
  const { agent } = traced([DISK, ["done"]], [found({
    nodes: [
      { label: "", node_type: "unknown" },
      { label: "x".repeat(500), node_type: "unknown", confidence: 90 },
    ],
    edges: [
      { source: "a", target: "A ", relationship: "causes" },
      { source: "a", target: "", relationship: "causes" },
      { source: "a", target: "b", relationship: "causes", confidence: -1, reasoning: "" },
    ],
  })]);
  const { causal_chain } = await agent.invoke("why?");
  assertEquals(causal_chain!.nodes.map(({ label }) => label), ["x".repeat(200), "a", "b"]);
  assertEquals(causal_chain!.nodes[0]!.confidence, 1);
  assertEquals(edgesOf(causal_chain!), ["a causes b"]);
  const [edge] = causal_chain!.edges;
  assertEquals([edge!.confidence, edge!.reasoning], [0, null]);
});

test("Agent: causal events stay off the bus; the tokens of the extra calls count", async () => {
  const { agent } = traced([DISK, ["done"]], [
    found({ nodes: [FULL, ERROR], edges: [CAUSES] }),
  ]);
  const { events, value } = await onBus(() => agent.invoke("why?"));
  assertEquals(events.map(({ event_type }) => event_type), [
    "agent.model.completed",
    "agent.tokens.used",
    "agent.think",
    "agent.tool.started",
    "agent.tool.completed",
    "agent.tokens.used",
    "agent.model.completed",
    "agent.tokens.used",
    "agent.think",
    "agent.terminate",
  ]);
  assertEquals(value.metrics.total_tokens, 24);
  assertEquals(value.messages.length, 5);
});

test("Agent: causal: true asks the auxiliary model, else the agent's own", async () => {
  const auxiliaryModel = new ScriptedModel(found({ nodes: [FULL] }));
  const other = agentOf([DISK, ["done"]], { tools: disk, causal: true, auxiliaryModel });
  assertEquals((await other.agent.invoke("?")).causal_chain!.nodes.length, 1);
  const own = agentOf([DISK, found({ nodes: [FULL] }), ["done"]], { tools: disk, causal: true });
  assertEquals((await own.agent.invoke("?")).causal_chain!.nodes.length, 1);
});

test("Agent: a model that fails to read causes is reported, and the run goes on", async () => {
  const readings: [Script[], string][] = [
    [[new Error("down"), new Error("still down")], "Error: still down"],
    [[["I see no JSON."]], "has not the form asked for"],
    [[found({ nodes: [{ label: "a", node_type: "guess" }] })], "nodes.0.node_type"],
  ];
  for (const [reading, message] of readings) {
    const text = await printed(async () => {
      const { agent } = traced([DISK, LOGS, ["done"]], [...reading, found({ nodes: [ERROR] })]);
      const { stop_reason, causal_chain, error } = await agent.invoke("why?");
      assertEquals([stop_reason, error], ["complete", null]);
      assertEquals(causal_chain!.nodes.map(({ label }) => label), ["write error"]);
    });
    assertStringIncludes(text, "causal: no causes could be read out of the results: ");
    assertStringIncludes(text, message);
  }
});

test("Agent: causal asks nobody where there is nothing new", async () => {
  const once = tool({ name: "disk", idempotent: true, execute: () => "df: 100 %" });
  const { agent, reader } = traced(
    [DISK, [toolCall("c2", "disk", {})], ["done"]],
    [found({ nodes: [FULL] })],
    {},
    { tools: once },
  );
  assertEquals((await agent.invoke("why?")).stop_reason, "complete");
  assertEquals(reader.calls.length, 1);

  const plain = traced([["hi"]], []);
  const { causal_chain } = await plain.agent.invoke("hello");
  assertEquals([causal_chain!.nodes, plain.reader.calls.length], [[], 0]);
});

test("Agent: the chain of a run has bounds; when they are reached nobody is asked any more", async () => {
  const { agent, reader } = traced(
    [DISK, LOGS, ["done"]],
    [found({ nodes: [FULL, ERROR, { label: "third", node_type: "symptom" }], edges: [CAUSES] })],
    { maxNodes: 2 },
  );
  const text = await printed(async () => {
    const { causal_chain } = await agent.invoke("why?");
    assertEquals(causal_chain!.nodes.map(({ label }) => label), ["disk full", "write error"]);
    assertEquals(edgesOf(causal_chain!), ["disk full causes write error"]);
  });
  assertEquals(reader.calls.length, 1);
  assertStringIncludes(text, 'may have 2 nodes ("maxNodes") and 400 edges ("maxEdges")');

  const edges = traced([DISK, ["done"]], [found({
    nodes: [FULL, ERROR],
    edges: [CAUSES, { ...CAUSES, relationship: "precedes" }],
  })], { maxEdges: 1 });
  await printed(async () => {
    const { causal_chain } = await edges.agent.invoke("why?");
    assertEquals(edgesOf(causal_chain!), ["disk full causes write error"]);
  });
});

test("Agent: cancelling while causes are read ends the run at once", async () => {
  const controller = new AbortController();
  const { agent } = traced([DISK], [() => {
    controller.abort();
    return new Promise<never>(() => {});
  }]);
  const text = await printed(async () => {
    const { events } = await collect(agent.run("why?", { signal: controller.signal }));
    assertEquals(only(events, "terminate").reason, "cancelled");
  });
  assertEquals(text, "");
});

test("Agent: a run that waited goes on with its chain, in a fresh process too", async () => {
  const storage = new MapStorage();
  const open = (): Checkpointer => storageCheckpointer(storage);
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => `heard ${interrupt("when?")}` });
  const options = () => ({ tools: [disk, ask], checkpointer: open() });
  const first = traced(
    [DISK, [toolCall("c2", "ask", {})]],
    [found({ nodes: [FULL] })],
    {},
    options(),
  );
  const waits = await first.agent.invoke("why?", { threadId: "t" });
  assertEquals(waits.causal_chain!.nodes.length, 1);

  const reading = found({ nodes: [FULL, ERROR], edges: [CAUSES] });
  const second = traced([["done"]], [reading], {}, options());
  const run = second.agent.resume("at noon", { threadId: "t" });
  const { events } = await collect(run);
  assertEquals(outline(events).slice(0, 3), ["tool_complete c2", "causal_node", "causal_edge"]);
  assertEquals(edgesOf(run.result!.causal_chain!), ["disk full causes write error"]);
  // The result of the first part is what it was.
  assertEquals(waits.causal_chain!.nodes.length, 1);

  // A new prompt is a new run.
  const third = traced([["done"]], [], {}, options());
  assertEquals((await third.agent.invoke("?", { threadId: "t" })).causal_chain!.nodes, []);
});

test("Agent: a thread without a chain can be resumed, and one whose chain is broken says so", async () => {
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => `heard ${interrupt("when?")}` });
  const checkpointer = new MemoryCheckpointer();
  const options = { tools: [disk, ask], checkpointer };
  const reading = found({ nodes: [FULL, ERROR], edges: [CAUSES] });
  const first = traced([DISK, [toolCall("c2", "ask", {})]], [reading], {}, options);
  await first.agent.invoke("why?", { threadId: "t" });
  const stored = JSON.stringify(await checkpointer.load("t"));
  const put = (change: (features: { causal?: { nodes: unknown[] } }) => void) => {
    const snapshot = JSON.parse(stored) as Snapshot;
    change((snapshot.data as { features: { causal?: { nodes: unknown[] } } }).features);
    return checkpointer.save(snapshot, "t");
  };

  await put(({ causal }) => void causal!.nodes.pop());
  const second = traced([["done"]], [], {}, options);
  const error = await assertRejects(
    () => second.agent.resume("noon", { threadId: "t" }).next(),
    CheckpointError,
  );
  assertStringIncludes(error.message, "there is no node");

  await put((features) => void delete features.causal);
  const third = traced([["done"]], [found({})], {}, options);
  const run = third.agent.resume("noon", { threadId: "t" });
  assertEquals((await collect(run)).error, null);
  assertEquals(run.result!.causal_chain!.nodes, []);
});

test("Agent: without causal nobody is asked, and the result says null", async () => {
  for (const causal of [false, null, undefined, { enabled: false }]) {
    const { agent, model } = agentOf([DISK, ["done"]], { tools: disk, causal });
    const { causal_chain } = await agent.invoke("why?");
    assertEquals([causal_chain, model.calls.length], [null, 2]);
  }
});

test("JSON.stringify() of a result has its chain of causes", async () => {
  const { agent } = traced([DISK, ["done"]], [found({ nodes: [FULL] })]);
  const { causal_chain } = JSON.parse(JSON.stringify(await agent.invoke("why?")));
  assertEquals([causal_chain.nodes[0].label, causal_chain.edges], ["disk full", []]);
});

test("ConsoleHandler shows the causes of a run", async () => {
  let text = "";
  const handler = new ConsoleHandler({ useEmoji: false, output: (piece) => text += piece });
  const { agent } = traced([DISK, ["done"]], [found({ nodes: [FULL, ERROR], edges: [CAUSES] })]);
  const events: AgentEvent[] = [];
  for await (const event of agent.run("why?")) {
    events.push(event);
    handler.onEvent(event);
  }
  const [full, error] = all(events, "causal_node");
  assertStringIncludes(text, "Causal node: disk full (root_cause)\n");
  assertStringIncludes(text, `Causal edge: ${full!.node_id} -> ${error!.node_id} (causes)\n`);
});

test("Agent() refuses bad causal options by name", () => {
  const cases: [unknown, ErrorConstructor, string][] = [
    [5, TypeError, "Agent: causal: options must be an object, got 5"],
    [{ depth: 1 }, TypeError, 'Agent: causal: unknown option "depth"'],
    [{ enabled: 1 }, TypeError, '"enabled" must be true or false, got 1'],
    [{ model: "gpt" }, TypeError, '"causal.model" must be a language model'],
    [{ maxNodes: 0 }, RangeError, '"maxNodes" must be a whole number of at least 1, got 0'],
    [{ maxEdges: 1.5 }, RangeError, '"maxEdges" must be a whole number of at least 1, got 1.5'],
  ];
  for (const [causal, error, message] of cases) {
    assertThrows(() => agentOf([], { causal: causal as CausalOptions }), error as never, message);
  }
});
