/**
 * One line that says what an event says. Unknown events appear as they are.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { contentWords } from "../../src/view/content_words.ts";
import { restartWords } from "../../src/view/gap_words.ts";
import { routeWords } from "../../src/view/route_words.ts";
import { duration } from "../format.ts";

/** The words of the line, and how the event is to be taken. */
export interface SummaryLine {
  readonly text: string;
  readonly tone: "plain" | "failed" | "waiting" | "notice" | "text";
}

/** What an event says, on one line. */
export function summaryLine(event: StreamEvent): SummaryLine {
  switch (event.event_type) {
    case "agent.model.chunk": {
      const { content_preview: text, has_tool_calls: hasTools, done } = event.data;
      if (text) return { text: `“${text}”`, tone: "text" };
      return plain(hasTools ? "part of a tool call" : done ? "end of the reply" : "");
    }
    case "agent.think": {
      const { iteration, reasoning_preview: text, tool_call_count: calls } = event.data;
      return plain(
        `turn ${iteration} · ${calls} tool ${calls === 1 ? "call" : "calls"}${
          text ? ` · “${text}”` : ""
        }`,
      );
    }
    case "agent.model.completed": {
      const { content_preview: text, stop_reason: reason } = event.data;
      return plain(`${reason ?? "done"}${text ? ` · “${text}”` : ""}`);
    }
    case "agent.tokens.used": {
      const { prompt_tokens: sent, completion_tokens: written, total_tokens: all } = event.data;
      return plain(`${sent} in · ${written} out · ${all} in all`);
    }
    case "agent.tool.started":
      return plain(`${event.data.tool_name}(${listOf(event.data.arg_keys)})`);
    case "agent.tool.completed": {
      const { tool_name: name, success, error, duration_ms: ms, output_preview: output } =
        event.data;
      if (success === false) return { text: `${name} · ${error ?? "failed"}`, tone: "failed" };
      return plain(`${name} · ${duration(ms)}${output ? ` · ${output}` : ""}`);
    }
    case "agent.interrupt":
      return { text: event.data.question_preview, tone: "waiting" };
    case "agent.terminate": {
      const { reason, final_message_preview: text, error, error_kind: kind } = event.data;
      const tone = reason === "error" || (error && kind !== "cancelled") ? "failed" : "plain";
      return {
        text: `${reason}${error ? ` · ${error}` : ""}${text ? ` · “${text}”` : ""}`,
        tone,
      };
    }
    case "span.started":
      return plain(event.data.name);
    case "span.completed": {
      const { name, success, duration_ms: ms, error } = event.data;
      if (success === false) return { text: `${name} · ${error ?? "failed"}`, tone: "failed" };
      return plain(`${name} · ${duration(ms)}`);
    }
    case "run.started": {
      const { name, input_preview: input } = event.data;
      return plain([name, input && `“${input}”`].filter(Boolean).join(" · "));
    }
    case "span.content": {
      const { direction, kind } = event.data;
      return plain(`${direction} · ${kind} · ${contentWords(event.data)}`.slice(0, MAX_LENGTH));
    }
    case "bus.gap": {
      const { count, reason, from_seq: from, to_seq: to } = event.data;
      const restart = restartWords(event.data);
      if (restart !== null && !(count > 0)) return { text: restart, tone: "notice" };
      const missed = `${count} missed: ${from} to ${to}`;
      return { text: `${missed} (${restart ?? reason})`, tone: "notice" };
    }
    default:
      return route(event) ?? other(event);
  }
}

function other({ data }: { readonly data: object }): SummaryLine {
  const fields: Record<string, unknown> = { ...data };
  const failed = fields.success === false ||
    (typeof fields.error === "string" && fields.error !== "");
  let text = "";
  for (const key in fields) {
    const value = fields[key];
    text += `${text && " · "}${key} ${typeof value === "string" ? value : JSON.stringify(value)}`;
    if (text.length > MAX_LENGTH) break;
  }
  return { text: text.slice(0, MAX_LENGTH), tone: failed ? "failed" : "plain" };
}

function route({ event_type: type, data }: StreamEvent): SummaryLine | null {
  const words = routeWords(type, { ...data });
  return words === null ? null : plain(words);
}

function plain(text: string): SummaryLine {
  return { text, tone: "plain" };
}

/** Payloads come from anywhere: a list may be none. */
function listOf(value: unknown): string {
  return Array.isArray(value) ? value.slice(0, 20).map(String).join(", ") : "";
}

const MAX_LENGTH = 300;
