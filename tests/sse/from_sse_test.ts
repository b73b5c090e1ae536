import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { EventBus } from "@locus/core";
import { encodeFrame, fromSse, toSse } from "@locus/core/sse";
import { readAll } from "../harness/support/read.ts";
import { until } from "../harness/support/until.ts";

async function decode(...frames: Uint8Array<ArrayBuffer>[]): Promise<unknown[]> {
  const events: unknown[] = [];
  const body = new Response(new Blob(frames)).body!;
  for await (const event of body.pipeThrough(fromSse())) events.push(event);
  return events;
}

test("toSse() and fromSse() carry a run unchanged", async () => {
  const bus = new EventBus();
  for (const n of [1, 2, 3]) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
  bus.closeStream("r");
  const decoded: unknown[] = [];
  for await (const event of bus.subscribe("r").pipeThrough(toSse()).pipeThrough(fromSse())) {
    decoded.push(event);
  }
  assertEquals(decoded, await readAll(bus.subscribe("r")));
});

test("toSse() passes on a cancellation", async () => {
  const bus = new EventBus();
  const reader = bus.subscribe("r").pipeThrough(toSse()).getReader();
  await reader.cancel();
  await until("the subscription is given back", () => bus.stats().active_runs === 0);
});

test("fromSse() fails at a message that is not JSON", async () => {
  await assertRejects(
    () => decode(encodeFrame({ event: "a", data: "{" })),
    TypeError,
    "a message is not JSON",
  );
});

for (
  const data of [
    null,
    [],
    {},
    { event_id: "e-1", run_id: "r", event_type: "a", timestamp: "t" },
    { event_id: "e-1", run_id: "r", event_type: "a", timestamp: "t", data: null },
    { event_id: 1, run_id: "r", event_type: "a", timestamp: "t", data: {} },
    { event_id: "e-1", run_id: "r", event_type: "other", timestamp: "t", data: {} },
  ]
) {
  test(`fromSse() fails at the message ${JSON.stringify(data)}`, async () => {
    await assertRejects(
      () => decode(encodeFrame({ event: "a", data: JSON.stringify(data) })),
      TypeError,
      "a message must be an event",
    );
  });
}

test("fromSse() reads payloads with dangerous keys as plain data", async () => {
  const text = '{"event_id":"e-1","run_id":"r","event_type":"a","timestamp":"t",' +
    '"data":{"__proto__":{"polluted":true},"constructor":1}}';
  const [event] = await decode(encodeFrame({ event: "a", data: text })) as [{ data: object }];
  assertEquals(Object.keys(event.data), ["__proto__", "constructor"]);
  assertEquals(({} as { polluted?: boolean }).polluted, undefined);
});
