import { assertEquals } from "@std/assert";
import { type AnyEvent, summarize } from "../../harness/support/read.ts";
import { until } from "../../harness/support/until.ts";
import {
  count,
  newRun,
  publish,
  publishUntil,
  readAll,
  readTo,
  store,
  within,
} from "../observe.ts";
import type { Register } from "./register.ts";

/** Reading all runs. */
export function allRuns(promise: Register): void {
  promise(
    "a reader of all runs is given every run's events, each in its order",
    async (bus, run) => {
      const other = newRun();
      const all: AnyEvent[] = [];
      const subscription = bus.subscribeGlobal();
      const reading = (async () => {
        for await (const event of subscription) all.push(event as AnyEvent);
      })();
      const last = await publishUntil(bus, run, 1, () => all.some(({ run_id }) => run_id === run));
      publish(bus, other, ...count(1, 10));
      publish(bus, run, last + 1);
      const of = (id: string) => summarize(all.filter(({ run_id }) => run_id === id)) as number[];
      await until(
        "the last events have come",
        () => of(other).at(-1) === 10 && of(run).at(-1) === last + 1,
      );
      assertEquals(of(other), count(1, 10));
      assertEquals(of(run), count(of(run)[0]!, last + 1));
      bus.closeGlobal();
      await within("the end of the stream of all runs", reading);
      assertEquals(subscription.ended, "closed");
    },
  );

  promise(
    "a reader of all runs is given the very events that a run's reader is",
    async (bus, run) => {
      const all: AnyEvent[] = [];
      const reading = (async () => {
        for await (const event of bus.subscribeGlobal({ select: "test.*" })) {
          if (event.run_id === run) all.push(event as AnyEvent);
        }
      })();
      const last = await publishUntil(bus, run, 1, () => all.length > 2);
      await until("the last event has come", () => all.at(-1)!.data.n === last);
      bus.closeStream(run);
      const own = await readAll(bus.subscribe(run));
      assertEquals(all, own.slice(-all.length));
      bus.closeGlobal();
      await within("the end of the stream of all runs", reading);
    },
  );

  promise("a reader of all runs has a position from its opening on", async (bus, run) => {
    const first = bus.subscribeGlobal();
    await within("the opening", Promise.resolve(first.opened));
    const after = first.cursor;
    await first.cancel();
    await store(bus, run, 1, 2);
    await store(bus, newRun(), 3);
    const second = bus.subscribeGlobal({ after });
    await within("the opening", Promise.resolve(second.opened));
    assertEquals(second.recovery, "exact");
    assertEquals(summarize(await readTo(second, 3)), [1, 2, 3]);
    await second.cancel();
  });

  promise("after each event, a reader of all runs has a position behind it", async (bus, run) => {
    const first = bus.subscribeGlobal();
    await within("the opening", Promise.resolve(first.opened));
    await store(bus, run, ...count(1, 4));
    const positions: string[] = [];
    for await (const { data } of first) {
      positions.push(first.cursor);
      if ((data as { n: number }).n === 4) break;
    }
    for (const [i, after] of positions.slice(0, -1).entries()) {
      const subscription = bus.subscribeGlobal({ after });
      assertEquals(summarize(await readTo(subscription, 4)), count(i + 2, 4));
      await subscription.cancel();
    }
  });

  promise("a position moves over what is not selected", async (bus, run) => {
    const subscription = bus.subscribeGlobal({ select: "other.*" });
    await within("the opening", Promise.resolve(subscription.opened));
    const { cursor } = subscription;
    const reading = readAll(subscription);
    await store(bus, run, 1, 2, 3);
    await until("the position has moved", () => subscription.cursor !== cursor);
    const after = subscription.cursor;
    await store(bus, run, 4);
    const resumed = bus.subscribeGlobal({ after });
    assertEquals(summarize(await readTo(resumed, 4)).at(-1), 4);
    await resumed.cancel();
    bus.closeGlobal();
    assertEquals(await reading, []);
  });

  promise("50 may read all runs; one more is turned away, until one leaves", async (bus) => {
    const readers = count(1, 50).map(() => bus.subscribeGlobal());
    const over = bus.subscribeGlobal();
    assertEquals(await readAll(over), []);
    assertEquals(over.ended, "rejected");
    assertEquals(bus.stats().global_subscribers, 50);
    await readers[0]!.cancel();
    const next = bus.subscribeGlobal();
    assertEquals(next.ended, null);
    for (const reader of [...readers, next]) await reader.cancel();
    assertEquals(bus.stats().global_subscribers, 0);
  });
}
