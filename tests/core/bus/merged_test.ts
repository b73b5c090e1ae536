/** Several runs, read as one. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { EventBus } from "@locus/core";
import { type AnyEvent, readAll, readSome, summarize } from "../../harness/support/read.ts";
import { Reconnecting } from "../properties/reconnecting.ts";
import { ListenerCount } from "../properties/listener_count.ts";
import { check, settle } from "../properties/settings.ts";

function publish(bus: EventBus, runId: string, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: runId, event_type: "test.tick", data: { n } });
}

function count(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** What came, with its run. */
function told(events: readonly AnyEvent[]): string[] {
  return events.map((event) => `${event.run_id} ${summarize([event])[0]}`);
}

test("EventBus.subscribe([a, b]) is left by its signal, while it waits and before", async () => {
  const bus = new EventBus();
  const listeners = new ListenerCount();
  const abort = listeners.createAbort();
  const subscription = bus.subscribe(["a", "b"], { signal: abort.signal });
  const { caughtUp } = subscription;
  await caughtUp;
  const reading = readAll(subscription);
  await settle();
  abort.abort();
  assertEquals(await reading, []);
  assertEquals([subscription.ended, listeners.total], ["cancelled", 0]);
  const late = bus.subscribe(["a", "b"], { signal: abort.signal });
  assertEquals(late.ended, "cancelled");
  await late.caughtUp;
  assertEquals(bus.stats().active_runs, 0);
});

test("EventBus.subscribe([a, b], { select }) keeps the order, whatever lies between", async () => {
  const bus = new EventBus();
  const other = (run: string, n: number) =>
    bus.publish({ run_id: run, event_type: "other.event", data: { n } });
  publish(bus, "a", 1);
  other("b", 2);
  publish(bus, "b", 3);
  other("a", 4);
  publish(bus, "a", 5);
  other("b", 6);
  const subscription = bus.subscribe(["a", "b"], { select: "other.*" });
  assertEquals(summarize(await readSome(subscription, 3)), [2, 4, 6]);
  publish(bus, "a", 7);
  const next = readSome(subscription, 1);
  await settle();
  // Over what is not selected, too.
  assertEquals(subscription.cursor.split("-")[1], "7");
  await subscription.cancel().catch(() => {});
  bus.closeStream("a");
  bus.closeStream("b");
  await next;
});

test("EventBus.subscribe([a, b], { after }) has a gap for the run that misses something, and for no other", async () => {
  const bus = new EventBus({ historyPerRun: 2 });
  publish(bus, "a", 1);
  publish(bus, "b", 2);
  const first = bus.subscribe(["a", "b"]);
  await readSome(first, 2);
  await first.cancel();
  publish(bus, "a", 3, 4, 5);
  publish(bus, "b", 6, 7);
  const second = bus.subscribe(["a", "b"], { after: first.cursor });
  assertEquals(second.recovery, "gap");
  const events = await readSome(second, 5);
  assertEquals(told(events), ["a gap:evicted 1-2", "a 4", "a 5", "b 6", "b 7"]);
  await second.cancel();
});

test("EventBus.subscribe([a, b]) lets no busy run cost another one its events", async () => {
  const bus = new EventBus({ maxQueueSize: 4, historyPerRun: 4 });
  const subscription = bus.subscribe(["busy", "quiet"]);
  publish(bus, "quiet", 1);
  publish(bus, "busy", ...count(2, 100));
  publish(bus, "quiet", 101);
  const events = await readSome(subscription, 7);
  assertEquals(told(events), [
    "busy gap:lagged 1-95",
    "quiet 1",
    ...[97, 98, 99, 100].map((n) => `busy ${n}`),
    "quiet 101",
  ]);
  await subscription.cancel();
});

test("EventBus.subscribe([a, b]) ends at once when a run is forgotten, and can come back", async () => {
  const bus = new EventBus({ maxRunsRetained: 2 });
  publish(bus, "a", 1);
  publish(bus, "b", 2);
  const first = bus.subscribe(["a", "b"]);
  await readSome(first, 1);
  const others = bus.subscribe("c");
  publish(bus, "c", 3);
  const events = await readAll(first);
  assertEquals([told(events), first.ended], [[], "evicted"]);
  publish(bus, "a", 4);
  const second = bus.subscribe(["a", "b"], { after: first.cursor });
  publish(bus, "b", 5);
  assertEquals(told(await readSome(second, 3)), ["b gap:new_epoch 1-0", "a 4", "b 5"]);
  for (const subscription of [others, second]) await subscription.cancel();
});

