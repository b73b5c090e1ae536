import { assert, assertEquals } from "@std/assert";
import { only } from "../_support.ts";
import { perform, repliesFor } from "./perform.ts";
import type { Reply } from "./provider_server.ts";
import { isWhole, type Play, testPlays } from "./recordings.ts";

testPlays(
  "a connection that breaks after any line ends the run in one error",
  () => true,
  async (play) => {
    for (const { pieces } of cutsOf(play)) await assertFails(play, [{ pieces, then: "cut" }]);
  },
);

testPlays("a stream that ends too early ends the run in one error", () => true, async (play) => {
  for (const { pieces, hasEnd } of cutsOf(play)) {
    if (!hasEnd) await assertFails(play, [{ pieces }]);
  }
});

testPlays("a stream that lacks only what follows the answer is whole", isWhole, async (play) => {
  const [, ...rest] = repliesFor(play);
  for (const { pieces } of cutsOf(play).filter(({ hasEnd }) => hasEnd)) {
    const { events, error } = await perform(play, { replies: [{ pieces }, ...rest] });
    assertEquals([only(events, "terminate").reason, error], ["complete", null]);
  }
});

async function assertFails(play: Play, replies: readonly Reply[]): Promise<void> {
  const { events, error, executed } = await perform(play, { replies });
  const { reason, final_message } = only(events, "terminate");
  assertEquals([reason, final_message], ["error", null]);
  assertEquals(events.at(-1)!.event_type, "terminate");
  assert(error instanceof Error);
  assertEquals(executed, []);
}

interface Cut {
  readonly pieces: string[];
  /** Whether the lines before the cut say that the answer is complete. */
  readonly hasEnd: boolean;
}

/** The stream cut after each of its lines, and in the middle of each. Of long ones, at some of them. */
function cutsOf({ wire, lines }: Play): Cut[] {
  const frames = wire.frames(lines);
  const places = [...lines.keys(), lines.length];
  const every = Math.ceil(lines.length / 60);
  const ends = 8;
  // Some files hold several answers, one after the other: no response does, so the first one is cut.
  const end = places.find((n) => wire.read(lines.slice(0, n)).complete) ?? Infinity;
  return places
    .filter((n) => n % every === 0 || n < ends || n > lines.length - ends)
    .flatMap((n) => {
      const { complete, failed } = wire.read(lines.slice(0, n));
      const hasEnd = complete && !failed;
      if (n > end && !hasEnd) return [];
      const before = frames.slice(0, n);
      const next = frames[n] ?? "";
      const torn = next.slice(0, Math.floor(next.length / 2));
      return [{ pieces: before, hasEnd }, { pieces: [...before, torn], hasEnd }];
    });
}
