/**
 * One line that says what an event says. Unknown events appear as they are.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { contentWords } from "../../src/view/content_words.ts";
import { restartWords } from "../../src/view/gap_words.ts";
import { fieldsOf } from "../../src/view/payload.ts";
import { routeWords } from "../../src/view/route_words.ts";

/** The words of the line, and how the event is to be taken. */
export interface SummaryLine {
  readonly text: string;
  readonly tone: "plain" | "failed" | "waiting" | "notice" | "text";
}

/** Phrases for events; null for those that it does not know. */
export type EventPhrases = (type: string, data: Readonly<Record<string, unknown>>) => string | null;

/** What an event says, on one line; without phrases, by its fields. */
export function summaryLine(event: StreamEvent, phrases: EventPhrases | null): SummaryLine {
  const { event_type: type } = event;
  const data: Readonly<Record<string, unknown>> = { ...event.data };
  return { text: wordsOf(event, data, phrases).slice(0, MAX_LENGTH), tone: toneOf(type, data) };
}

function wordsOf(
  event: StreamEvent,
  data: Readonly<Record<string, unknown>>,
  phrases: EventPhrases | null,
): string {
  switch (event.event_type) {
    case "span.content":
      return `${event.data.direction} · ${event.data.kind} · ${contentWords(event.data)}`;
    case "bus.gap": {
      const restart = restartWords(event.data);
      if (restart !== null && !(event.data.count > 0)) return restart;
      const { count, reason, from_seq: from, to_seq: to } = event.data;
      return `${count} missed: ${from} to ${to} (${restart ?? reason})`;
    }
    default:
      return routeWords(event.event_type, data) ?? phrases?.(event.event_type, data) ??
        fieldsOf(data);
  }
}

function toneOf(type: string, data: Readonly<Record<string, unknown>>): SummaryLine["tone"] {
  if (type === "bus.gap") return "notice";
  if (WAITING.has(type) || data.status === "interrupted") return "waiting";
  if (TEXT.has(type) && data.content_preview !== "") return "text";
  const isCancelled = data.error_kind === "cancelled" || data.outcome === "cancelled";
  const hasFailed = data.success === false || data.is_error === true || data.status === "failed" ||
    data.reason === "error" || (typeof data.error === "string" && data.error !== "") ||
    FAILURES.has(type);
  return hasFailed && !isCancelled ? "failed" : "plain";
}

const WAITING: ReadonlySet<string> = new Set([
  "agent.interrupt",
  "client_input_requested",
  "node_input_blocked",
]);
const TEXT: ReadonlySet<string> = new Set(["agent.model.chunk", "llm_text_delta"]);
/** What tells of a failure without an error of its own. */
const FAILURES: ReadonlySet<string> = new Set(["constraint_violation", "bus.error"]);
const MAX_LENGTH = 300;
