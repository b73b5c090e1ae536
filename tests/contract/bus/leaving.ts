import { assert, assertEquals } from "@std/assert";
import type { Bus, StreamEvent } from "@locus/core";
import { type AnyEvent, summarize } from "../../harness/support/read.ts";
import { turn, until } from "../../harness/support/until.ts";
import { arrived, count, publish, readAll, readTo } from "../observe.ts";
import type { Register } from "./register.ts";

/** What is left of a reader that leaves. */
export function leaving(promise: Register): void {
  const isForgotten = (bus: Bus, run: string) =>
    until("the reader is forgotten", () => !(run in bus.stats().queue_depths));

  promise("a reader that breaks, cancels or is aborted is forgotten", async (bus, run) => {
    publish(bus, run, 1, 2);
    for await (const _ of bus.subscribe(run)) break;
    await isForgotten(bus, run);
    await bus.subscribe(run).cancel();
    await isForgotten(bus, run);
    const abort = new AbortController();
    const subscription = bus.subscribe(run, { signal: abort.signal });
    await readTo(subscription, 1);
    abort.abort();
    await isForgotten(bus, run);
    assertEquals(subscription.ended, "cancelled");
    assertEquals(await readAll(subscription), []);
  });

  promise("a reader that waits ends when its signal is aborted", async (bus, run) => {
    const abort = new AbortController();
    const reading = readAll(bus.subscribe(run, { signal: abort.signal }));
    publish(bus, run, 1);
    await arrived(bus, run, 1);
    abort.abort();
    assert((await reading).length <= 1);
    await isForgotten(bus, run);
  });

  promise("a read that is given up takes no event from the next reader", async (bus, run) => {
    const subscription = bus.subscribe(run);
    const reader = subscription.getReader();
    const givenUp = reader.read().then(() => "read", () => "released");
    await turn();
    reader.releaseLock();
    const reading = readAll(subscription);
    publish(bus, run, 1, 2);
    bus.closeStream(run);
    assertEquals(await givenUp, "released");
    assertEquals(summarize(await reading), [1, 2]);
  });

  promise(
    "a reader that publishes while it reads is given its own events, in order",
    async (bus, run) => {
      publish(bus, run, 1);
      const seen: unknown[] = [];
      for await (const event of bus.subscribe(run) as AsyncIterable<StreamEvent>) {
        const { n } = (event as AnyEvent).data as { n: number };
        seen.push(n);
        if (n < 5) publish(bus, run, n + 1);
        else bus.closeStream(run);
      }
      assertEquals(seen, count(1, 5));
    },
  );
}
