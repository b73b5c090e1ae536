import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus, runContext } from "../../mod.ts";
import { Agent, tool } from "../../src/agent/mod.ts";
import { agentNode, channel, END, graph, START } from "../../src/graph/mod.ts";
import { MemoryCheckpointer, type RecordStore } from "../../src/memory/mod.ts";
import { RunPicture, visitRows } from "../../src/view/mod.ts";
import type { AnyEvent } from "../harness/support/read.ts";
import { ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";

import { z } from "zod";

function make(checkpointer?: MemoryCheckpointer) {
  const sent: string[] = [];
  const transfer = tool({
    name: "transfer",
    parameters: z.object({}),
    execute: (_, { interrupt }) => {
      sent.push("asked");
      return `said ${interrupt({ question: "Transfer?", options: ["yes", "no"] })}`;
    },
  });
  const makeAgent = (...script: ConstructorParameters<typeof ScriptedModel>) =>
    new Agent({
      model: new ScriptedModel(...script),
      tools: [transfer],
      streaming: false,
      checkpointer,
    });
  const makeGraph = (agent: Agent) =>
    graph({
      state: { topic: channel(""), text: channel("") },
      nodes: {
        write: agentNode(agent, {
          input: (s: { topic: string }) => `Write about ${s.topic}.`,
          output: ({ message }) => ({ text: message }),
        }),
      },
      edges: { [START]: "write", write: END },
    });
  return { makeAgent, makeGraph, sent };
}

test("agentNode() asks with the agent's question and goes on where it asked, in this process", async () => {
  const { makeAgent, makeGraph } = make();
  const made = makeGraph(makeAgent([toolCall("c1", "transfer", {})], ["Done."]));
  const { thread_id: threadId, interrupts } = await made.execute({ topic: "gaps" });
  assertEquals(interrupts.map(({ question }) => question), [{
    question: "Transfer?",
    options: ["yes", "no"],
  }]);
  const { state, stop_reason } = await made.resume("yes", { threadId });
  assertEquals([stop_reason, state.text], ["end", "Done."]);
});

test("agentNode() goes on in another process; the model's first turn is not made again", async () => {
  const checkpointer = new MemoryCheckpointer();
  const { makeAgent, makeGraph } = make(checkpointer);
  const t = { threadId: "t", checkpointer };
  await makeGraph(makeAgent([toolCall("c1", "transfer", {})])).execute({}, t);
  const { state } = await makeGraph(makeAgent(["Done."])).resume("yes", t);
  assertEquals(state.text, "Done.");
});

test("a node whose agent fails, fails", async () => {
  const { makeAgent, makeGraph } = make();
  const { errors } = await makeGraph(makeAgent(new Error("no model"))).execute({});
  assertEquals(errors, { write: "Error: no model" });
});

/** What `fn` says in a run, oldest first. */
async function watch(bus: EventBus, fn: () => Promise<unknown>): Promise<AnyEvent[]> {
  await runContext({ runId: "r1", bus }, fn);
  return [...bus.history({ run: "r1" })].reverse();
}

test("an agent's question in a graph is told once, by its own name, when an answer would reach it", async () => {
  const checkpointer = new MemoryCheckpointer();
  const { makeAgent, makeGraph } = make(checkpointer);
  const made = makeGraph(makeAgent([toolCall("c1", "transfer", {})], ["Done."]));
  const t = { threadId: "t", checkpointer };
  const bus = new EventBus();
  let ids: string[] = [];
  const events = await watch(bus, async () => {
    ids = (await made.execute({}, t)).interrupts.map(({ id }) => id);
  });
  const asked = events.filter(({ event_type }) => event_type === "agent.interrupt");
  assertEquals(asked.map(({ data }) => data.interrupt_id), ids);
  assertEquals([asked[0]!.data.graph_id, asked[0]!.data.node_id], [made.id, "write"]);
  const agent = events.find(({ data }) => data.kind === "agent")!;
  assertEquals(asked[0]!.data.span_id, agent.data.span_id);
  const saved = events.find(({ data }) => data.trigger === "graph_interrupt")!;
  assert(events.indexOf(saved) < events.indexOf(asked[0]!));
  const states = () => {
    const picture = new RunPicture("r1");
    for (const event of [...bus.history({ run: "r1" })].reverse()) picture.add(event);
    const found: string[] = [];
    visitRows(picture.rows, (row) => {
      if (row.kind === "span") found.push(`${row.role} ${row.state}`);
    });
    return found;
  };
  assertEquals(states(), ["span waiting", "node waiting", "agent waiting", "tool waiting"]);
  const after = await watch(bus, () => made.resume("yes", { ...t, interruptId: ids[0] }));
  const answered = after.filter(({ event_type }) => event_type === "agent.interrupt.answered");
  assertEquals(answered.map(({ data }) => data.interrupt_id), ids);
  assertEquals(states(), ["span done", "node waiting", "agent done", "tool done", "node done"]);
});

test("an agent's question whose process died before it was told is told by the graph", async () => {
  const checkpointer = new MemoryCheckpointer();
  const { makeAgent, makeGraph } = make(checkpointer);
  const records = checkpointer.records.bind(checkpointer);
  let isFull = true;
  checkpointer.records = async (threadId) => {
    const store = await records(threadId);
    const create = (key: string, value: string) => {
      if (isFull && value.includes('"wait"')) throw new Error("full");
      return store.create(key, value);
    };
    return { ...bound(store), create };
  };
  const t = { threadId: "t", checkpointer };
  const bus = new EventBus();
  const first = await watch(bus, async () => {
    const made = makeGraph(makeAgent([toolCall("c1", "transfer", {})]));
    assertEquals((await made.execute({}, t)).stop_reason, "failed");
  });
  assertEquals(first.filter(({ event_type }) => event_type === "agent.interrupt"), []);
  isFull = false;
  const next = makeGraph(makeAgent(["Done."]));
  let id: string | undefined;
  const events = await watch(bus, async () => {
    id = (await next.recover(t)).interrupts[0]!.id;
  });
  const asked = events.filter(({ event_type }) => event_type === "agent.interrupt");
  assertEquals(asked.map(({ data }) => data.interrupt_id), [id]);
  assertEquals((await next.resume("yes", t)).state.text, "Done.");
});

function bound(store: RecordStore): RecordStore {
  const { create, get, remove, keys } = store;
  return {
    create: create.bind(store),
    get: get.bind(store),
    remove: remove.bind(store),
    keys: keys.bind(store),
  };
}
