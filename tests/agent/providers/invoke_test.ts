import { assertEquals } from "@std/assert";
import type { AgentEvent } from "@locus/core/agent";
import { agentFor, perform, replayed } from "./perform.ts";
import { type Reply, serveReplies } from "./provider_server.ts";
import { callsFunctions, isWhole, type Play, testPlays } from "./recordings.ts";

testPlays(
  "an answer that does not stream tells the same, but for chunks",
  isWhole,
  async (play) => {
    const { events } = await perform(play);
    const { events: whole, error } = await perform(play, {
      streaming: false,
      replies: bodiesFor(play),
    });
    assertEquals(error, null);
    assertEquals(withoutTimes(whole), withoutTimes(events).filter(isNoChunk));
  },
);

testPlays("invoke() comes to the recorded answer", callsFunctions, async (play) => {
  const server = await serveReplies(bodiesFor(play));
  try {
    const { agent, executed } = agentFor(play, server);
    const { message, stop_reason, metrics } = await agent.invoke("Go on.");
    const turns = replayed(play).map(({ answer }) => answer);
    const total = (key: "input" | "output") =>
      turns.reduce((sum, { usage }) => sum + (usage?.[key] ?? 0), 0);
    assertEquals([message, stop_reason], [turns.at(-1)!.texts.join(""), "complete"]);
    assertEquals(executed, play.answer.toolCalls);
    assertEquals(metrics.prompt_tokens, total("input"));
    assertEquals(metrics.completion_tokens, total("output"));
    assertEquals(metrics.total_tokens, total("input") + total("output"));
    assertEquals(metrics.iterations, turns.length);
  } finally {
    await server.close();
  }
});

/** The provider's answers as it gives them to who does not ask for a stream. */
function bodiesFor(play: Play): Reply[] {
  return replayed(play).map(({ wire, lines }) => ({
    type: "application/json",
    pieces: [JSON.stringify(wire.body(lines))],
  }));
}

function isNoChunk({ event_type }: { event_type: string }): boolean {
  return event_type !== "model_chunk";
}

function withoutTimes(events: readonly AgentEvent[]): AgentEvent[] {
  return events.map((event) => ({ ...event, timestamp: "", duration_ms: 0 }));
}
