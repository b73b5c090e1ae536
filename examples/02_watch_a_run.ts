/**
 * Tutorial, part 2: the same agent, watched.
 *
 * A run context is all it takes: nothing about the agent changes. Whoever knows the run's id subscribes
 * and sees every step, while it happens.
 */
import { getEventBus, runContext } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { scriptedModel } from "./support/scripted_model.ts";

const agent = new Agent({ model: scriptedModel("Hello from the other side of the bus.") });
const bus = getEventBus();

const seen = await runContext({ runId: "greeting" }, async (run) => {
  const watching = watch(run.id);
  for await (const event of agent.run("Say hello.")) {
    if (event.event_type === "terminate") console.log("answer:", event.final_message);
  }
  // A run may hold several agents, so it is ours to say that it is over.
  bus.closeStream(run.id);
  return watching;
});

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
