/**
 * Where an event belongs: keys that the components of Locus add to their payloads. Other publishers may leave
 * them out, and a reader that meets none hangs the event on the run.
 *
 * @module
 */

/** An event that happened in a span. */
export interface InSpan {
  /** The span that it happened in; null at the top of the run. */
  span_id?: string | null;
}

/** An event that opens or closes a span, and whose pair has no id of its own. */
export interface SpanPair {
  /** The id of the span; both events of the pair carry the same. */
  span_id?: string;
  /** The span that this one is part of; null at the top of the run. */
  parent_span_id?: string | null;
}

/** An event that opens or closes a span with a `span_id` of its own. */
export interface InParent {
  /** The span that this one is part of; null at the top of the run. */
  parent_span_id?: string | null;
}

/** An event that opens or closes the span of a tool call. */
export interface ToolSpan extends InParent {
  /**
   * The id of the span. `span_id` is the provider's call id, which providers use again: for other agents, and
   * for later turns.
   */
  tool_span_id?: string;
  /** Which attempt at the call this is, from 1. */
  attempt?: number;
  /** True if the call waited for a person and goes on. */
  resumed?: boolean;
}

/** An event that begins work which may begin again: what was finished in it is not repeated. */
export interface Beginning {
  /** How often this task was begun, from 1: again after an answer, a failure or a crash. */
  execution?: number;
  /** Why it begins. */
  because?: "scheduled" | "answer" | "recover" | "replay";
  /** Keys of `once()` whose results are there, so that those effects are not repeated. */
  kept?: readonly string[];
}

/** One of the routes that were open to a choice. */
export interface RouteCandidate {
  /** The route: a node, or a protocol. */
  id: string;
  /** Whether it was taken. */
  chosen: boolean;
  /** Why, or why not; null if nothing says. */
  reason: string | null;
  /** How well it fits, on the chooser's own scale; null if it has none. */
  score: number | null;
}
