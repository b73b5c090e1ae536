/** What the tests of routers share. */

import { EventBus, type StreamEvent, withRun } from "../../mod.ts";
import { tool } from "../../src/agent/mod.ts";
import {
  type Capability,
  type GoalFrame,
  router,
  type RouterOptions,
} from "../../src/router/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";

/** A frame, by what matters of it. */
export function frameOf(
  primary_goal: string,
  complexity = "low",
  risk = "low",
  more: Partial<GoalFrame> = {},
) {
  return { primary_goal, domain: "shop", complexity, risk, ...more };
}

/** A capability with a tool of its own. */
export function capability(id: string, more: Partial<Capability> = {}): Capability {
  return { id, description: `Reads ${id}`, tool: tool({ name: id, execute: () => "42" }), ...more };
}

/** A router whose extractor gives this frame, and whose agents all say "done". */
export function routes(frame: unknown, options: Partial<RouterOptions> = {}) {
  return router({ extractor: () => frame, model: scriptedModel(() => "done"), ...options });
}

/** What `fn` says in a run, oldest first, and what it came to. */
export async function watch<R>(
  fn: () => Promise<R>,
  bus: EventBus = new EventBus(),
): Promise<{ events: StreamEvent[]; value: R; error: unknown }> {
  let value: R | undefined;
  let error: unknown = null;
  try {
    value = await withRun({ runId: "r1", bus }, fn);
  } catch (thrown) {
    error = thrown;
  }
  const events = [...bus.history("*", { limit: 1000 })].reverse();
  return { events, value: value as R, error };
}

/** The router's own events, in a word each. */
export function told(events: readonly StreamEvent[]): string[] {
  return events.map(({ event_type }) => event_type)
    .filter((type) => type.startsWith("router."))
    .map((type) => type.replace("router.", ""));
}

/** The payloads of a type. */
export function allOf(events: readonly StreamEvent[], type: string) {
  return events.filter(({ event_type }) => event_type === type)
    .map(({ data }) => data as Readonly<Record<string, unknown>>);
}

/** The first of them. */
export function first(events: readonly StreamEvent[], type: string) {
  return allOf(events, type)[0];
}
