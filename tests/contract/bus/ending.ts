import { assertEquals } from "@std/assert";
import { summarize } from "../../harness/support/read.ts";
import { arrived, closed, count, dropped, newRun, publish, readAll, readTo } from "../observe.ts";
import { until } from "../../harness/support/until.ts";
import type { Register } from "./register.ts";

/** How a run ends, and how it is forgotten. */
export function ending(promise: Register): void {
  promise("closing a run ends each reader after the last event, once", async (bus, run) => {
    const readers = [bus.subscribe(run), bus.subscribe(run, { select: "other.*" })];
    const reading = readers.map(readAll);
    publish(bus, run, 1, 2);
    bus.closeStream(run);
    bus.closeStream(run);
    assertEquals((await Promise.all(reading)).map(summarize), [[1, 2], []]);
    assertEquals(readers.map(({ ended }) => ended), ["closed", "closed"]);
  });

  promise("a late reader of a closed run is given the history, then the end", async (bus, run) => {
    publish(bus, run, 1, 2);
    await closed(bus, run);
    assertEquals(summarize(await readAll(bus.subscribe(run))), [1, 2]);
  });

  promise("a run that nobody published to can be closed, too", async (bus, run) => {
    await closed(bus, run);
    assertEquals(await readAll(bus.subscribe(run)), []);
  });

  promise("closing reaches a reader that lags, and what it missed is counted", async (bus, run) => {
    const subscription = bus.subscribe(run);
    publish(bus, run, 1);
    await readTo(subscription, 1);
    publish(bus, run, ...count(2, 2_000));
    await closed(bus, run);
    let last = 1;
    for (const { event_type, event_id, data } of await readAll(subscription)) {
      const isGap = event_type === "bus.gap";
      assertEquals(isGap ? data.from_seq : data.n, last + 1);
      if (isGap) assertEquals(data.count, (data.to_seq as number) - last);
      last = Number(event_id.split("-")[1]);
    }
    assertEquals(last, 2_000);
    assertEquals(subscription.ended, "closed");
  });

  promise("a closed run takes no more events", async (bus, run) => {
    const other = newRun();
    publish(bus, run, 1);
    await closed(bus, run);
    publish(bus, run, 2);
    publish(bus, other, 1);
    await arrived(bus, other, 1);
    assertEquals(summarize(await readAll(bus.subscribe(run))), [1]);
    assertEquals(bus.stats().rejected_events_total, 1);
  });

  promise("dropping a run forgets its events and that it was closed", async (bus, run) => {
    publish(bus, run, 1);
    await closed(bus, run);
    await dropped(bus, run);
    publish(bus, run, 2);
    bus.closeStream(run);
    assertEquals(summarize(await readAll(bus.subscribe(run))), [2]);
  });

  promise("dropping what a reader has not taken yet is announced to it", async (bus, run) => {
    const subscription = bus.subscribe(run);
    publish(bus, run, 1, 2, 3);
    await arrived(bus, run, 3);
    await readTo(subscription, 1);
    await dropped(bus, run);
    // The reader's process may hear of it later than a question to the store is answered.
    await until("the reader has nothing left", () => bus.stats().queue_depths[run]?.[0] === 0);
    publish(bus, run, 4);
    bus.closeStream(run);
    assertEquals(summarize(await readAll(subscription)), ["gap:evicted 2-3", 4]);
  });
}
