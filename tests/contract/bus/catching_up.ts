import { assert, assertEquals } from "@std/assert";
import type { StreamEvent } from "@locus/core";
import { summarize } from "../../harness/support/read.ts";
import { turn } from "../../harness/support/until.ts";
import {
  arrived,
  closed,
  count,
  dropped,
  newRun,
  publish,
  readAll,
  readTo,
  store,
  within,
} from "../observe.ts";
import type { Register } from "./register.ts";

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.finally(() => settled = true);
  for (let i = 0; i < 3; i++) await turn();
  return settled;
}

/** When a reader has everything that was there, and how much of it it asks for. */
export function catchingUp(promise: Register): void {
  promise("a reader has caught up when it has taken what was there", async (bus, run) => {
    publish(bus, run, ...count(1, 5));
    await arrived(bus, run, 5);
    const subscription = bus.subscribe(run);
    const { caughtUp } = subscription;
    await readTo(subscription, 4);
    assertEquals(await isSettled(caughtUp), false);
    await readTo(subscription, 5);
    await within("catching up", caughtUp);
    publish(bus, run, 6);
    await within("catching up once more", subscription.caughtUp);
    await subscription.cancel();
  });

  promise(
    "a reader has caught up when it was told that what was there is gone",
    async (bus, run) => {
      publish(bus, run, 1);
      await arrived(bus, run, 1);
      const subscription = bus.subscribe(run, { after: "x-1", select: "other.*" });
      const { caughtUp } = subscription;
      assertEquals(await isSettled(caughtUp), false);
      const events = subscription[Symbol.asyncIterator]();
      const gap = await events.next();
      assertEquals(gap.value!.event_type, "bus.gap");
      const waiting = events.next();
      await within("catching up", caughtUp);
      await events.return?.();
      await waiting;
    },
  );

  promise("a reader of a run that nobody has published to has caught up", async (bus, run) => {
    const subscription = bus.subscribe(run);
    await within("catching up", subscription.caughtUp);
    await subscription.cancel();
  });

  for (
    const [what, after, reason] of [
      ["that is gone", null, "new_epoch"],
      ["that never was", "x-1", "new_epoch"],
      ["after an id that is none", "none", "unknown_cursor"],
    ] as const
  ) {
    promise(
      `a reader that comes back to a run ${what} has caught up, and is told before it begins`,
      async (bus, run) => {
        let cursor: string | null = after;
        if (cursor === null) {
          await store(bus, run, 1, 2);
          const first = bus.subscribe(run);
          await readTo(first, 1);
          await first.cancel();
          await dropped(bus, run);
          cursor = first.cursor;
        }
        const second = bus.subscribe(run, { after: cursor });
        const reading = readTo(second, 3);
        await within("catching up", second.caughtUp);
        assertEquals(second.recovery, "restarted");
        await store(bus, run, 3);
        assertEquals(summarize(await reading), [`gap:${reason} 1-0`, 3]);
        await second.cancel();
      },
    );
  }

  promise("a reader of what comes has caught up, and so has one of all runs", async (bus, run) => {
    publish(bus, run, 1, 2);
    await arrived(bus, run, 2);
    const readers = [bus.subscribe(run, { from: "live" }), bus.subscribeGlobal()];
    for (const { caughtUp } of readers) await within("catching up", caughtUp);
    for (const reader of readers) await reader.cancel();
  });

  promise("a reader that leaves, or is aborted, need not catch up", async (bus, run) => {
    publish(bus, run, 1, 2);
    await arrived(bus, run, 2);
    const abort = new AbortController();
    const readers = [bus.subscribe(run), bus.subscribe(run, { signal: abort.signal })];
    const caughtUp = readers.map((reader) => reader.caughtUp);
    await readers[0]!.cancel();
    abort.abort();
    await within("catching up", Promise.all(caughtUp));
    await within("catching up, asked afterwards", readers[1]!.caughtUp);
  });

  promise("a reader of a run that is over has caught up at its end", async (bus, run) => {
    publish(bus, run, 1, 2);
    await closed(bus, run);
    const subscription = bus.subscribe(run);
    const { caughtUp } = subscription;
    assertEquals(await isSettled(caughtUp), false);
    assertEquals(summarize(await readAll(subscription)), [1, 2]);
    await within("catching up", caughtUp);
  });

  for (const from of [-1, -2, -5, -9]) {
    promise(
      `a reader of the last ${-from} of five events is given them, without a gap`,
      async (bus, run) => {
        publish(bus, run, ...count(1, 5));
        await closed(bus, run);
        const events = await readAll(bus.subscribe(run, { from }));
        assertEquals(summarize(events), count(Math.max(1, 6 + from), 5));
      },
    );
  }

  promise("a reader of the last events goes on with what comes", async (bus, run) => {
    publish(bus, run, 1, 2, 3);
    await arrived(bus, run, 3);
    const subscription = bus.subscribe(run, { from: -2 });
    assertEquals(summarize(await readTo(subscription, 3)), [2, 3]);
    await within("catching up", subscription.caughtUp);
    publish(bus, run, 4);
    assertEquals(summarize(await readTo(subscription, 4)), [4]);
    await subscription.cancel();
  });

  promise(
    "a reader of more events than are held is told, and only such a one",
    async (bus, run) => {
      publish(bus, run, ...count(1, 520));
      await arrived(bus, run, 520);
      await closed(bus, run);
      const last = async (from: number) => {
        const events = await readAll(bus.subscribe(run, { from }));
        return [events.length, ...summarize(events.slice(0, 2))];
      };
      assertEquals(await last(-3), [3, 518, 519]);
      assertEquals(await last(-500), [500, 21, 22]);
      assertEquals(await last(-501), [501, "gap:evicted 1-20", 21]);
      assertEquals(await last(-520), [501, "gap:evicted 1-20", 21]);
    },
  );

  promise("a reader of all runs goes on where another one stopped", async (bus, run) => {
    const other = newRun();
    const first = bus.subscribeGlobal();
    await first.opened;
    publish(bus, run, 1, 2);
    publish(bus, other, 1);
    await arrived(bus, other, 1);
    const seen: StreamEvent[] = [];
    const own = (id: string) => id === run || id === other;
    for await (const event of first) {
      if (own(event.run_id)) seen.push(event);
      if (seen.length === 2) break;
    }
    publish(bus, run, 3);
    publish(bus, other, 2);
    await arrived(bus, other, 2);
    const second = bus.subscribeGlobal({ after: first.cursor });
    await second.opened;
    assertEquals(second.recovery, "exact");
    const { caughtUp } = second;
    for await (const event of second.values({ preventCancel: true })) {
      if (own(event.run_id)) seen.push(event);
      if (seen.length === 5) break;
    }
    const of = (id: string) =>
      seen.filter(({ run_id }) => run_id === id).map(({ data }) => (data as { n: number }).n);
    assertEquals([of(run), of(other)], [[1, 2, 3], [1, 2]]);
    await within("catching up", caughtUp);
    await second.cancel();
  });

  promise("a position of another bus, or of none, starts anew and says so", async (bus) => {
    for (const [after, reason] of [["x-5", "new_epoch"], ["", "unknown_cursor"]]) {
      const subscription = bus.subscribeGlobal({ after });
      await subscription.opened;
      assertEquals(subscription.recovery, "restarted");
      const events = subscription[Symbol.asyncIterator]();
      const { value } = await events.next();
      assertEquals([value!.run_id, value!.event_type], ["*", "bus.gap"]);
      assertEquals((value!.data as { reason: string }).reason, reason);
      assert(subscription.cursor !== after);
      await events.return?.();
    }
  });
}
