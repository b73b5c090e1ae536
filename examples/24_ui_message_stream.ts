/**
 * A run as a message of the AI SDK, read by the AI SDK's own reader. A page with `useChat()` needs no more than the route
 * `GET /runs/:run_id/ui-message-stream` of `locus()`.
 */
import { EventBus, withRun } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { scriptedModel } from "@locus/core/testing";
import { toUiMessageStream } from "@locus/core/ui-message-stream";
import { readUIMessageStream, type UIMessage, type UIMessageChunk } from "ai";
import { z } from "zod";

const weather = tool({
  name: "weather",
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => `clear in ${city}, 18 °C`,
});
const call = { toolName: "weather", input: { city: "Oslo" } };
const model = scriptedModel([
  { toolCalls: [call] },
  "It is clear in Oslo, 18 °C.",
]);
const agent = new Agent({ model, tools: [weather] });

const bus = new EventBus();
const chunks = bus.subscribe("forecast").pipeThrough(toUiMessageStream());
await withRun(
  { runId: "forecast", bus },
  () => agent.invoke("Is it clear in Oslo?"),
);

let message: UIMessage | undefined;
const stream = chunks as ReadableStream<UIMessageChunk>;
for await (message of readUIMessageStream({ stream }));
for (const part of message?.parts ?? []) {
  console.log(part.type, "text" in part ? part.text : "");
}
if (message?.parts.length !== 4) {
  throw new Error("Expected a step with a call, and the answer");
}
