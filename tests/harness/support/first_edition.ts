/**
 * What the events of a run say in the words of the first edition of the contract: without the families that came
 * later, and without what payloads say since then of where an event belongs and how things ended.
 *
 * @module
 */

/** The events of the catalogue's first edition, with its keys. */
export function firstEdition<E extends { event_type: string; data: object }>(
  events: readonly E[],
): E[] {
  return events.filter(isOfFirstEdition).map((event) => ({
    ...event,
    data: withoutExtras(event.event_type, event.data),
  }));
}

/** Whether an event is one of the first edition. */
export function isOfFirstEdition(
  { event_type, data }: { event_type: string; data: object },
): boolean {
  return !/^(span|run|bus)\.|^agent\.interrupt\.answered$/.test(event_type) &&
    !(data as { resumed?: boolean }).resumed;
}

function withoutExtras(eventType: string, data: object): object {
  const own = Object.entries(data).filter(([key]) => !isExtra(eventType, key));
  return Object.fromEntries(own);
}

function isExtra(eventType: string, key: string): boolean {
  if (key === "span_id") return eventType.includes(".") && !HAVE_SPAN_ID.has(eventType);
  return ["tool_span_id", "parent_span_id", "resumed"].includes(key) ||
    (EXTRAS[eventType] ?? []).includes(key);
}

const HAVE_SPAN_ID = new Set([
  "agent.tool.started",
  "agent.tool.completed",
  "multiagent.graph.node.started",
  "multiagent.graph.node.completed",
]);

const EXTRAS: { readonly [eventType: string]: readonly string[] } = {
  "agent.tool.started": ["attempt"],
  "agent.tool.completed": ["attempt"],
  "agent.tokens.used": [
    "cached_input_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "model",
  ],
  "agent.terminate": ["success", "error", "error_kind", "duration_ms"],
};
