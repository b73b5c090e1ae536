/** A1: what is iterated has its type, and narrows; where a name is missing in a library, it is `any`. */
import { EventBus, type StreamEvent } from "@locus/core";
import type { AgentEvent, AgentRun } from "@locus/core/agent";
import { followRun } from "@locus/core/client";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Compiles if, and only if, the types are the same. */
function same<A>() {
  return <B>(_value: B, _isSame: Equal<A, B>): void => {};
}

const bus = new EventBus();
bus.publish({
  run_id: "r",
  event_type: "agent.tool.started",
  data: { tool_name: "search", span_id: "s", arg_keys: [] },
});
bus.closeStream("r");

const names: string[] = [];
for await (const event of bus.subscribe("r")) {
  same<StreamEvent>()(event, true);
  if (event.event_type !== "agent.tool.started") continue;
  names.push(event.data.tool_name);
  // @ts-expect-error: a key of another event
  event.data.limit;
}
for await (const batch of bus.subscribe("r").batches()) same<readonly StreamEvent[]>()(batch, true);
for await (const event of bus.subscribe("r").values()) same<StreamEvent>()(event, true);
for await (const event of bus.subscribeGlobal({ signal: AbortSignal.abort() })) {
  same<StreamEvent>()(event, true);
}
const off = bus.on("agent.tool.started", ({ data }) => same<string>()(data.tool_name, true));
same<void>()(off(), true);

/** Compiled, not called. */
export async function compiled(run: AgentRun): Promise<void> {
  for await (const event of followRun("https://example.com/runs/r/events")) {
    same<StreamEvent>()(event, true);
  }
  for await (const event of run) same<AgentEvent>()(event, true);
}

if (names.join() !== "search") throw new Error(`Read ${names.join()}`);
console.log("ok narrowing");
