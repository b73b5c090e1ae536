import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus, runContext } from "@locus/core";
import { channel, graph, START } from "@locus/core/graph";
import { MemoryCheckpointer } from "@locus/core/memory";
import { RunCheckpoints } from "@locus/core/view";

test("RunCheckpoints lists what a graph's history has, with the place of each in the log", async () => {
  const bus = new EventBus();
  const counting = graph({
    state: { n: channel.add() },
    nodes: { one: () => ({ n: 1 }), two: () => ({ n: 1 }) },
    edges: { [START]: "one", one: "two" },
  });
  const t = { threadId: "t", checkpointer: new MemoryCheckpointer() };
  await runContext({ runId: "r1", bus }, () => counting.execute({}, t));
  const events = [...bus.history("*", { limit: 500 })].reverse();
  const checkpoints = new RunCheckpoints();
  for (const event of events) checkpoints.add(event);

  const stored = (await Array.fromAsync(counting.history("t", t))).reverse();
  assertEquals(
    checkpoints.list.map(({ checkpoint_id, parent_checkpoint_id }) => [
      checkpoint_id,
      parent_checkpoint_id,
    ]),
    stored.map(({ checkpoint_id, parent_id }) => [checkpoint_id, parent_id]),
  );
  assertEquals(checkpoints.list.map(({ thread_id }) => thread_id), ["t", "t", "t"]);
  const started = events.filter(({ event_type }) => event_type === "multiagent.graph.node.started");
  assertEquals(started.map(({ event_id }) => checkpoints.at(event_id)?.checkpoint_id), [
    "c1",
    "c2",
  ]);
  assertEquals(checkpoints.at(events[0]!.event_id), undefined);
});

test("RunCheckpoints keeps the newest, and takes no agent's saves for checkpoints of graphs", () => {
  const checkpoints = new RunCheckpoints({ maxCheckpoints: 1 });
  for (const [seq, more] of [{ checkpoint_id: "c1" }, { checkpoint_id: "c2" }, {}].entries()) {
    checkpoints.add({
      event_id: `e-${seq + 1}`,
      run_id: "r1",
      event_type: "memory.checkpoint.saved",
      timestamp: "2026-01-01T00:00:00.000Z",
      data: { thread_id: "t", iteration: 1, backend: "memory", trigger: "final", ...more },
    });
  }
  assertEquals(checkpoints.list.map(({ checkpoint_id }) => checkpoint_id), ["c2"]);
});
