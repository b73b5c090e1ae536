import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { all, only } from "../_support.ts";
import { perform } from "./perform.ts";
import { madeUp, playsOf, toRecording, wires } from "./recordings.ts";

test("toRecording() finds the wire by the name of the file", () => {
  for (const wire of wires) {
    const text = `${wire.say("Hello").join("\n\n")}\n`;
    const recording = toRecording(`${wire.name}.hello.chunks.txt`, text);
    assertEquals([recording.name, recording.wire], [`${wire.name}.hello`, wire]);
    assertEquals(recording.lines, wire.say("Hello"));
  }
});

test("toRecording() refuses a wire that nobody can read", () => {
  for (const name of ["google-generative.text.chunks.txt", "openai-chat-2.text.chunks.txt"]) {
    assertThrows(() => toRecording(name, "{}"), Error, `${name}: its wire must be one of`);
  }
});

for (const wire of wires) {
  test(`${wire.name}: the reader reads an answer`, () => {
    const { texts, usage, complete, failed } = wire.read(wire.say("Hello"));
    assertEquals({ texts, usage, complete, failed }, {
      texts: ["Hello"],
      usage: { input: 1, output: 1 },
      complete: true,
      failed: false,
    });
  });

  test(`${wire.name}: the reader sees that there is more to come`, () => {
    assertEquals(wire.read(wire.say("Hello").slice(0, 1)).complete, false);
    assertEquals(wire.read([]).complete, false);
  });

  test(`${wire.name}: the reader sees failures, and what is no JSON`, () => {
    const [start = ""] = wire.say("Hello");
    assertEquals(wire.read([start, wire.fail("no")]).failed, true);
    assertEquals(wire.read([start, "{"]).failed, true);
  });

  for (const play of playsOf(madeUp(wire))) {
    test(`${wire.name} through ${play.client.name}: an answer that nobody recorded`, async () => {
      const { events } = await perform(play);
      assertEquals(all(events, "model_chunk").map(({ content }) => content), ["Done.", null]);
      assertEquals(only(events, "model_complete").usage.total_tokens, 2);
      assertEquals(only(events, "terminate").final_message, "Done.");
    });
  }
}
