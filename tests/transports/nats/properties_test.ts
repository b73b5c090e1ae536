/** Several processes on one stream, with connections that fail now and then: what their readers get. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { NatsConnection } from "@nats-io/nats-core";
import type { SharedBus } from "@locus/core/transports/nats";
import fc from "fast-check";
import { check } from "../../core/properties/settings.ts";
import { type AnyEvent, readAll } from "../../support/read.ts";
import { turn } from "../../support/until.ts";
import { needs, onStage, withRequest } from "./scene.ts";

const RUN = "r";
const PROCESSES = 3;

type Step =
  | { readonly do: "publish"; readonly by: number; readonly count: number }
  | { readonly do: "read"; readonly by: number }
  | { readonly do: "fail" | "fail after"; readonly count: number }
  | { readonly do: "wait" };

const process = fc.nat(PROCESSES - 1);
const publishing = fc.record({
  do: fc.constant("publish" as const),
  by: process,
  count: fc.integer({ min: 1, max: 6 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: publishing },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("read" as const), by: process }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("fail" as const, "fail after" as const),
      count: fc.integer({ min: 1, max: 2 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const) }) },
);

test("natsBus(): whatever fails, each reader gets every event once, in order", needs, async () => {
  await check(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await onStage(async ({ bus }) => {
        const faults = { before: 0, after: 0 };
        const buses: SharedBus[] = [];
        for (let i = 0; i < PROCESSES; i++) {
          buses.push(await bus({}, (connection) => flaky(connection, faults)));
        }
        const published = buses.map(() => 0);
        const readings: Promise<AnyEvent[]>[] = [];
        for (const taken of steps) {
          switch (taken.do) {
            case "publish":
              for (let i = 0; i < taken.count; i++) {
                const data = { by: taken.by, n: ++published[taken.by]! };
                buses[taken.by]!.publish({ run_id: RUN, event_type: "test.tick", data });
              }
              break;
            case "read":
              readings.push(readAll(buses[taken.by]!.subscribe(RUN)));
              break;
            case "fail":
              faults.before += taken.count;
              break;
            case "fail after":
              faults.after += taken.count;
              break;
            case "wait":
              await turn();
          }
        }
        faults.before = faults.after = 0;
        await Promise.all(buses.map((bus) => bus.flushed()));
        buses[0]!.closeStream(RUN);
        await buses[0]!.flushed();
        readings.push(readAll(buses.at(-1)!.subscribe(RUN)));
        for (const reading of readings) assertWhole(await reading, published);
      });
    }),
    30,
  );
});

function assertWhole(events: readonly AnyEvent[], published: readonly number[]): void {
  assertEquals(events.map(({ event_type }) => event_type).filter((type) => type === "bus.gap"), []);
  assertEquals(
    events.map(({ event_id }) => Number(event_id.split("-")[1])),
    events.map((_, i) => i + 1),
  );
  for (const [by, count] of published.entries()) {
    const numbers = events.filter(({ data }) => data.by === by).map(({ data }) => data.n);
    assertEquals(numbers, Array.from({ length: count }, (_, i) => i + 1));
  }
  assert(events.length === published.reduce((sum, count) => sum + count, 0));
}

/** Fails instead of asking, or after the answer came. */
function flaky(
  connection: NatsConnection,
  faults: { before: number; after: number },
): NatsConnection {
  return withRequest(connection, async (...args) => {
    if (faults.before > 0 && faults.before--) throw new Error("expected: not reached");
    const answer = await connection.request(...args);
    if (faults.after > 0 && faults.after--) throw new Error("expected: answer lost");
    return answer;
  });
}
