/**
 * Tutorial, part 6: streams that work together.
 *
 * A webhook takes an order, a worker packs it, an auditor writes down how. They share a coordination bus
 * and know nothing else of each other. Unlike the bus that shows a run, this one waits: `publish()`
 * resolves when every handler that matches has finished.
 */
import { EventBus, runContext } from "@locus/core";
import { CoordinationBus } from "@locus/core/coordination";

const bus = new CoordinationBus({ maxConcurrentHandlers: 2, mirror: true });

// The worker packs whenever the webhook begins an execution. It publishes from within a handler and waits
// for those who listen to that: the limit of two cannot block it.
bus.subscribe({
  types: ["execution_started"],
  stream: "webhook",
  handler: async ({ data, correlation_id: correlationId }) => {
    const packing = bus.stream("worker").node("pack");
    await packing.publish("node_loop_started", { max_iterations: 2 });
    await packing.publish("node_loop_iteration", { iteration: 1 });
    await packing.publish("goal_achieved", { packed: data.input }, { correlationId });
  },
});

// The auditor takes everything of one node.
const audit: string[] = [];
const off = bus.subscribe({
  node: "pack",
  handler: async ({ type, stream_id }) => {
    await new Promise((resolve) => setTimeout(resolve, 5)); // a slow disk
    audit.push(`${stream_id}: ${type}`);
  },
});

// The webhook works in a run that somebody may watch: what it publishes is shown there as well.
const runs = new EventBus();
const goal = bus.waitFor({ type: "goal_achieved", stream: "worker", timeoutMs: 1_000 });
await runContext({ runId: "order-42", bus: runs }, async () => {
  const order = bus.stream("webhook").execution("e1");
  await order.publish("execution_started", { input: { order: 42 } }, { correlationId: "order-42" });
  await order.publish("execution_completed", { output: { paid: true } });
});
off();

console.log(audit.join("\n"));
if (audit.length !== 3) throw new Error("publish() waits for every handler, also the nested ones");
if ((await goal)?.data.packed === undefined) throw new Error("The goal was not achieved");

const together = bus.getHistory({ correlation: "order-42" }).map(({ type }) => type);
console.log("of order-42, newest first:", together.join(", "));
if (together.length !== 2) throw new Error("Expected the order and its goal");

const shown = runs.history({ run: "order-42" }).map(({ event_type }) => event_type);
console.log(`the run shows ${shown.reverse().join(", ")}: 2 of ${bus.getStats().total_events}`);
if (shown.length !== 2) throw new Error("The worker is not in the run, so its events are not");
