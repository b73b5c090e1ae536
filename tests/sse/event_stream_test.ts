import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventStreamSource } from "../../src/sse/event_stream.ts";
import { checkStreamOptions } from "../../src/sse/stream_options.ts";
import { EventBus } from "@locus/core";

interface SourceOptions {
  first?: Promise<never>;
  onError?: (error: unknown) => void;
}

function createSource(bus: EventBus, { first, onError }: SourceOptions = {}): EventStreamSource {
  const subscription = bus.subscribe("r");
  const batches = subscription.batches();
  return new EventStreamSource({
    subscription,
    batches,
    first: first ?? batches.next(),
    startCursor: subscription.cursor,
    opening: [],
    settings: checkStreamOptions("test", { onError }),
  });
}

test("EventStreamSource.cancel() answers a pull that waits", async () => {
  const bus = new EventBus();
  // Also where the bus does not answer any more.
  const source = createSource(bus, { first: new Promise(() => {}) });
  const waiting = source.pull();
  source.cancel();
  await waiting;
  assertEquals(bus.stats().active_runs, 0);
});

test("EventStreamSource.cancel() may come twice", () => {
  const bus = new EventBus();
  const source = createSource(bus);
  source.cancel();
  source.cancel();
  assertEquals(bus.stats().active_runs, 0);
});

test("EventStreamSource gives everything back when a write fails", async () => {
  const bus = new EventBus();
  const errors: unknown[] = [];
  const source = createSource(bus, { onError: (error) => void errors.push(error) });
  // As when a runtime has ended the stream without cancelling it.
  source.start({
    desiredSize: null,
    enqueue() {
      throw new TypeError("gone");
    },
    close() {},
    error() {},
  });
  const waiting = source.pull();
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
  await waiting;
  assertEquals(bus.stats().active_runs, 0);
  assertEquals(errors.map(String), ["TypeError: gone"]);
});
