import type { AnyBus } from "../../core/bus/bus.ts";
import type { RecordedAgent } from "./recorded_agent.ts";

/** The agents that wait for a person, by their bus and what they asked: the newest of them. */
const waiting = new WeakMap<AnyBus, Map<string, RecordedAgent>>();

/** Notes an agent that waits, so that it can go on in its own span. */
export function addWaiting(agent: RecordedAgent): void {
  const { bus } = agent.outer;
  const agents = waiting.get(bus) ?? new Map<string, RecordedAgent>();
  waiting.set(bus, agents);
  for (const question of agent.questions) agents.set(keyOf(agent.source, question), agent);
  while (agents.size > MAX_WAITING) agents.delete(agents.keys().next().value!);
}

/** The agent that waits for one of these answers. */
export function findWaiting(
  bus: AnyBus,
  source: string,
  answers: readonly string[],
): RecordedAgent | undefined {
  const agents = waiting.get(bus);
  const found = agents && answers.find((answer) => agents.has(keyOf(source, answer)));
  return found === undefined ? undefined : agents!.get(keyOf(source, found));
}

/** Forgets an agent: it goes on, or is over. */
export function deleteWaiting(agent: RecordedAgent): void {
  for (const question of agent.questions) {
    waiting.get(agent.outer.bus)?.delete(keyOf(agent.source, question));
  }
}

function keyOf(source: string, question: string): string {
  return `${source}/${question}`;
}

const MAX_WAITING = 1_000;
