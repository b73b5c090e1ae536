import { assert, assertEquals, assertThrows } from "@std/assert";
import { emit, runContext } from "@locus/core";
import { summarize } from "../../harness/support/read.ts";
import { until } from "../../harness/support/until.ts";
import { arrived, publish, readAll } from "../observe.ts";
import type { Register } from "./register.ts";

/** What publishing accepts, and what it counts. */
export function publishing(promise: Register): void {
  const hostile: [name: string, draft: unknown][] = [
    ["nothing", undefined],
    ["no object", 5],
    ["no run id", { event_type: "a.b", data: {} }],
    ["a run id with a line feed", { run_id: "a\nb", event_type: "a.b", data: {} }],
    ["a type with CR LF", { run_id: "r", event_type: "a\r\ndata: x", data: {} }],
    ["a control event", { run_id: "r", event_type: "bus.end", data: {} }],
    ["a getter that throws", {
      get run_id() {
        throw new Error("no");
      },
    }],
  ];
  for (const [what, draft] of hostile) {
    promise(`publish() refuses ${what}, counts it, and does not throw`, async (bus, run) => {
      assertEquals<unknown>(bus.publish(draft as never), undefined);
      await until("it is counted", () => bus.stats().rejected_events_total === 1);
      publish(bus, run, 1);
      await arrived(bus, run, 1);
      assertEquals(bus.stats().rejected_events_total, 1);
    });
  }

  promise("publish() replaces what cannot be sent by marked placeholders", async (bus, run) => {
    const data: Record<string, unknown> = { n: 1, big: 2n, bad: NaN, fn: () => 1 };
    data.self = data;
    Object.defineProperty(data, "throws", {
      enumerable: true,
      get() {
        throw new Error("no");
      },
    });
    bus.publish({ run_id: run, event_type: "test.tick", data });
    bus.closeStream(run);
    const [event] = await readAll(bus.subscribe(run));
    const kinds = Object.fromEntries(
      Object.entries(event!.data).map(([key, value]) => {
        return [key, (value as { $placeholder?: string }).$placeholder ?? value];
      }),
    );
    assertEquals(kinds, {
      n: 1,
      big: "bigint",
      bad: "not_finite",
      fn: "function",
      self: "cycle",
      throws: "threw",
    });
  });

  promise("a writer publishes to its run, and throws as little", async (bus, run) => {
    const writer = bus.writer(run);
    writer.write("test.tick", { n: 1 });
    writer.write("no type", { n: 2 });
    writer.write("test.tick", { n: 3 });
    bus.closeStream(run);
    assertEquals(summarize(await readAll(bus.subscribe(run))), [1, 3]);
    assertThrows(() => bus.writer("a b"), TypeError);
  });

  promise("a run context publishes to the bus that it was given", async (bus, run) => {
    await runContext({ runId: run, bus }, async (handle) => {
      emit("test.tick", { n: 1 });
      await null;
      emit("test.tick", { n: 2 });
      handle.emit("test.tick", { n: 3 });
    });
    emit("test.tick", { n: 4 });
    bus.closeStream(run);
    const events = await readAll(bus.subscribe(run));
    assertEquals(summarize(events), [1, 2, 3]);
    assertEquals(events.map(({ run_id }) => run_id), [run, run, run]);
  });

  promise("stats() has its keys, and counts what is published", async (bus, run) => {
    const subscription = bus.subscribe(run);
    publish(bus, run, 1, 2);
    await arrived(bus, run, 2);
    const stats = bus.stats();
    for (const key of STATS_KEYS) assert(key in stats, key);
    assertEquals(typeof stats.queue_depths, "object");
    assert(stats.active_runs >= 1 && stats.published_events_total >= 2);
    assertEquals(stats.queue_depths[run]?.length, 1);
    await subscription.cancel();
  });

  promise("what is no run id or no option is a TypeError, at once", (bus, run) => {
    for (const id of ["", "a b", "..", "x".repeat(129), 5]) {
      assertThrows(() => bus.subscribe(id as string), TypeError);
      assertThrows(() => bus.closeStream(id as string), TypeError);
      assertThrows(() => bus.dropHistory(id as string), TypeError);
    }
    assertThrows(() => bus.subscribe(run, { since: 1 } as never), TypeError);
    assertThrows(() => bus.subscribe(run, { select: "a.**" }), TypeError);
    assertThrows(() => bus.subscribeGlobal({ from: "live" } as never), TypeError);
    assertThrows(() => bus.on("a b", () => {}), TypeError);
    return Promise.resolve();
  });
}

const STATS_KEYS = [
  "active_runs",
  "global_subscribers",
  "history_runs",
  "dropped_events_total",
  "queue_depths",
  "published_events_total",
  "rejected_events_total",
  "placeholders_total",
  "evicted_runs_total",
  "retained_bytes",
] as const;
