/**
 * An agent of LangGraph, watched: a callback is all that a program which you already have needs. A call outside of
 * any run becomes a run of its own.
 */
import { AIMessage } from "@langchain/core/messages";
import { fakeModel } from "@langchain/core/testing";
import { tool } from "@langchain/core/tools";
import { EventBus } from "@locus/core";
import { LocusHandler } from "@locus/core/bridges/langchain";
import { createAgent } from "langchain";
import { z } from "zod";

const weather = tool(({ city }) => `clear in ${city}, 18 °C`, {
  name: "weather",
  schema: z.object({ city: z.string() }),
});
const agent = createAgent({
  name: "forecaster",
  // In place of new ChatOpenAI(): one turn with a call, then the answer.
  model: fakeModel()
    .respondWithTools([{ name: "weather", args: { city: "Oslo" } }])
    .respond(new AIMessage("It is clear in Oslo, 18 °C.")),
  tools: [weather],
});

const bus = new EventBus();
const question = {
  messages: [{ role: "user", content: "What is the weather in Oslo?" }],
};
const { messages } = await agent.invoke(question, {
  callbacks: [new LocusHandler({ bus })],
});
console.log(messages.at(-1)?.content);

const nodes = bus.history("multiagent.graph.node.started").map(({ data }) => data.node_id);
console.log("nodes:", nodes.toReversed().join(", "));
const [end] = bus.history("agent.terminate");
if (nodes.length !== 3 || end?.data.total_tool_calls !== 1) {
  throw new Error("Expected three nodes and one tool call on the bus");
}
