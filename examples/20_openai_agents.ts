/**
 * An agent of the OpenAI Agents SDK, watched: one line is all that a program which you already have needs. A call outside
 * of any run becomes a run of its own.
 */
import { EventBus } from "@locus/core";
import { locusTraceProcessor } from "@locus/core/bridges/openai-agents";
import { addTraceProcessor, Agent, run, tool } from "@openai/agents";
import { assistantMessage, functionCall, ScriptedModel } from "@openai/agents/testing";
import { z } from "zod";

const bus = new EventBus();
addTraceProcessor(locusTraceProcessor({ bus }));

// From here on, the program knows nothing of Locus.
const weather = tool({
  name: "weather",
  description: "Current weather in a city",
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => `clear in ${city}, 18 °C`,
});
const agent = new Agent({
  name: "forecaster",
  // In place of "gpt-5": one turn with a call, then the answer.
  model: new ScriptedModel([
    [functionCall("weather", { city: "Oslo" }, { callId: "c1" })],
    [assistantMessage("It is clear in Oslo, 18 °C.")],
  ]),
  tools: [weather],
});
const { finalOutput } = await run(agent, "What is the weather in Oslo?");
console.log(finalOutput);

const [done] = bus.history("agent.tool.completed");
console.log(done?.data.tool_name, "→", done?.data.output_preview);
const [end] = bus.history("agent.terminate");
if (end?.data.total_tool_calls !== 1 || !end.data.success) {
  throw new Error("Expected an agent that called one tool on the bus");
}
