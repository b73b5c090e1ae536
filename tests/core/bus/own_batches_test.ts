/** Batches of subscribers that stand at the same place are made once, and are each subscriber's own. */
import { test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { EventBus, type StreamEvent } from "@locus/core";

test("What a subscriber does to its batch changes nobody else's", async () => {
  const bus = busOf(3);
  const first = await pending(bus);
  first.reverse().length = 1;
  const second = await pending(bus);
  assertEquals(numbersOf(second), [0, 1, 2]);
  second.pop();
  assertEquals(numbersOf(await pending(bus)), [0, 1, 2]);
});

test("Subscribers that stand at the same place get the same events", async () => {
  const bus = busOf(2);
  const [first, second] = [await pending(bus), await pending(bus)];
  for (const [i, event] of first.entries()) assertStrictEquals(event, second[i]);
});

test("A batch from the same place has what came meanwhile, and not what was dropped", async () => {
  const bus = busOf(2, 3);
  assertEquals(numbersOf(await pending(bus)), [0, 1]);
  publish(bus, 2);
  assertEquals(numbersOf(await pending(bus)), [0, 1, 2]);
  publish(bus, 3);
  const [gap, ...rest] = await pending(bus);
  assertEquals([gap?.event_type, ...numbersOf(rest)], ["bus.gap", 1, 2, 3]);
  bus.dropHistory("r");
  publish(bus, 4);
  assertEquals(numbersOf((await pending(bus)).slice(-1)), [4]);
});

test("A batch has at most maxEvents, and the next one goes on behind it", async () => {
  const bus = busOf(5);
  bus.closeStream("r");
  const sizes: number[][] = [];
  for await (const batch of bus.subscribe("r").batches({ maxEvents: 2 })) {
    sizes.push(numbersOf(batch));
  }
  assertEquals(sizes, [[0, 1], [2, 3], [4]]);
});

function busOf(events: number, historyPerRun = 500): EventBus {
  const bus = new EventBus({ historyPerRun, maxQueueSize: historyPerRun });
  for (let n = 0; n < events; n++) publish(bus, n);
  return bus;
}

function publish(bus: EventBus, n: number): void {
  bus.publish({ run_id: "r", event_type: "test.event", data: { n } });
}

/** What a new subscriber gets at once. */
async function pending(bus: EventBus): Promise<StreamEvent[]> {
  const batches = bus.subscribe("r").batches();
  const { value } = await batches.next();
  await batches.return?.();
  return value as StreamEvent[];
}

function numbersOf(events: readonly StreamEvent[]): number[] {
  return events.map(({ data }) => (data as { n: number }).n);
}
