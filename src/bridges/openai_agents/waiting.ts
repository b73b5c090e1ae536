import type { AskedCall } from "./answers.ts";

/** What a trace waits for: the calls that nobody ran, by the name of the agent that asked for them. */
export type Waiting = Map<string, readonly AskedCall[]>;

/** The traces that wait for a person: the newest of them. What goes on has the id of its trace, and no other. */
const traces = new Map<string, Waiting>();

/** Notes what an agent waits for. */
export function noteWaiting(traceId: string, agent: string, calls: readonly AskedCall[]): void {
  const waiting = traces.get(traceId) ?? new Map();
  traces.set(traceId, waiting.set(agent, calls));
  if (traces.size > MAX_TRACES) traces.delete(traces.keys().next().value!);
}

/** What a trace waited for until now. */
export function takeWaiting(traceId: string): Waiting {
  const waiting: Waiting = traces.get(traceId) ?? new Map();
  traces.delete(traceId);
  return waiting;
}

const MAX_TRACES = 1_000;
