/**
 * What spans say: work that has a beginning, an end and a place in other work.
 *
 * @module
 */

import type { EventRows } from "./rows.ts";

/** A piece of work begins. */
export interface SpanStarted {
  /** 8 hexadecimal digits; `span.completed` carries the same. */
  span_id: string;
  /** The span that this one is part of; null at the top of a run. */
  parent_span_id: string | null;
  /** What is being done, in the words of whoever does it. */
  name: string;
  /** Anything else that is known at the beginning. */
  attributes: Readonly<Record<string, unknown>>;
}

/** A piece of work is over, however it ended. */
export interface SpanCompleted {
  /** The `span_id` of the matching `span.started`. */
  span_id: string;
  /** The same as at the beginning. */
  parent_span_id: string | null;
  /** The same as at the beginning. */
  name: string;
  /** False if it threw or was aborted. */
  success: boolean;
  /** How long it took, in milliseconds. */
  duration_ms: number;
  /** `<ErrorName>: <first line>` of what it threw; null if it did not. */
  error: string | null;
}

/** A span whose own events do not say so is part of another one. */
export interface SpanLinked {
  /** The span of the catalogue's pair, such as an `agent.tool.started`. */
  span_id: string;
  /** The span that it is part of. */
  parent_span_id: string;
}

/** The payload of every `span.*` event. */
export type SpanEvents = {
  "span.started": SpanStarted;
  "span.completed": SpanCompleted;
  "span.linked": SpanLinked;
};

/** The documentation of every `span.*` event. */
export const spanEvents: EventRows<SpanEvents> = {
  "span.started": { summary: "A piece of work begins.", pairs_with: "span.completed" },
  "span.completed": {
    summary: "A piece of work is over.",
    note: "Always, also when the work threw or was aborted.",
    pairs_with: "span.started",
  },
  "span.linked": {
    summary: "A span whose own events do not say so is part of another one.",
    note:
      "For nested pairs of other prefixes that carry a span_id, such as the tools of an agent in a tool.",
  },
};