test("EventBus.subscribe([a, b], { after }) is told of what was dropped on request while nobody read", async () => {
  const bus = new EventBus();
  publish(bus, "a", 1);
  const first = bus.subscribe(["a", "b"]);
  await readSome(first, 1);
  await first.cancel();
  const after = first.cursor;
  bus.dropHistory("a");
  publish(bus, "a", 2);
  // Everything of before was taken.
  const second = bus.subscribe(["a", "b"], { after });
  assertEquals(told(await readSome(second, 1)), ["a 2"]);
  await second.cancel();
  bus.dropHistory("a");
  publish(bus, "a", 3);
  const third = bus.subscribe(["a", "b"], { after });
  assertEquals(told(await readSome(third, 2)), ["a gap:new_epoch 1-0", "a 3"]);
  await third.cancel();
});

test("Positions of several runs: each event comes once and in order, or is in a gap of its run", async () => {
  let gaps = 0;
  await check(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          {
            weight: 8,
            arbitrary: fc.record({ run: fc.nat(3), count: fc.integer({ min: 1, max: 4 }) }),
          },
          { weight: 6, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 6 }) }) },
          { weight: 4, arbitrary: fc.constant("reconnect" as const) },
          { weight: 1, arbitrary: fc.constant("leave" as const) },
          { weight: 1, arbitrary: fc.record({ drop: fc.nat(3) }) },
          { weight: 1, arbitrary: fc.record({ close: fc.nat(3) }) },
        ),
        { maxLength: 60, size: "max" },
      ),
      fc.record({
        maxQueueSize: fc.integer({ min: 1, max: 8 }),
        historyPerRun: fc.integer({ min: 1, max: 8 }),
        maxRunsRetained: fc.integer({ min: 1, max: 5 }),
        maxBytes: fc.constantFrom(200, 1_000_000),
      }),
      fc.constantFrom(undefined, "test.*"),
      async (program, bounds, select) => {
        const bus = new EventBus({ ...bounds, onError() {} });
        const runs = ["r0", "r1", "r2"];
        // By run: how many events it had in all its lives, and up to which they were taken or announced.
        const had = new Map<string, number>();
        const at = new Map<string, number>();
        // How many events a run had before it had this epoch.
        const offsets = new Map<string, number>();
        const orders = new Map<string, number>();
        const missing = new Set<number>();
        const closed = new Set<number>();
        let latest = 0;
        const open = (after: string | null) => bus.subscribe(runs, { after, select });
        const reader = new Reconnecting(open, ({ event_id, run_id, event_type, data }) => {
          const [epoch, seq] = event_id.split("-");
          const before = at.get(run_id) ?? 0;
          if (event_type === "bus.gap") {
            gaps++;
            // One that covers nothing is dropped by whoever knows what it had.
            const to = (offsets.get(epoch!) ?? had.get(run_id) ?? 0) + Number(seq);
            for (let n = before + 1; n <= to; n++) missing.add(orders.get(`${run_id} ${n}`)!);
            return void at.set(run_id, Math.max(before, to));
          }
          const { n, order } = data as Record<string, number>;
          assert(order! > latest, "in the order of publishing, and once");
          latest = order!;
          // A reader that lagged was told of it as missing, and came back before it had gone from the history.
          if (n! <= before && missing.has(order!)) return;
          assertEquals(n, before + 1, run_id);
          at.set(run_id, n!);
        });
        for (const step of program) {
          if (step === "reconnect") await reader.reconnect();
          else if (step === "leave") await reader.leave();
          else if ("read" in step) await reader.read(step.read);
          else if ("close" in step) {
            bus.closeStream(`r${step.close}`);
            closed.add(step.close);
            // For who reads it, a run that was closed is over, even if it is dropped and begun anew.
          } else if ("drop" in step && !closed.has(step.drop)) bus.dropHistory(`r${step.drop}`);
          else if ("drop" in step) continue;
          else for (let i = 0; i < step.count; i++) publishNext(`r${step.run}`);
        }
        // The second time for what a forgotten run has cut short.
        for (let i = 0; i < 5; i++) await reader.read(Infinity);
        for (const run of runs) assertEquals(at.get(run) ?? 0, had.get(run) ?? 0, run);
        await reader.leave();

        function publishNext(run: string): void {
          const { published_events_total: order } = bus.stats();
          const n = (had.get(run) ?? 0) + 1;
          bus.publish({ run_id: run, event_type: "test.tick", data: { n, order: order + 1 } });
          if (bus.stats().published_events_total === order) return;
          had.set(run, n);
          orders.set(`${run} ${n}`, order + 1);
          const [newest] = bus.history({ run }, { limit: 1 });
          const [epoch, seq] = newest!.event_id.split("-");
          offsets.set(epoch!, n - Number(seq));
        }
      },
    ),
    500,
  );
  assert(gaps > 100, `only ${gaps} gaps`);
});
