import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { EventBus } from "@locus/core";
import { decodeFrames, fromSse, toSse } from "@locus/core/sse";
import { makeIterable } from "../../src/sse/iterable_stream.ts";
import { until } from "../harness/support/until.ts";

/** Registers a test that runs without the platform's async iterator of streams, as in Safari. */
function testWithoutIterators(name: string, body: () => Promise<void>): void {
  test(name, async () => {
    const { prototype } = ReadableStream;
    const names = ["values", Symbol.asyncIterator] as const;
    const own = names.map((name) => Object.getOwnPropertyDescriptor(prototype, name)!);
    try {
      for (const name of names) Reflect.deleteProperty(prototype, name);
      await body();
    } finally {
      names.forEach((name, index) => Object.defineProperty(prototype, name, own[index]!));
    }
  });
}

function closedRun(): EventBus {
  const bus = new EventBus();
  for (const n of [1, 2, 3]) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
  bus.closeStream("r");
  return bus;
}

testWithoutIterators("D16: a subscription is read with for await", async () => {
  const numbers: unknown[] = [];
  for await (const event of closedRun().subscribe("r")) numbers.push(event.data);
  assertEquals(numbers, [{ n: 1 }, { n: 2 }, { n: 3 }]);
});

testWithoutIterators(
  "D16: toSse(), decodeFrames() and fromSse() are read with for await",
  async () => {
    const bytes = () => closedRun().subscribe("r").pipeThrough(toSse());
    const sizes: number[] = [];
    for await (const chunk of bytes()) sizes.push(chunk.byteLength);
    assertEquals(sizes.length, 3);
    const types: string[] = [];
    for await (const { event } of bytes().pipeThrough(decodeFrames())) types.push(event);
    for await (const event of bytes().pipeThrough(fromSse())) types.push(event.event_type);
    assertEquals(types, Array(6).fill("test.tick"));
  },
);

testWithoutIterators("D16: leaving the loop gives the subscription back", async () => {
  const bus = new EventBus();
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
  for await (const _ of bus.subscribe("r").pipeThrough(toSse()).pipeThrough(fromSse())) break;
  await until("nobody reads the run", () => bus.stats().active_runs === 0);
});

testWithoutIterators("D16: a loop over a stream that fails throws its error", async () => {
  const body = new Response("data: {\n\n").body!;
  const read = async () => {
    for await (const _ of body.pipeThrough(fromSse())) { /* there is none */ }
  };
  await assertRejects(read, TypeError, "a message is not JSON");
});

testWithoutIterators(
  "D16: an iterator that prevents the cancelling leaves the stream to others",
  async () => {
    const stream = new ReadableStream<number>({
      start: (controller) => [1, 2].forEach((n) => controller.enqueue(n)),
    });
    makeIterable(stream);
    for await (const n of stream.values({ preventCancel: true })) {
      assertEquals(n, 1);
      break;
    }
    assertEquals(await stream.getReader().read(), { done: false, value: 2 });
  },
);

test("D16: a platform that has the iterator keeps its own", () => {
  const stream = new ReadableStream();
  makeIterable(stream);
  assertEquals(Object.hasOwn(stream, Symbol.asyncIterator), false);
});
