/**
 * Tutorial, part 2: the same agent, watched.
 *
 * A run is all it takes: nothing about the agent changes. Anybody who knows the run's id can subscribe, and sees
 * every step while it happens.
 */
import { getEventBus, withRun } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { scriptedModel } from "@locus/core/testing";

const agent = new Agent({ model: scriptedModel(["Hello from the other side of the bus."]) });
const bus = getEventBus();

const watching = watch("greeting");
await withRun({ runId: "greeting", name: "Say hello" }, async () => {
  for await (const event of agent.run("Say hello.")) {
    if (event.event_type === "terminate") console.log("answer:", event.final_message);
  }
});
const seen = await watching;

for (const type of ["agent.model.chunk", "agent.tokens.used", "agent.think", "agent.terminate"]) {
  if (!seen.has(type)) throw new Error(`Expected to see ${type}, saw only ${[...seen]}`);
}
console.log("kinds of events seen:", [...seen].join(", "));

async function watch(runId: string): Promise<Set<string>> {
  const types = new Set<string>();
  for await (const event of bus.subscribe(runId)) {
    types.add(event.event_type);
    // `data` has the type that belongs to `event_type`.
    switch (event.event_type) {
      case "agent.model.chunk":
        console.log(`${event.event_id}  writes ${event.data.content_preview}`);
        break;
      case "agent.tokens.used":
        console.log(`${event.event_id}  spent ${event.data.total_tokens} tokens`);
        break;
      case "agent.terminate":
        console.log(`${event.event_id}  ended: ${event.data.reason}`);
        break;
    }
  }
  return types;
}
