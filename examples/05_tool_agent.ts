/**
 * An agent with tools: arguments are checked before a tool runs, calls of one turn run at the same
 * time, a failing tool is told to the model, and every call shows up on the bus.
 */
import { EventBus, withRun } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { scriptedModel } from "@locus/core/testing";
import { z } from "zod";

const weather = tool({
  name: "weather",
  description: "The weather in a city.",
  parameters: z.object({ city: z.string(), day: z.enum(["today", "tomorrow"]).default("today") }),
  // The signal is aborted when the run is cancelled: hand it on to fetch and the like.
  execute: ({ city, day }, { signal }) => {
    signal.throwIfAborted();
    return `clear in ${city} ${day}, 18 °C`;
  },
});
const trains = tool({
  name: "trains",
  description: "Trains between two cities.",
  parameters: z.object({ from: z.string(), to: z.string() }),
  execute: () => {
    throw new Error("the timetable is down");
  },
});

const agent = new Agent({
  // In place of openai("gpt-5"): one turn with two calls, then the answer.
  model: scriptedModel([
    {
      toolCalls: [
        { toolName: "weather", input: { city: "Oslo" } },
        { toolName: "trains", input: { from: "Bergen", to: "Oslo" } },
      ],
    },
    "It is clear in Oslo, 18 °C. I could not look up the trains.",
  ]),
  tools: [weather, trains],
});

const bus = new EventBus();
const result = await withRun({ runId: "trip", bus }, () => agent.invoke("Oslo by train?"));

const outcomes = new Map<string, boolean>();
for await (const event of bus.subscribe("trip", { select: "agent.tool.*" })) {
  if (event.event_type === "agent.tool.started") {
    console.log(`${event.data.tool_name} started with ${event.data.arg_keys.join(", ")}`);
  } else if (event.event_type === "agent.tool.completed") {
    const { tool_name, success, error, output_preview } = event.data;
    outcomes.set(tool_name, success);
    console.log(`${tool_name} ${success ? "returned" : "failed:"} ${error ?? output_preview}`);
  }
}
console.log(`answer (${result.stop_reason}): ${result.message}`);

if (outcomes.get("weather") !== true || outcomes.get("trains") !== false || !result.success) {
  throw new Error("Expected one tool to return and one to fail, and the run to go on");
}
