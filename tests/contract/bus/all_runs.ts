import { assertEquals } from "@std/assert";
import { type AnyEvent, summarize } from "../../support/read.ts";
import { until } from "../../support/until.ts";
import { count, newRun, publish, publishUntil, readAll, within } from "../observe.ts";
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
