/** Coordination events in the stream of a run. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus, type Run, runContext } from "@locus/core";
import {
  CoordinationBus,
  type CoordinationDraft,
  type CoordinationErrorContext,
} from "@locus/core/coordination";
import { coordinationEvents } from "../events/expected_catalogue.ts";
import { until } from "../harness/support/until.ts";
import { reportingBus } from "./_support.ts";

/** Type and payload of what a run has got, oldest first. */
function shown(runs: EventBus, run: string): unknown[] {
  return runs.history({ run }).reverse().map(({ event_type, data }) => [event_type, data]);
}

test("mirror: true shows every type in the run, with the catalogue's payload", async () => {
  const runs = new EventBus();
  const bus = new CoordinationBus({ mirror: true });
  await runContext({ runId: "r", bus: runs }, async () => {
    for (const [type, data] of Object.entries(coordinationEvents)) {
      await bus.publish({ type, stream_id: "s", node_id: "n", data } as CoordinationDraft);
    }
  });
  assertEquals(shown(runs, "r"), Object.entries(coordinationEvents));
});

test("mirror: true shows what was left out as well", async () => {
  const runs = new EventBus();
  const bus = new CoordinationBus({ mirror: true });
  await runContext({ runId: "r", bus: runs }, () => bus.stream("s").publish("node_loop_started"));
  assertEquals(shown(runs, "r"), [["node_loop_started", { max_iterations: null }]]);
});

test("What a run of somebody's own rejects with is reported, also to who rejects in turn", async () => {
  const stages: string[] = [];
  const refusing: object = { emit: () => Promise.reject(new Error("not now")) };
  const bus = new CoordinationBus({
    mirror: refusing as Run,
    onError: (async ({ message }, { stage }) => {
      stages.push(`${stage}: ${message}`);
      await Promise.reject(new Error("again"));
    }) as (error: Error, context: CoordinationErrorContext) => void,
  });
  await bus.stream("s").publish("custom");
  await until("it is reported", () => stages.length > 0);
  assertEquals(stages, ["mirror: not now"]);
});

test("Nothing is mirrored by default, outside of a run, or of what is refused", async () => {
  const runs = new EventBus();
  const { bus } = reportingBus({ mirror: true });
  await bus.stream("s").publish("custom");
  await runContext({ runId: "r", bus: runs }, async () => {
    await new CoordinationBus().stream("s").publish("custom");
    await bus.publish({ type: "custom", stream_id: "" });
  });
  assertEquals(runs.stats().published_events_total, 0);
  assertEquals(bus.getStats().total_events, 1);
});

test("mirror: true takes the run of the publish call, also where runs take turns", async () => {
  const runs = new EventBus();
  const bus = new CoordinationBus({ mirror: true, maxConcurrentHandlers: 1 });
  bus.subscribe({ handler: async () => await null });
  await Promise.all(["a", "b"].map((runId) =>
    runContext({ runId, bus: runs }, async () => {
      for (let n = 1; n <= 3; n++) await bus.stream("s").publish("custom", { runId, n });
    })
  ));
  for (const runId of ["a", "b"]) {
    assertEquals(shown(runs, runId), [1, 2, 3].map((n) => ["custom", { runId, n }]));
  }
});

test("A handler that was subscribed in a run publishes in that run", async () => {
  const runs = new EventBus();
  const bus = new CoordinationBus({ mirror: true });
  runContext({ runId: "listener", bus: runs }, () => {
    bus.subscribe({
      types: ["stream_started"],
      handler: () => bus.stream("s").publish("goal_achieved"),
    });
  });
  await runContext(
    { runId: "publisher", bus: runs },
    () => bus.stream("s").publish("stream_started"),
  );
  assertEquals(shown(runs, "publisher"), [["stream_started", {}]]);
  assertEquals(shown(runs, "listener"), [["goal_achieved", {}]]);
});

test("mirror: run shows everything in that run, wherever it is published", async () => {
  const runs = new EventBus();
  const run: Run = runContext({ runId: "r", bus: runs }, (run) => run);
  const bus = new CoordinationBus({ mirror: run });
  await bus.stream("s").publish("custom", { n: 1 });
  await runContext(
    { runId: "other", bus: runs },
    () => bus.stream("s").publish("custom", { n: 2 }),
  );
  assertEquals(shown(runs, "r"), [["custom", { n: 1 }], ["custom", { n: 2 }]]);
  assertEquals(shown(runs, "other"), []);
});

test("The event is in the run before any handler is called", async () => {
  const runs = new EventBus();
  const bus = new CoordinationBus({ mirror: true });
  const seen: number[] = [];
  bus.subscribe({ handler: () => void seen.push(shown(runs, "r").length) });
  await runContext({ runId: "r", bus: runs }, () => bus.stream("s").publish("custom"));
  assertEquals(seen, [1]);
});
