import { assertEquals } from "@std/assert";
import { EventBus, runContext } from "@locus/core";
import { eventsOf } from "../_support.ts";
import { perform } from "./perform.ts";
import { isWhole, type Play, testPlays } from "./recordings.ts";

/** What the bus gets of a run with the recording, where content is asked for. */
async function told(play: Play) {
  const bus = new EventBus({ content: true });
  await runContext({ bus, runId: "r" }, () => perform(play));
  return eventsOf(bus, "r", 10_000);
}

testPlays("reasoning is streamed apart from the text", isWhole, async (play) => {
  const { client, answer } = play;
  const events = await told(play);
  const first = events.find(({ data }) => data["kind"] === "model")!.data["span_id"];
  const chunks = events.filter(({ event_type, data }) =>
    event_type === "agent.model.chunk" && data["span_id"] === first
  ).map(({ data }) => data);
  const textOf = (channel?: string) =>
    chunks.filter((data) => data["channel"] === channel)
      .map((data) => channel === undefined ? data["content_preview"] : data["text"]).join("");
  assertEquals(textOf("reasoning"), client.readsThinking ? answer.reasoning : "");
  assertEquals(textOf(), answer.texts.join(""));
  // Consumers join the previews to the answer.
  const beside = chunks.filter((data) => "channel" in data);
  assertEquals(beside.every((data) => data["content_preview"] === ""), true);
});

testPlays("cached and reasoning tokens are counted", isWhole, async (play) => {
  const [used] = (await told(play)).filter(({ event_type }) => event_type === "agent.tokens.used");
  const { cached_input_tokens: cached, reasoning_tokens: reasoning } = used!.data;
  assertEquals([cached, reasoning], [
    // In the words of OpenAI and of Anthropic.
    lastCount(play, /"(?:cached_tokens|cache_read_input_tokens)":(\d+)/g),
    lastCount(play, /"reasoning_tokens":(\d+)/g),
  ]);
});

/** The last number that the recording says; 0 if it says none. */
function lastCount({ lines }: Play, pattern: RegExp): number {
  return Number([...lines.join("\n").matchAll(pattern)].at(-1)?.[1] ?? 0);
}
