import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  handleStream,
  SseHandler,
  type SseHandlerOptions,
  type StreamedEvent,
} from "../../src/consumers/mod.ts";
import { decodeFrames } from "../../src/sse/mod.ts";
import { agentOf } from "../agent/_support.ts";
import { serve } from "../harness/support/serve.ts";

const tick = (n: number) => ({ event_type: "tick", timestamp: "t", n }) as StreamedEvent;

async function framesOf(response: Response) {
  const frames = [];
  for await (const { lastEventId: id, event, data } of response.body!.pipeThrough(decodeFrames())) {
    frames.push({ id, event, data: JSON.parse(data) });
  }
  return frames;
}

test("SseHandler streams a run of an agent to a client", async () => {
  const { agent } = agentOf([["hi"]]);
  const server = await serve({
    fetch() {
      const handler = new SseHandler({ idPrefix: "m-" });
      void handleStream(agent.run("go"), handler);
      return handler.response();
    },
  });
  const response = await fetch(server.url);
  const frames = await framesOf(response);
  await server.close();
  assertEquals(response.headers.get("Content-Type"), "text/event-stream; charset=utf-8");
  assertEquals(frames.map(({ id, event }) => [id, event]), [
    ["m-1", "model_complete"],
    ["m-2", "think"],
    ["m-3", "terminate"],
    ["m-4", "done"],
  ]);
  assertEquals(frames[2]!.data.final_message, "hi");
  assertEquals(frames[3]!.data, { status: "complete", total_events: 3 });
});

test("SseHandler tells the client nothing of an error but its id", async () => {
  const told: [unknown, string][] = [];
  const handler = new SseHandler({ onError: (error, id) => told.push([String(error), id]) });
  const failing = async function* () {
    yield tick(1);
    throw new Error("secret place");
  };
  await assertRejects(() => handleStream(failing(), handler), Error, "secret place");
  const frames = await framesOf(handler.response());
  assertEquals(frames.map(({ event }) => event), ["tick", "bus.error"]);
  assertEquals(told, [["Error: secret place", frames[1]!.data.correlation_id]]);
  assertEquals(JSON.stringify(frames).includes("secret"), false);
});

test("SseHandler says how many messages a slow client misses", async () => {
  const handler = new SseHandler({ maxMessages: 3 });
  for (let n = 1; n <= 10; n++) handler.onEvent(tick(n));
  handler.onComplete();
  const frames = await framesOf(handler.response());
  assertEquals(frames[0], {
    id: "",
    event: "bus.gap",
    data: { from_seq: 1, to_seq: 8, count: 8, reason: "lagged" },
  });
  assertEquals(frames.slice(1).map(({ id }) => id), ["9", "10", "11"]);
});

test("B6: an overtaken client of SseHandler that is as fast as the run is given events", async () => {
  const handler = new SseHandler({ maxMessages: 3 });
  const reader = handler.readable.getReader();
  for (let n = 1; n <= 5; n++) handler.onEvent(tick(n));
  const seen: string[] = [];
  for (let n = 6; n <= 30; n++) {
    handler.onEvent(tick(n));
    const text = new TextDecoder().decode((await reader.read()).value);
    seen.push(...text.match(/^event: .+$/gm)!);
  }
  await reader.cancel();
  assertEquals(seen, ["event: bus.gap", ...Array.from({ length: 25 }, () => "event: tick")]);
});

test("SseHandler leaves ids and timestamps out if asked, and takes a serialiser", async () => {
  const handler = new SseHandler({
    includeId: false,
    includeTimestamp: false,
    serialize: (event) => JSON.stringify({ wrapped: event }),
  });
  handler.onEvent(tick(1));
  handler.onComplete();
  const text = await handler.response().text();
  assertEquals(text.split("\n\n")[0], 'event: tick\ndata: {"wrapped":{"event_type":"tick","n":1}}');
});

test("SseHandler keeps nothing for a client that has left", async () => {
  const handler = new SseHandler();
  handler.onEvent(tick(1));
  await handler.readable.cancel();
  handler.onEvent(tick(2));
  handler.onComplete();
  assertEquals(handler.readable.locked, false);
});

test("SseHandler refuses what it cannot use", () => {
  const refuse = (options: unknown, message: string) =>
    assertThrows(() => new SseHandler(options as SseHandlerOptions), TypeError, message);
  refuse({ retry: 1 }, 'unknown option "retry"');
  refuse({ idPrefix: "a\nb" }, '"idPrefix" must be a text without line ends');
  refuse({ includeId: 1 }, '"includeId" must be true or false, got 1');
  assertThrows(() => new SseHandler({ maxMessages: 0 }), RangeError, '"maxMessages"');
});
