/**
 * What readers that do not read cost the one who publishes.
 *
 * Method: a run with 0 to 1,000 readers, each of which took one event and never asks for the next; handlers
 * instead, each with one call that never ends; both are full after the first 1,024 events, so that every
 * publish overtakes all of them. Publishes are timed in blocks of ten, because one alone takes hardly
 * longer than reading a clock: `p50` and `p99` are nanoseconds a publish, over all blocks of 11
 * rounds, the contenders in turns, in changing order; each round has a bus of its own and begins with a
 * collection of garbage and with 5,000 publishes that are not timed.
 * After each round some of the readers read on, and must account for every event: taken or announced
 * as missing.
 *
 * Run alone: `deno run -A bench/stalled_readers.ts`, or the same file with `bun` or `node`.
 */
import { EventBus } from "@locus/core";
import { runCase, verify } from "./support/case.ts";
import { comparePublishTimes, type Stage } from "./support/publish_times.ts";
import { EVENT_TYPE, makePayload, RUN_ID } from "./support/event.ts";

const READERS = [10, 100, 1000];
const SAMPLE = 10;

await runCase(
  "publish beside stalled readers: ns a publish",
  (effort) =>
    comparePublishTimes([
      ["no reader", () => withReaders(0)],
      ...READERS.map((count) => [`${count} stalled iterators`, () => withReaders(count)] as const),
      ["1000 stalled handlers", () => withHandlers(1000)],
    ], effort),
);

async function withReaders(count: number): Promise<Stage> {
  const bus = new EventBus();
  const readers = Array.from({ length: count }, () => bus.subscribe(RUN_ID));
  const iterators = readers.map((reader) => reader[Symbol.asyncIterator]());
  publish(bus, 0);
  for (const iterator of iterators) await iterator.next();
  return {
    bus,
    publish: (n) => publish(bus, n),
    async verify(published) {
      bus.closeStream(RUN_ID);
      for (const iterator of iterators.slice(0, SAMPLE)) {
        let accounted = 1;
        for await (const event of iterator) {
          accounted += event.event_type === "bus.gap" ? event.data.count : 1;
        }
        verify(accounted === published + 1, () => `${accounted} of ${published + 1} accounted for`);
      }
    },
  };
}

async function withHandlers(count: number): Promise<Stage> {
  const bus = new EventBus();
  let calls = 0;
  const forever = new Promise(() => {});
  const handler = () => {
    calls++;
    return forever;
  };
  for (let i = 0; i < count; i++) bus.on("*", handler, { run: RUN_ID, concurrency: 1 });
  publish(bus, 0);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return {
    bus,
    publish: (n) => publish(bus, n),
    verify() {
      verify(calls === count, () => `handlers were called ${calls} times, not ${count}`);
    },
  };
}

function publish(bus: EventBus, n: number): void {
  bus.publish({ run_id: RUN_ID, event_type: EVENT_TYPE, data: makePayload(n) });
}
