import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Bus, RunInfo } from "@locus/core";
import { until } from "../../harness/support/until.ts";
import { arrived, closed, count, historyOf, newRun, publish } from "../observe.ts";
import type { Register } from "./register.ts";

/** Which runs are held. */
export function listing(promise: Register): void {
  promise("runs() names every run that is held, once", async (bus, run) => {
    const other = newRun();
    publish(bus, run, 1, 2);
    publish(bus, other, 1);
    await arrived(bus, run, 2);
    await arrived(bus, other, 1);
    const names = (await bus.runs()).map(({ run_id }) => run_id);
    assertEquals(
      names.filter((name) => name === run || name === other).sort(),
      [run, other].sort(),
    );
  });

  promise("runs() tells the cursor of a run: its newest event", async (bus, run) => {
    publish(bus, run, 1, 2);
    await arrived(bus, run, 2);
    const [newest] = await historyOf(bus, { run }, { limit: 1 });
    assertEquals((await infoOf(bus, run))?.cursor, newest!.event_id);
  });

  promise("runs() tells that a run was closed", async (bus, run) => {
    publish(bus, run, 1);
    await arrived(bus, run, 1);
    assertEquals((await infoOf(bus, run))?.closed, false);
    await closed(bus, run);
    await until("the run is listed as closed", async () => (await infoOf(bus, run))!.closed);
  });

  promise("runs() has no run that is only waited for", async (bus, run) => {
    const waiting = bus.subscribe(run);
    assertEquals(await infoOf(bus, run), undefined);
    await waiting.cancel();
  });

  promise(
    "runs() leaves out what was dropped, and lists it anew when it begins anew",
    async (bus, run) => {
      publish(bus, run, 1);
      await arrived(bus, run, 1);
      const before = await infoOf(bus, run);
      bus.dropHistory(run);
      await until("the run is gone", async () => await infoOf(bus, run) === undefined);
      publish(bus, run, 2);
      await arrived(bus, run, 2);
      const after = await infoOf(bus, run);
      assertNotEquals(after!.cursor, before!.cursor);
    },
  );

  promise(
    "runs() tells how a run began and ended, also when its history holds that no more",
    async (bus, run) => {
      const start = (name: string, metadata: Record<string, unknown> = {}) => {
        const data = { ...START, name, metadata };
        bus.publish({ run_id: run, event_type: "run.started", data });
      };
      const complete = (outcome: "waiting" | "ok") => {
        bus.publish({ run_id: run, event_type: "run.completed", data: { ...END, outcome } });
      };
      publish(bus, run, 0);
      start("first", { text: "x".repeat(100_000) });
      complete("waiting");
      start("second");
      complete("ok");
      publish(bus, run, ...count(1, 600));
      await arrived(bus, run, 600);
      const { started, completed } = (await infoOf(bus, run))!;
      const numbers = [started, completed].map((event) => event!.event_id.split("-")[1]);
      assertEquals(numbers, ["2", "5"]);
      assertEquals([started!.data.name, completed!.data.outcome], ["first", "ok"]);
      assert(JSON.stringify(started).length < 5_000);
      const [newest] = await historyOf(bus, { run }, { limit: 1 });
      const epochs = [started!, newest!].map(({ event_id }) => event_id.split("-")[0]);
      assertEquals(epochs[0], epochs[1]);
    },
  );

  promise("runs() forgets with a run how it began and ended", async (bus, run) => {
    bus.publish({ run_id: run, event_type: "run.started", data: START });
    bus.publish({ run_id: run, event_type: "run.completed", data: END });
    publish(bus, run, 1);
    await arrived(bus, run, 1);
    bus.dropHistory(run);
    await until("the run is gone", async () => await infoOf(bus, run) === undefined);
    publish(bus, run, 2);
    await arrived(bus, run, 2);
    const { started, completed } = (await infoOf(bus, run))!;
    assertEquals([started, completed], [undefined, undefined]);
    bus.publish({ run_id: run, event_type: "run.started", data: { ...START, name: "next" } });
    await until("the next start is kept", async () => {
      return (await infoOf(bus, run))!.started?.data.name === "next";
    });
  });
}

const START = {
  name: "order",
  parent_run_id: null,
  parent_span_id: null,
  input_preview: "",
  tags: { customer: "7" },
  metadata: {},
};
const END = { outcome: "ok", error: null, duration_ms: 1 } as const;

async function infoOf(bus: Bus, run: string): Promise<RunInfo | undefined> {
  return (await bus.runs()).find(({ run_id }) => run_id === run);
}
