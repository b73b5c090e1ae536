import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus, withRun } from "@locus/core";
import { Agent, type AgentEvent, tool } from "@locus/core/agent";
import { all } from "../_support.ts";
import { serveReplies } from "./provider_server.ts";
import { bedrock } from "./written/bedrock.ts";
import { chatCompletions } from "./written/chat_completions.ts";
import { cohere } from "./written/cohere.ts";
import { google } from "./written/google.ts";
import { xai } from "./written/xai.ts";
import { said, type Turn, type Written } from "./written/turns.ts";

const clients: readonly Written[] = [google, ...chatCompletions, xai, cohere, bedrock];

/** Runs an agent over what the provider streams in these turns. */
async function perform(client: Written, turns: readonly Turn[]) {
  const server = await serveReplies(turns.map((pieces) => ({ pieces, type: client.type })));
  const executed: unknown[] = [];
  const weather = tool<Record<string, unknown>>({
    name: said.tool,
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    execute: (args) => {
      executed.push(args);
      return "Sunny";
    },
  });
  const bus = new EventBus();
  try {
    const agent = new Agent({ model: client.model(server.baseURL), tools: [weather] });
    const events: AgentEvent[] = [];
    let error: unknown = null;
    await withRun({ runId: "r", bus, content: true }, async () => {
      for await (const event of agent.run("Weather?")) events.push(event);
    }).catch((reason: unknown) => error = reason);
    const history = await bus.history({ run: "r" });
    return { events, executed, error, server, history: history.toReversed() };
  } finally {
    await server.close();
  }
}

for (const client of clients) {
  test(`${client.name}: text, reasoning and tool calls arrive as they were streamed`, async () => {
    const { events, executed, error, history, server } = await perform(client, client.turns);
    assertEquals(error, null);
    const chunks = all(events, "model_chunk").flatMap(({ content }) => content ?? []);
    assertEquals(chunks, [said.before, ...said.after]);
    assertEquals(executed, [said.args]);
    assertEquals(all(events, "think").map(({ reasoning }) => reasoning), [
      said.reasoning,
      said.after.join(""),
    ]);
    // Reasoning is told apart from the text.
    const beside = history.flatMap(({ event_type, data }) =>
      event_type === "agent.model.chunk" && data.channel === "reasoning" ? [data.text] : []
    );
    assertEquals(beside.join(""), said.reasoning);
    // The second request has the call and what came of it.
    const again = JSON.stringify(server.exchanges[1]!.body);
    assertEquals([again.includes(said.tool), again.includes("Sunny")], [true, true]);
  });

  test(`${client.name}: tokens are counted, and reasons to stop are mapped`, async () => {
    const { events, history } = await perform(client, client.turns);
    const [prompt, completion, cached, reasoning] = client.tokens;
    const spans = history.flatMap(({ event_type, data }) =>
      event_type === "span.completed" && data.kind === "model" ? [data.attributes ?? {}] : []
    ) as Record<string, unknown>[];
    const sum = (name: string) => spans.reduce((sum, span) => sum + Number(span[name] ?? 0), 0);
    assertEquals(
      ["input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens"].map(sum),
      [prompt, completion, cached, reasoning],
    );
    assertEquals(all(events, "model_complete").map(({ stop_reason }) => stop_reason), [
      ...client.stopReasons,
    ]);
    assertEquals(spans.map((span) => span["finish_reason"]), ["tool-calls", "stop"]);
  });

  test(`${client.name}: a stream that is cut off is an error`, async () => {
    const [first] = client.turns;
    const { events, error } = await perform(client, [first.slice(0, 2)]);
    assertEquals(error === null, false);
    assertEquals(events.at(-1)?.event_type, "terminate");
  });
}
