/** An agent of Mastra, watched: an exporter beside those that you have is all that it takes. */
import { Mastra } from "@mastra/core";
import { Agent } from "@mastra/core/agent";
import type { MastraModelConfig } from "@mastra/core/llm";
import { createTool } from "@mastra/core/tools";
import { Observability } from "@mastra/observability";
import { z } from "zod";
import { EventBus } from "@locus/core";
import { LocusExporter } from "@locus/core/bridges/mastra";
import { scriptedModel } from "@locus/core/testing";

const weather = createTool({
  id: "weather",
  description: "Current weather",
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => Promise.resolve(`clear in ${city}, 18 °C`),
});
const forecaster = new Agent({
  id: "forecaster",
  name: "forecaster",
  instructions: "",
  // In place of "openai/gpt-5": one turn with a call, then the answer.
  model: scriptedModel([
    { toolCalls: [{ toolName: "weather", input: { city: "Oslo" } }] },
    "It is clear in Oslo, 18 °C.",
  ]) as MastraModelConfig,
  tools: { weather },
});
const bus = new EventBus();
const config = { serviceName: "app", exporters: [new LocusExporter({ bus })] };
const observability = new Observability({ configs: { default: config } });
const mastra = new Mastra({ agents: { forecaster }, observability, logger: false });

const answer = await mastra.getAgent("forecaster").stream("What is the weather in Oslo?");
console.log(await answer.text);

for await (const { event_type, data } of bus.subscribe(bus.runs()[0]!.run_id)) {
  if (event_type === "agent.tool.completed") console.log("weather →", data.output_preview);
}
if (!bus.history("agent.terminate")[0]?.data.success) throw new Error("Expected an agent");
