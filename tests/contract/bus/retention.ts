import { assert, assertEquals } from "@std/assert";
import type { Bus } from "@locus/core";
import { summarize } from "../../harness/support/read.ts";
import { until } from "../../harness/support/until.ts";
import { arrived, count, historyOf, newRun, publish, readAll } from "../observe.ts";
import type { Register } from "./register.ts";

/** What is held, and what is looked up in it. */
export function retention(promise: Register): void {
  promise(
    "a late reader is given the last 500 events, and told of those before",
    async (bus, run) => {
      publish(bus, run, ...count(1, 510));
      await arrived(bus, run, 510);
      bus.closeStream(run);
      const seen = summarize(await readAll(bus.subscribe(run)));
      assertEquals(seen, ["gap:evicted 1-10", ...count(11, 510)]);
    },
  );

  promise("200 runs are retained; the one that was idle longest goes first", async (bus) => {
    const runs = count(1, 205).map(newRun);
    for (const run of runs) publish(bus, run, 1);
    await arrived(bus, runs.at(-1)!, 1);
    await until("the first run is forgotten", async () => {
      return (await historyOf(bus, { run: runs[0]! })).length === 0;
    });
    assert(bus.stats().history_runs <= 200);
    for (const run of runs.slice(10)) assertEquals((await historyOf(bus, { run })).length, 1);
  });

  promise(
    "a run that is read, or was published to again, outlives those that were idle",
    async (bus) => {
      const [read, renewed, ...others] = count(1, 205).map(newRun);
      const subscription = bus.subscribe(read!);
      for (const run of [read!, renewed!, ...others.slice(0, 100)]) publish(bus, run, 1);
      publish(bus, renewed!, 2);
      for (const run of others.slice(100)) publish(bus, run, 1);
      await arrived(bus, others.at(-1)!, 1);
      await until("the idle run is forgotten", async () => {
        return (await historyOf(bus, { run: others[0]! })).length === 0;
      });
      assertEquals((await historyOf(bus, { run: renewed! })).length, 2);
      publish(bus, read!, 2);
      bus.closeStream(read!);
      assertEquals(summarize(await readAll(subscription)), [1, 2]);
    },
  );

  promise("history() answers what is held, newest first, up to a limit", async (bus, run) => {
    publish(bus, run, 1, 2, 3);
    bus.publish({ run_id: run, event_type: "test.other", data: { n: 4 } });
    await arrived(bus, run, 4);
    const numbers = async (
      ...args: Parameters<typeof historyOf> extends [Bus, ...infer R] ? R : []
    ) => (await historyOf(bus, ...args)).map(({ data }) => data.n);
    assertEquals(await numbers({ run }), [4, 3, 2, 1]);
    assertEquals(await numbers({ run, type: "test.tick" }, { limit: 2 }), [3, 2]);
    assertEquals(await numbers({ run, data: { n: 2 } }), [2]);
    assertEquals(await numbers({ run, type: ["test.o*", "test.other"].slice(1) }), [4]);
    assertEquals(await numbers({ run: newRun() }), []);
  });
}
