import { assertEquals } from "@std/assert";
import { anthropicMessages, withThinkingOf } from "./anthropic_messages.ts";
import { perform, replayed, resultOf } from "./perform.ts";
import {
  answersTools,
  isWhole,
  type Play,
  plays,
  playsOf,
  recordingOf,
  testPlays,
} from "./recordings.ts";

testPlays("every turn is one request for a stream", isWhole, async (play) => {
  const { server } = await perform(play);
  assertEquals(
    server.exchanges.map(({ path, body }) => [path, (body as { stream: unknown }).stream]),
    replayed(play).map(({ wire }) => [`/v1${wire.path}`, true]),
  );
});

testPlays(
  "the second request hands back calls, results and thinking",
  answersTools,
  assertHandedBack,
);

testPlays(
  "thinking before tool calls is handed back as it was signed",
  ({ answer }) => answer.memory.length > 0,
  assertHandedBack,
  plays.filter((play) => play.wire === anthropicMessages && answersTools(play))
    .flatMap((play) =>
      plays.filter((other) => other.wire === play.wire && other.answer.reasoning !== "")
        .map(({ name, lines }) => ({ name, lines: withThinkingOf(play.lines, lines) }))
        .flatMap(({ name, lines }) =>
          playsOf(recordingOf(`${play.name} after ${name}`, play.wire, lines))
        )
    ),
);

async function assertHandedBack(play: Play): Promise<void> {
  const { server } = await perform(play);
  const { toolCalls, memory } = play.answer;
  assertEquals(play.wire.readRequest(server.exchanges[1]!.body), {
    toolCalls,
    results: toolCalls.map(({ id }) => ({ id, text: resultOf({ id }) })),
    memory: play.client.readsThinking ? memory : [],
  });
}
