/** What the agent's tests share. */

import { type Envelope, EventBus, type Run, runContext } from "../../mod.ts";
import { Agent, type AgentEvent, type AgentOptions, type Tool, tool } from "../../src/agent/mod.ts";
import { firstEdition } from "../harness/support/first_edition.ts";
import { type Script, ScriptedModel } from "../harness/support/scripted_model.ts";
import { z } from "zod";

/** An agent with a scripted model that does not stream, and the model. */
export function agentOf(
  script: readonly Script[],
  options: Partial<AgentOptions> = {},
): { agent: Agent; model: ScriptedModel } {
  const model = new ScriptedModel(...script);
  return { agent: new Agent({ model, streaming: false, ...options }), model };
}

/** The sum of two whole numbers. */
export function addTool(): Tool<{ a: number; b: number }> {
  return tool({
    name: "add",
    parameters: z.object({ a: z.number().int(), b: z.number().int() }),
    execute: ({ a, b }) => a + b,
  });
}

/** Everything a run yields; what it rejects with is noted, not thrown. */
export async function collect(
  events: AsyncIterable<AgentEvent>,
): Promise<{ events: AgentEvent[]; error: unknown }> {
  const seen: AgentEvent[] = [];
  try {
    for await (const event of events) seen.push(event);
  } catch (error) {
    return { events: seen, error };
  }
  return { events: seen, error: null };
}

/** Each event in a word: its type, and for tools the call's id. */
export function outline(events: readonly AgentEvent[]): string[] {
  return events.map((event) =>
    "tool_call_id" in event ? `${event.event_type} ${event.tool_call_id}` : event.event_type
  );
}

/** The only event of a type. */
export function only<T extends AgentEvent["event_type"]>(
  events: readonly AgentEvent[],
  type: T,
): Extract<AgentEvent, { event_type: T }> {
  const found = all(events, type);
  if (found.length !== 1) throw new Error(`expected one ${type}, got ${found.length}`);
  return found[0]!;
}

/** All events of a type. */
export function all<T extends AgentEvent["event_type"]>(
  events: readonly AgentEvent[],
  type: T,
): Extract<AgentEvent, { event_type: T }>[] {
  return events.filter((event): event is Extract<AgentEvent, { event_type: T }> =>
    event.event_type === type
  );
}

/**
 * What reaches the bus while `work` runs in a run of its own, as the first edition of the contract has it, and what
 * `work` returned.
 */
export async function onBus<R>(
  work: (run: Run) => Promise<R>,
): Promise<{ events: BusEvent[]; value: R }> {
  const { events, value } = await allOnBus(work);
  return { events: firstEdition(events), value };
}

/** An event on the bus. */
export type BusEvent = Envelope<string, Record<string, unknown>>;

/** What a bus holds of a run, oldest first. */
export function eventsOf(bus: EventBus, run: string, limit = 500): BusEvent[] {
  return bus.history({ run }, { limit }).toReversed().map((event) => event as BusEvent);
}

/** The same, with all that the bus got. */
export async function allOnBus<R>(
  work: (run: Run) => Promise<R>,
): Promise<{ events: BusEvent[]; value: R }> {
  const bus = new EventBus();
  const value = await runContext({ runId: "r", bus }, work);
  bus.closeStream("r");
  const events = [];
  for await (const event of bus.subscribe<Record<string, Record<string, unknown>>>("r")) {
    events.push(event);
  }
  return { events, value };
}

/** A promise, and the ways to settle it from outside. */
export function gate<T = void>(): PromiseWithResolvers<T> {
  return Promise.withResolvers<T>();
}
