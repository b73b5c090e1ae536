import { assertEquals, assertNotEquals } from "@std/assert";
import type { Bus, RunInfo } from "@locus/core";
import { until } from "../../support/until.ts";
import { arrived, closed, historyOf, newRun, publish } from "../observe.ts";
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
}

async function infoOf(bus: Bus, run: string): Promise<RunInfo | undefined> {
  return (await bus.runs()).find(({ run_id }) => run_id === run);
}
