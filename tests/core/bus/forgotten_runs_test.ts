/** Runs that go on, or do not, after the bus had to forget them: nobody is left waiting, or in the dark. */
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventBus, type EventBusOptions } from "@locus/core";
import { ForgottenRuns } from "../../../src/core/bus/forgotten_runs.ts";
import { type AnyEvent, readAll, readSome, summarize } from "../../harness/support/read.ts";
import { settle } from "../properties/settings.ts";

function publish(bus: EventBus, run_id: string, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id, event_type: "test.tick", data: { n } });
}

/** The ways in which a bus comes to its bounds, with what makes it evict the idle runs. */
const bounds: Record<string, { options: EventBusOptions; press(bus: EventBus): void }> = {
  "by the number of runs": {
    options: { maxRunsRetained: 2 },
    press(bus) {
      publish(bus, "other-1", 1);
      publish(bus, "other-2", 1);
    },
  },
  "by their size": {
    options: { maxBytes: 2_000 },
    press(bus) {
      const data = { text: "x".repeat(400) };
      for (let i = 0; i < 3; i++) bus.publish({ run_id: "other", event_type: "test.tick", data });
    },
  },
};

/** A bus that has forgotten the run "r", of three events. */
function busThatForgot(isClosed: boolean, how: string) {
  const errors: string[] = [];
  const { options, press } = bounds[how]!;
  const bus = new EventBus({ ...options, onError: ({ message }) => void errors.push(message) });
  const writer = bus.writer("r");
  for (const n of [1, 2, 3]) writer.write("test.tick", { n });
  const lastId = bus.history({ run: "r" })[0]!.event_id;
  if (isClosed) bus.closeStream("r");
  press(bus);
  assertEquals(bus.history({ run: "r" }).length, 0, "it is forgotten");
  assertEquals(bus.stats().evicted_runs_total, 1);
  return { bus, errors, writer, lastId };
}

for (const how of Object.keys(bounds)) {
  test(`B8: a closed run that was evicted ${how} stays closed: stragglers are refused`, async () => {
    const { bus, errors, writer } = busThatForgot(true, how);
    publish(bus, "r", 4);
    writer.write("test.tick", { n: 5 });
    bus.writer("r").write("test.tick", { n: 6 });
    assertEquals(errors, Array(3).fill('Cannot publish event: run "r" is closed'));
    assertEquals(bus.stats().rejected_events_total, 3);
    const subscription = bus.subscribe("r");
    assertEquals(summarize(await readAll(subscription)), ["gap:new_epoch 1-0"]);
    assertEquals(subscription.ended, "closed");
  });

  test(`B8: readers of a closed run that was evicted ${how} end, before and after a straggler`, async () => {
    const { bus, lastId } = busThatForgot(true, how);
    const early = readAll(bus.subscribe("r"));
    publish(bus, "r", 4);
    const late = readAll(bus.subscribe("r"));
    const resumed = readAll(bus.subscribe("r", { after: lastId }));
    const live = readAll(bus.subscribe("r", { from: "live" }));
    const told = ["gap:new_epoch 1-0"];
    assertEquals((await Promise.all([early, late, resumed, live])).map(summarize), [
      told,
      told,
      told,
      [],
    ]);
    assertEquals(bus.stats().active_runs, 0);
  });

  test(`B8: handlers and waits of a closed run that was evicted ${how} end`, async () => {
    const { bus } = busThatForgot(true, how);
    const gaps: AnyEvent[] = [];
    const onGap = (gap: unknown) => void gaps.push(gap as AnyEvent);
    bus.on("*", () => {}, { run: "r", from: "history", onGap });
    bus.on("*", () => {}, { run: "r", onGap });
    await assertRejects(() => bus.waitFor({ run: "r" }), Error, "came to its end");
    await settle();
    assertEquals(summarize(gaps), ["gap:new_epoch 1-0"]);
    assertEquals(bus.stats().active_runs, 0);
  });

  test(`B8: whoever reads a run that goes on after it was evicted ${how} is told`, async () => {
    const { bus, writer, lastId } = busThatForgot(false, how);
    const waiting = bus.subscribe("r");
    writer.write("test.tick", { n: 4 });
    const late = bus.subscribe("r");
    const resumed = bus.subscribe("r", { after: lastId });
    const live = bus.subscribe("r", { from: "live" });
    const gaps: AnyEvent[] = [];
    const onGap = (gap: unknown) => void gaps.push(gap as AnyEvent);
    bus.on("*", () => {}, { run: "r", from: "history", onGap });
    publish(bus, "r", 5);
    bus.closeStream("r");
    for (const subscription of [waiting, late, resumed]) {
      assertEquals(summarize(await readAll(subscription)), ["gap:new_epoch 1-0", 4, 5]);
    }
    assertEquals([late.recovery, resumed.recovery], ["none", "restarted"]);
    assertEquals(summarize(await readAll(live)), [5]);
    await settle();
    assertEquals(summarize(gaps), ["gap:new_epoch 1-0"]);
  });

  test(`B8: a run that was evicted ${how} and then closed says both to a late reader`, async () => {
    const { bus } = busThatForgot(false, how);
    bus.closeStream("r");
    const subscription = bus.subscribe("r");
    assertEquals(summarize(await readAll(subscription)), ["gap:new_epoch 1-0"]);
    assertEquals(subscription.ended, "closed");
  });

  test(`B8: closing or waiting for a run that was evicted ${how} retains nothing of it`, async () => {
    const { bus, errors } = busThatForgot(true, how);
    const before = bus.stats().history_runs;
    for (let i = 0; i < 3; i++) {
      bus.closeStream("r");
      publish(bus, "r", i);
      await bus.subscribe("r").cancel();
    }
    assertEquals(bus.stats().history_runs, before);
    assertEquals(bus.runs().map(({ run_id }) => run_id).includes("r"), false);
    assertEquals(errors.length, 3);
  });
}

