import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Agent, tool } from "../../src/agent/mod.ts";
import { agentNode, channel, END, graph, START } from "../../src/graph/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
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
