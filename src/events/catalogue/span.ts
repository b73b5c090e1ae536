/**
 * What spans say: work that has a beginning, an end and a place in other work.
 *
 * @module
 */

import type { EventRows } from "./rows.ts";

/** A piece of work begins. */
export interface SpanStarted {
  /** 16 hexadecimal digits; `span.completed` carries the same. */
  span_id: string;
  /** The span that this one is part of; null at the top of a run. */
  parent_span_id: string | null;
  /** What is being done, in the words of the code that does it. */
  name: string;
  /**
   * What kind of work it is: `work` for `withSpan()`, `run` for a child run. Others are reserved for components:
   * `agent`, `model`, `graph`, `pipeline`, `loop`, `router`, `orchestrator`, `swarm`, `task`, `attempt`, `research`,
   * `retrieval`, `request`.
   */
  kind?: string;
  /** Anything else that is known at the beginning. */
  attributes: Readonly<Record<string, unknown>>;
  /** True if it waited for a person and goes on: the ids are those that it began with. */
  resumed?: boolean;
}

/** A piece of work is over, however it ended. */
export interface SpanCompleted {
  /** The `span_id` of the matching `span.started`. */
  span_id: string;
  /** The same as at the beginning. */
  parent_span_id: string | null;
  /** The same as at the beginning. */
  name: string;
  /** The same as at the beginning. */
  kind?: string;
  /** False if it threw or was aborted. */
  success: boolean;
  /** How long it took, in milliseconds. */
  duration_ms: number;
  /** `<ErrorName>: <first line>` of what it threw; null if it did not. */
  error: string | null;
  /** Anything else that is known at the end. */
  attributes?: Readonly<Record<string, unknown>>;
}

/** What went into a span or came out of it. */
export interface SpanContent {
  /** The span that it belongs to. */
  span_id: string;
  /** Whether it went in or came out. */
  direction: "input" | "output";
  /**
   * What `content` is:
   *
   * - `messages`: a list of messages, in the shape of OpenTelemetry's `gen_ai.input.messages`.
   * - `text`; `arguments` and `result` of a tool; `tools`: their schemas.
   * - `documents` (`id`, `score`, `text`, `metadata`); `state`: the update of a graph's; `answer`: what a person said.
   * - `json`: anything else.
   */
  kind:
    | "messages"
    | "text"
    | "arguments"
    | "result"
    | "tools"
    | "documents"
    | "state"
    | "answer"
    | "json";
  /**
   * Of messages that went in: the span whose messages these continue, first those that went in there, then those
   * that came out; null if all are here. It may be the same span, where one event could not hold all.
   */
  base_span_id: string | null;
  /** How many messages of the base come before these; 0 without a base. */
  from_index: number;
  /** The content, without known secrets. */
  content: unknown;
  /** Whether texts in it were cut to fit into an event. Messages are never left out. */
  truncated: boolean;
  /** How large it is as JSON in UTF-8, before texts were cut. */
  bytes: number;
  /** Of an answer: who gave it, as far as the server knows; null if it does not. */
  by?: string | null;
  /** Of documents that went in: what says that they were used. */
  used_by?: "citation" | "context" | "match";
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
  "span.content": SpanContent;
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
    note: "Of earlier versions: pairs of other prefixes now say their parent themselves.",
  },
  "span.content": {
    summary: "What went into a span or came out of it.",
    note: "Only where content is asked for: see `content` of withRun() and EventBus.",
  },
};
