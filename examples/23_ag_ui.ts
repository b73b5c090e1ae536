/**
 * A run on a screen of AG-UI: the routes of Locus serve it, and AG-UI's own client puts the messages together, as it does
 * for its components.
 */
import { HttpAgent } from "@ag-ui/client";
import { EventBus, withRun } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { locus } from "@locus/core/hono";
import { scriptedModel } from "@locus/core/testing";
import { z } from "zod";
import { serve } from "./support/serve.ts";

const weather = tool({
  name: "weather",
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => `clear in ${city}, 18 °C`,
});
const call = { toolName: "weather", input: { city: "Oslo" } };
const model = scriptedModel([{ toolCalls: [call] }, "It is clear in Oslo, 18 °C."]);
const agent = new Agent({ model, tools: [weather] });

const bus = new EventBus();
const app = locus({ bus });
const server = await serve((request) => app.fetch(request));

// The screen may come before the run, in the middle of it, or after it. It would POST.
const url = `${server.url}/runs/forecast/ag-ui`;
const screen = new HttpAgent({ url, fetch: (url, { signal }) => fetch(url, { signal }) });
const shown = screen.runAgent();
await withRun({ runId: "forecast", bus }, () => agent.invoke("Is it clear in Oslo?"));
await shown;
await server.stop();

for (const { role, content } of screen.messages) console.log(`${role}: ${content ?? "(calls)"}`);
if (screen.messages.length !== 3) throw new Error("Expected a call, its result and an answer");
