/**
 * An agent of the AI SDK, watched: one line is all that a program which you already have needs. A call outside of
 * any run becomes a run of its own.
 */
import { EventBus } from "@locus/core";
import { locusTelemetry } from "@locus/core/bridges/ai-sdk";
import { scriptedModel } from "@locus/core/testing";
import { isStepCount, registerTelemetry, streamText, tool } from "ai";
import { z } from "zod";

const bus = new EventBus();
registerTelemetry(locusTelemetry({ bus }));

// From here on, the program knows nothing of Locus.
const result = streamText({
  // In place of openai("gpt-5"): one turn with a call, then the answer.
  model: scriptedModel([
    { toolCalls: [{ toolName: "weather", input: { city: "Oslo" } }] },
    "It is clear in Oslo, 18 °C.",
  ]),
  tools: {
    weather: tool({
      inputSchema: z.object({ city: z.string() }),
      execute: ({ city }) => `clear in ${city}, 18 °C`,
    }),
  },
  prompt: "What is the weather in Oslo?",
  stopWhen: isStepCount(5),
  telemetry: { functionId: "forecaster" },
});
console.log(await result.text);

const [run] = await bus.runs();
let isDone = false;
for await (const { event_type, data } of bus.subscribe(run!.run_id)) {
  if (event_type === "agent.terminate") isDone = data.total_tool_calls === 1;
  if (event_type !== "agent.tool.completed") continue;
  console.log(data.tool_name, "→", data.output_preview);
}
if (!isDone) throw new Error("Expected the tool and the end of the agent on the bus");
