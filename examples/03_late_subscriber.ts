/**
 * Tutorial, part 3: whoever comes late misses nothing.
 *
 * A bus keeps the last 500 events of a run, for 200 runs. A subscriber gets them first and what comes
 * live after that, without a seam; one that comes when the run is over gets them all, and the end. If
 * something is no longer held, a `bus.gap` event says how much, in its place.
 */
import { emit, EventBus, runContext, withRun } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { scriptedModel } from "@locus/core/testing";

const bus = new EventBus();
const agent = new Agent({ model: scriptedModel(["ok"]) });

await withRun({ runId: "over", bus }, () => agent.invoke("Reply with ok."));

const replayed = [];
for await (const event of bus.subscribe("over")) replayed.push(event);
console.log(`the run is over; a late subscriber gets ${replayed.length} events, then the end:`);
for (const { event_id, event_type } of replayed) console.log(`  ${event_id}  ${event_type}`);
if (replayed.at(-1)?.event_type !== "run.completed") throw new Error("The end is missing");

// Any event's id is a place to resume at.
const middle = replayed[1]!;
const rest = [];
for await (const event of bus.subscribe("over", { after: middle.event_id })) rest.push(event);
console.log(`resuming after ${middle.event_id} gives the other ${rest.length}`);
if (rest.length !== replayed.length - 2) throw new Error("Resuming must neither lose nor repeat");

// History is bounded, and what has left it is announced, never passed over in silence.
const small = new EventBus({ historyPerRun: 3 });
runContext({ runId: "long", bus: small }, () => {
  for (let step = 1; step <= 10; step++) emit("job.step", { step });
});
small.closeStream("long");
const [first] = await Array.fromAsync(small.subscribe("long"));
if (first?.event_type !== "bus.gap" || first.data.count !== 7) {
  throw new Error("Expected a gap of 7");
}
console.log(`a history of 3 after 10 events begins with a gap of ${first.data.count}`);