test("B8: a run that was dropped on request begins anew, whatever was forgotten of it before", async () => {
  for (const isClosed of [true, false]) {
    const { bus } = busThatForgot(isClosed, "by the number of runs");
    bus.dropHistory("r");
    publish(bus, "r", 4);
    bus.closeStream("r");
    assertEquals(summarize(await readAll(bus.subscribe("r"))), [4]);
  }
});

test("B8: a run that is evicted more than once is known by its last end", async () => {
  const bus = new EventBus({ maxRunsRetained: 1, onError() {} });
  publish(bus, "r", 1);
  publish(bus, "other", 1);
  publish(bus, "r", 2);
  bus.closeStream("r");
  publish(bus, "other", 2);
  publish(bus, "r", 3);
  assertEquals(bus.stats().rejected_events_total, 1);
  assertEquals(summarize(await readAll(bus.subscribe("r"))), ["gap:new_epoch 1-0"]);
});

test("B8: a reader that is there when its run is evicted is told, and so is it when it comes back", async () => {
  const bus = new EventBus({ maxRunsRetained: 1 });
  publish(bus, "r", 1, 2);
  const subscription = bus.subscribe("r");
  publish(bus, "other", 1);
  assertEquals(summarize(await readAll(subscription)), ["gap:evicted 1-2"]);
  assertEquals(subscription.ended, "evicted");
  const back = bus.subscribe("r", { after: subscription.cursor });
  assertEquals(back.recovery, "restarted");
  publish(bus, "r", 3);
  assertEquals(summarize(await readSome(back, 2)), ["gap:new_epoch 1-0", 3]);
  await back.cancel();
});

test("B8: thousands of forgotten runs are known, and no more than that", () => {
  const forgotten = new ForgottenRuns();
  for (let i = 0; i < 25_000; i++) {
    forgotten.add(`run-${i}`, { wasClosed: i % 2 === 0, order: i });
  }
  const known = Array.from({ length: 25_000 }, (_, i) => forgotten.get(`run-${i}`)?.wasClosed);
  const count = known.filter((wasClosed) => wasClosed !== undefined).length;
  assert(count >= 5_000 && count <= 10_000, `${count} are known`);
  assertEquals(known.slice(-2), [true, false]);
});
