import fc from "../../harness/support/property.ts";
import { assertEquals } from "@std/assert";
import type { AgentEvent } from "@locus/core/agent";
import { perform } from "./perform.ts";
import { type Play, testPlays } from "./recordings.ts";

testPlays("a stream in single bytes tells the same", isShort, async (play) => {
  assertEquals(await tellIn(play, [1]), await tellWhole(play));
});

testPlays("a stream in pieces of any size tells the same", () => true, async (play) => {
  const told = await tellWhole(play);
  const sizes = fc.array(fc.integer({ min: 1, max: 2 * averageLine(play) }), {
    minLength: 1,
    maxLength: 50,
  });
  await fc.assert(
    fc.asyncProperty(sizes, async (sizes) => assertEquals(await tellIn(play, sizes), told)),
    { numRuns: 10 },
  );
});

function isShort({ lines }: Play): boolean {
  return lines.join("").length < 20_000;
}

function averageLine({ lines }: Play): number {
  return Math.ceil(lines.join("").length / lines.length);
}

async function tellWhole(play: Play): Promise<unknown[]> {
  return timeless((await perform(play)).events);
}

/** What is told if each body comes in pieces of these sizes, over and over. */
async function tellIn(play: Play, sizes: readonly number[]): Promise<unknown[]> {
  const { events } = await perform(play, {
    async fetch(input, init) {
      const response = await fetch(input, init);
      return new Response(response.body!.pipeThrough(slicer(sizes)), response);
    },
  });
  return timeless(events);
}

function slicer(sizes: readonly number[]): TransformStream<Uint8Array, Uint8Array> {
  let next = 0;
  return new TransformStream({
    transform(bytes, controller) {
      for (let at = 0; at < bytes.length;) {
        const size = sizes[next++ % sizes.length]!;
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
      }
    },
  });
}

/** The events without what differs from run to run. */
function timeless(events: readonly AgentEvent[]): unknown[] {
  return events.map((event) => ({ ...event, timestamp: "", duration_ms: 0 }));
}
