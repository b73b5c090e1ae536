/**
 * Tutorial, part 1: an agent that nobody watches.
 *
 * Events are made only inside a run context. Without one, every place that could emit reads one context
 * variable and goes on: no event, no allocation, and not even a bus.
 */
import { currentRunId, emit, hasEventBus } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { scriptedModel } from "@locus/core/testing";

const agent = new Agent({
  model: scriptedModel(["Locus shows what an agent is doing while it does it."]),
});
const result = await agent.invoke("In one sentence, what is Locus?");
console.log("answer:", result.message);

// Your own events cost as little.
emit("shop.paid", { order_id: "42" });

if (currentRunId() !== undefined) throw new Error("There is no run context here");
if (hasEventBus()) throw new Error("Without a run context nothing must make a bus");
console.log("no run context: the agent ran, and no bus was ever made");
