import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../../harness/support/property.ts";
import type { StreamEvent, Subscription } from "@locus/core";
import { type AnyEvent, summarize } from "../../harness/support/read.ts";
import { arrived, closed, count, newRun, readAll, readTo, store, within } from "../observe.ts";
import { turn, until } from "../../harness/support/until.ts";
import { check } from "../../core/properties/settings.ts";
import type { Register } from "./register.ts";

/** Reading several runs as one. */
export function severalRuns(promise: Register): void {
  promise("a reader of several runs is given their events in one order", async (bus, run) => {
    const other = newRun();
    await store(bus, run, 1);
    await store(bus, other, 2);
    await store(bus, newRun(), 3);
    await store(bus, run, 4);
    await closed(bus, run);
    await store(bus, other, 5);
    await closed(bus, other);
    const subscription = bus.subscribe([run, other]);
    const events = await readAll(subscription);
    assertEquals(events.map(({ run_id, data }) => [run_id, data.n]), [
      [run, 1],
      [other, 2],
      [run, 4],
      [other, 5],
    ]);
    assertEquals(subscription.ended, "closed");
    await within("catching up", subscription.caughtUp);
  });

  promise("a reader of several runs is told for each what is gone of it", async (bus, run) => {
    const other = newRun();
    await store(bus, run, ...count(1, 520));
    await store(bus, other, 1);
    await closed(bus, run);
    await closed(bus, other);
    const events = await readAll(bus.subscribe([run, other]));
    assertEquals(events[0]!.run_id, run);
    assertEquals(summarize([events[0]!, ...events.slice(-2)]), ["gap:evicted 1-20", 520, 1]);
  });

  promise("a reader of several runs resumes each of them from one position", async (bus, run) => {
    const other = newRun();
    await store(bus, run, 1, 2);
    await store(bus, other, 3, 4);
    await arrived(bus, other, 4);
    const first = bus.subscribe([run, other]);
    await readTo(first, 3);
    await first.cancel();
    await store(bus, run, 5);
    await closed(bus, run);
    await closed(bus, other);
    const second = bus.subscribe([run, other], { after: first.cursor });
    assertEquals(summarize(await readAll(second)), [4, 5]);
    assertEquals(second.recovery, "exact");
  });

  promise("a reader of several runs says how reading each of them ended", async (bus, run) => {
    const other = newRun();
    await store(bus, run, 1);
    await closed(bus, run);
    const subscription = bus.subscribe([run, other, run]);
    assertEquals(subscription.runId, "*");
    await readTo(subscription, 1);
    const ended = () => subscription.runs!.map(({ runId, ended }) => [runId, ended]);
    const rest = readAll(subscription);
    await until("the run is over", () => ended()[0]![1] === "closed");
    assertEquals(ended(), [[run, "closed"], [other, null]]);
    assertEquals(subscription.ended, null);
    bus.closeStream(other);
    assertEquals(await rest, []);
    assertEquals([subscription.ended, ended()[1]], ["closed", [other, "closed"]]);
  });

  promise(
    "a reader of several runs reads batches, each event with its cursor",
    async (bus, run) => {
      const other = newRun();
      await store(bus, run, 1);
      await store(bus, other, 2);
      await store(bus, run, 3);
      const subscription = bus.subscribe([run, other]);
      await within("the opening", Promise.resolve(subscription.opened));
      const batches = subscription.batches({ maxEvents: 2 });
      const { value } = await within("a batch", batches.next());
      assertEquals(summarize(value as AnyEvent[]), [1, 2]);
      const cursors = [...subscription.cursors!];
      assertEquals(cursors.at(-1), subscription.cursor);
      await batches.return?.();
      assertEquals(subscription.ended, "cancelled");
      const rest = bus.subscribe([run, other], { after: cursors[0] });
      assertEquals(summarize(await readTo(rest, 3)), [2, 3]);
      await rest.cancel();
    },
  );

  promise("a reader of several runs can be piped", async (bus, run) => {
    const other = newRun();
    await store(bus, run, 1);
    await store(bus, other, 2);
    const events: AnyEvent[] = [];
    const piping = bus.subscribe([run, other]).pipeTo(
      new WritableStream({ write: (event) => void events.push(event as AnyEvent) }),
    );
    await until("both events have come", () => events.length === 2);
    for (const one of [run, other]) bus.closeStream(one);
    await within("the end of the stream", piping);
    assertEquals(summarize(events), [1, 2]);
  });

  promise("a reader of several runs ends when its signal is aborted", async (bus, run) => {
    const abort = new AbortController();
    const runs = [run, newRun()];
    const subscription = bus.subscribe(runs, { signal: abort.signal });
    await within("catching up", subscription.caughtUp);
    const reading = readAll(subscription);
    abort.abort();
    assertEquals(await reading, []);
    assertEquals(subscription.ended, "cancelled");
    const late = bus.subscribe(runs, { signal: abort.signal });
    assertEquals(late.ended, "cancelled");
    await within("catching up", late.caughtUp);
    assertEquals(bus.stats().active_runs, 0);
  });

  promise("a reader of several runs has caught up when it has with each", async (bus, run) => {
    const other = newRun();
    await store(bus, run, 1);
    await store(bus, other, 2);
    const subscription = bus.subscribe([run, other, newRun()]);
    let isCaughtUp = false;
    void subscription.caughtUp.then(() => isCaughtUp = true);
    await readTo(subscription, 1);
    for (let i = 0; i < 3; i++) await turn();
    assertEquals(isCaughtUp, false);
    await readTo(subscription, 2);
    await within("catching up", subscription.caughtUp);
    await subscription.cancel();
  });

  promise(
    "a reader of several runs starts in each with the last events, or live",
    async (bus, run) => {
      const other = newRun();
      await store(bus, run, 1, 2, 3);
      await store(bus, other, 4);
      const last = bus.subscribe([run, other], { from: -1 });
      assertEquals(summarize(await readTo(last, 4)), [3, 4]);
      const live = bus.subscribe([run, other], { from: "live" });
      await within("the opening", Promise.resolve(live.opened));
      await store(bus, run, 5);
      assertEquals(summarize(await readTo(live, 5)), [5]);
      for (const subscription of [last, live]) await subscription.cancel();
    },
  );

  promise("a reader of several runs keeps the order of what it selects", async (bus, run) => {
    const other = newRun();
    for (const [i, run_id] of [run, other, other, run, run, other].entries()) {
      const event_type = i % 2 ? "other.event" : "test.tick";
      await bus.append(run_id, [{ run_id, event_type, data: { n: i } }]);
    }
    const subscription = bus.subscribe([run, other], { select: "other.*" });
    assertEquals(summarize(await readTo(subscription, 5)), [1, 3, 5]);
    await subscription.cancel();
  });

  promise("a run that joins a reader of several brings its history", async (bus, run) => {
    const other = newRun();
    await store(bus, other, 1, 2);
    await store(bus, run, 3, 4);
    const first = bus.subscribe([run]);
    await readTo(first, 4);
    await first.cancel();
    await store(bus, other, 5);
    const second = bus.subscribe([run, other], { after: first.cursor, joining: [other] });
    assertEquals(summarize(await readTo(second, 5)), [1, 2, 5]);
    await second.cancel();
    const third = bus.subscribe([run, other], { after: second.cursor });
    await store(bus, run, 6);
    assertEquals(summarize(await readTo(third, 6)), [6]);
    await third.cancel();
  });

  promise(
    "a reader that comes back to several runs before they begin has caught up, and gets them whole",
    async (bus, run) => {
      const other = newRun();
      const elsewhere = newRun();
      await store(bus, elsewhere, 1);
      const first = bus.subscribe([elsewhere]);
      await readTo(first, 1);
      await first.cancel();
      const second = bus.subscribe([run, other], { after: first.cursor });
      const reading = readTo(second, 3);
      await within("catching up", second.caughtUp);
      assertEquals(second.recovery, "exact");
      await store(bus, other, 2);
      await store(bus, run, 3);
      assertEquals(summarize(await reading), [2, 3]);
      await second.cancel();
    },
  );

  for (
    const [what, position, reason] of [
      ["of another bus", "x-1", "new_epoch"],
      ["of none", "none", "unknown_cursor"],
      ["of the future", null, "unknown_cursor"],
    ] as const
  ) {
    promise(
      `a position ${what} has each of several runs start anew, and say so`,
      async (bus, run) => {
        const other = newRun();
        await store(bus, run, 1);
        await store(bus, other, 2);
        const first = bus.subscribe([run, other]);
        await readTo(first, 2);
        const { cursor } = first;
        await first.cancel();
        const [epoch, order] = cursor.split("-");
        const after = position ?? `${epoch}-${Number(order) + 100_000}`;
        const runs = [run, other, newRun()];
        const subscription = bus.subscribe(runs, { after });
        await within("the opening", Promise.resolve(subscription.opened));
        assertEquals(subscription.recovery, "restarted");
        const events = subscription[Symbol.asyncIterator]();
        const told: AnyEvent[] = [];
        for (let i = 0; i < 5; i++) {
          told.push((await within("what is told", events.next())).value as AnyEvent);
          // Whoever leaves before each run has said so, also one that has not begun, has to be told again.
          if (i === 0) assertEquals(subscription.cursor, after);
        }
        const reasons = told.slice(0, 3).map(({ run_id, data }) => [run_id, data.reason]);
        assertEquals(reasons, runs.map((id) => [id, reason]));
        assertEquals(summarize(told.slice(3)), [1, 2]);
        assertEquals(subscription.cursor, cursor);
        await events.return?.();
      },
    );
  }

  promise("lists of runs and options that are none are refused, at once", (bus, run) => {
    const runs = count(1, 101).map(() => newRun());
    assertThrows(() => bus.subscribe([]), RangeError, "expected 1 to 100 runs, got 0");
    assertThrows(() => bus.subscribe(runs), RangeError, "expected 1 to 100 runs, got 101");
    assertThrows(() => bus.subscribe([run, "b c"]), TypeError, "run_id must be");
    assertThrows(() => bus.subscribe([run, 5 as never]), TypeError, "run_id must be");
    assertThrows(
      () => bus.subscribe([run], { after: 5 as never }),
      TypeError,
      '"after" must be a position, got 5',
    );
    assertThrows(
      () => bus.subscribe([run], { joining: "a" as never }),
      TypeError,
      '"joining" must be a list of runs, got "a"',
    );
    assertEquals(bus.stats().active_runs, 0);
    return Promise.resolve();
  });

  promise(
    "coming back to three runs with nothing but a position, a reader is given each event once",
    async (bus) => {
      const program = fc.array(
        fc.oneof(
          fc.record({ publish: fc.nat(2), times: fc.constantFrom(1, 2, 3, 3, 600) }),
          fc.record({ read: fc.integer({ min: 1, max: 8 }) }),
        ),
        { maxLength: 12, size: "max" },
      );
      await check(
        fc.asyncProperty(program, async (steps) => {
          const runs = [newRun(), newRun(), newRun()];
          const had = new Map(runs.map((run) => [run, 0]));
          const at = new Map(runs.map((run) => [run, 0]));
          let order = 0;
          let latest = 0;
          let after: string | null = null;
          const take = ({ run_id, event_type, data }: AnyEvent) => {
            const before = at.get(run_id)!;
            if (event_type === "bus.gap") {
              return void at.set(run_id, Math.max(before, data.to_seq as number));
            }
            assertEquals(data.n, before + 1);
            assert(data.order as number > latest, "in the order of publishing");
            latest = data.order as number;
            at.set(run_id, before + 1);
          };
          for (const step of [...steps, { read: Infinity }]) {
            if ("publish" in step) {
              const run_id = runs[step.publish]!;
              for (let i = 0; i < step.times; i++) {
                const n = had.get(run_id)! + 1;
                had.set(run_id, n);
                bus.publish({ run_id, event_type: "test.tick", data: { n, order: ++order } });
              }
              await arrived(bus, run_id, had.get(run_id)!);
              continue;
            }
            const subscription: Subscription<StreamEvent> = bus.subscribe(runs, { after });
            const events = subscription[Symbol.asyncIterator]();
            const isDone = () => runs.every((run) => at.get(run) === had.get(run));
            for (let i = 0; i < step.read && !isDone(); i++) {
              const { value } = await within("what is there", events.next());
              take(value as AnyEvent);
            }
            after = subscription.cursor;
            await events.return?.();
          }
          for (const run of runs) assertEquals(at.get(run), had.get(run));
        }),
        20,
      );
    },
  );
}
