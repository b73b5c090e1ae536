import { assertEquals } from "@std/assert";
import { deadline } from "../../../src/core/waits.ts";
import type { Agent, AgentEvent } from "@locus/core/agent";
import { collect, only } from "../_support.ts";
import { agentFor } from "./perform.ts";
import { serveReplies } from "./provider_server.ts";
import { isWhole, madeUp, type Play, playsOf, testPlays, wires } from "./recordings.ts";

testPlays("aborting its signal in the middle closes the connection", isWhole, async (play) => {
  const controller = new AbortController();
  await interrupt(play, halfOf(play), {
    signal: controller.signal,
    stop: () => controller.abort(),
    ends: (events) => assertEquals(only(events, "terminate").reason, "cancelled"),
  });
});

testPlays("cancelling the agent in the middle closes the connection", isWhole, async (play) => {
  await interrupt(play, halfOf(play), {
    stop: (agent) => agent.cancel(),
    ends: (events) => assertEquals(only(events, "terminate").reason, "cancelled"),
  });
});

testPlays("leaving the run in the middle closes the connection", speaks, async (play) => {
  const { wire, lines } = play;
  const saysSomething = (count: number) => wire.read(lines.slice(0, count)).texts.length > 0;
  const count = [...lines.keys()].find(saysSomething)!;
  const pieces = wire.frames(lines).slice(0, count);
  const server = await serveReplies([{ pieces, then: "wait" }]);
  try {
    const { agent } = agentFor(play, server);
    for await (const { event_type } of agent.run("Go on.")) {
      assertEquals(event_type, "model_chunk");
      break;
    }
    await deadline(server.exchanges[0]!.left, LIMIT_MS);
  } finally {
    await server.close();
  }
});

testPlays("cancelling before the first byte closes the connection", isWhole, async (play) => {
  await interrupt(play, [], {
    stop: (agent) => agent.cancel(),
    ends: (events) => assertEquals(events.map(({ event_type }) => event_type), ["terminate"]),
  });
});

testPlays("a failure in the middle closes a connection that stays open", isWhole, async (play) => {
  await interrupt(play, [...halfOf(play), ...play.wire.frames([play.wire.fail("no more")])], {
    ends: (events) => assertEquals(only(events, "terminate").reason, "error"),
  });
});

testPlays(
  "a failure at once closes a connection that stays open",
  () => true,
  async (play) => {
    await interrupt(play, play.wire.frames([play.wire.fail("no more")]), {
      ends: (events) => assertEquals(only(events, "terminate").reason, "error"),
    });
  },
  wires.map(madeUp).flatMap(playsOf),
);

// Nothing here takes time: what has not come by then will not come.
const LIMIT_MS = 5_000;

// Deno 2.9 does not close the connection of a request that is aborted after its `Response` was
// collected, though its body fails as it should. So these live as long as the tests.
const responses: Response[] = [];

async function fetchAndKeep(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  responses.push(response);
  return response;
}

interface Interruption {
  signal?: AbortSignal;
  stop?(agent: Agent): void;
  ends(events: readonly AgentEvent[]): void;
}

/** The provider sends the pieces and then nothing more; it must see that nobody waits any longer. */
async function interrupt(
  play: Play,
  pieces: readonly string[],
  { signal, stop, ends }: Interruption,
): Promise<void> {
  const server = await serveReplies([{ pieces, then: "wait" }]);
  try {
    const { agent } = agentFor(play, server, {}, fetchAndKeep);
    const collected = collect(agent.run("Go on.", { signal }));
    await server.answered(1);
    stop?.(agent);
    const { events } = await deadline(collected, LIMIT_MS);
    ends(events);
    await deadline(server.exchanges[0]!.left, LIMIT_MS);
  } finally {
    await server.close();
  }
}

function halfOf({ wire, lines }: Play): string[] {
  return wire.frames(lines).slice(0, Math.ceil(lines.length / 2));
}

function speaks(play: Play): boolean {
  return isWhole(play) && play.answer.texts.length > 0;
}
