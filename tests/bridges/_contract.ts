/**
 * What every bridge has to keep: the events of a run hold the contract, whatever the host did.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { EventBus } from "@locus/core";
import type { SpanRecorder } from "../../src/bridges/write_your_own.ts";
import { foldSpans, openSpans, outlineOf, type SpanNode } from "../harness/support/span_tree.ts";
import type { AnyEvent } from "../harness/support/read.ts";

/** A run as it was told. */
export interface Told {
  readonly events: readonly AnyEvent[];
  readonly tree: SpanNode;
  /** The tree, as nested lists of `kind name`. */
  readonly outline: unknown;
  /** The payloads of one type, in order. */
  of(type: string): readonly AnyEvent["data"][];
}

/** The only run of a bus, or the one of an id; see {@linkcode checkEvents}. */
export function checkRun(bus: EventBus, runId = bus.runs()[0]?.run_id): Told {
  assert(runId !== undefined, "no run was published");
  const events = bus.history({ run: runId }, { limit: 10_000 }).toReversed() as AnyEvent[];
  return checkEvents(events);
}

/**
 * Checks that each span begins and ends once and in one that is open, every event is in an open span, and every agent
 * says once how it ended, or waits. No known secret is in any event.
 */
export function checkEvents(events: readonly AnyEvent[]): Told {
  const tree = foldSpans(events);
  const agents = nodesOf(tree).filter(({ kind }) => kind === "agent");
  for (const { events, name, isOpen } of agents) {
    const waits = isOpen && events.includes("agent.interrupt");
    const ends = events.filter((type) => type === "agent.terminate").length;
    assertEquals(ends, waits ? 0 : 1, `how often "${name}" says how it ended`);
  }
  if (!events.some(({ event_type }) => event_type === "agent.interrupt")) {
    assertEquals(openSpans(tree), [], "spans that never end");
  }
  assert(!JSON.stringify(events).includes(SECRET), "a secret was published");
  const of = (type: string) =>
    events.filter(({ event_type }) => event_type === type).map(({ data }) => data);
  return { events, tree, outline: outlineOf(tree), of };
}

/** A text that must be in no event. */
export const SECRET = "sk-ant-api03-" + "a1B2".repeat(20);

function nodesOf(node: SpanNode): SpanNode[] {
  return [node, ...node.children.flatMap(nodesOf)];
}

/** What a caller of the host sees: what it returns or throws, without what is another each time. */
export async function seen(host: () => Promise<unknown>): Promise<unknown> {
  try {
    return { result: visible(await host()) };
  } catch (error) {
    return { error: visible(error) };
  }
}

function visible(value: unknown): unknown {
  const text = JSON.stringify(value, (key, value) => {
    if (value instanceof Error) return { name: value.name, message: value.message };
    return CHANGING.test(key) ? 0 : value;
  }) ?? "null";
  return JSON.parse(text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>"));
}

const CHANGING = /^(id|timestamp|ts|callId|performance|approvalId|messageId|.*PerSecond|.*Ms)$/;

/** Has every method of a recorder throw, after so many calls. */
export function failAfter(good: number, recorder: SpanRecorder): void {
  let left = good;
  for (const name of ["open", "delta", "close", "say", "interrupt", "content", "runAt", "has"]) {
    const method = recorder[name as "has"].bind(recorder);
    const value = (...args: [string]) => {
      if (left-- > 0) return method(...args);
      throw new Error("the bridge broke");
    };
    Object.defineProperty(recorder, name, { value });
  }
}
