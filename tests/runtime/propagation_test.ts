import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { currentRunId, emit, EventBus, runContext, withSpan } from "@locus/core";
import { runContextFrom, runHeaders } from "@locus/core/propagation";
import { requires } from "../harness/support/requires.ts";
import { ticks } from "../harness/support/runs.ts";

const carried = await requires("async-context");

test("runContextFrom() holds through awaits and timers", carried, async () => {
  const bus = new EventBus();
  const headers = runContext({ runId: "r" }, () => new Headers(runHeaders()));
  await runContextFrom(headers, { bus }, async () => {
    await null;
    emit("test.tick", { n: 1 });
    await new Promise<void>((resolve) => setTimeout(() => resolve(emit("test.tick", { n: 2 })), 0));
  });
  assertEquals(ticks(bus, "r").map(({ n }) => n), [1, 2]);
  assertEquals(currentRunId(), undefined);
});

test("runContextFrom() and runHeaders() work by the run's handle", async () => {
  const bus = new EventBus();
  const run = runContext({ runId: "r", bus }, (run) => run);
  const headers = await withSpan("call", { run }, async (span) => {
    await null;
    return runHeaders({ run: span!.run });
  });
  await runContextFrom(headers, { bus }, async (run) => {
    await null;
    withSpan("work", { run }, () => {});
    run?.emit("test.tick", { n: 1 });
  });
  const [work, call] = bus.history("span.started");
  assertEquals(work?.data.parent_span_id, call?.data.span_id);
  assertEquals(ticks(bus, "r").map(({ n }) => n), [1]);
});

test("runHeaders() names the current run, or fails where nobody can know it", async () => {
  const isCarried = carried.skip === false;
  await runContext({ runId: "r" }, async () => {
    await null;
    if (isCarried) assertEquals(runHeaders()["locus-run"], "r");
    else assertThrows(() => runHeaders(), Error);
  });
});
