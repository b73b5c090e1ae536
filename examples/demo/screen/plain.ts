/**
 * A run as plain lines in order, for logs, pipes and terminals that cannot redraw: words instead of
 * colour, and nothing that is taken back later.
 *
 * @module
 */
import type { StreamEvent } from "@locus/core";
import { applyEvent } from "./apply_event.ts";
import { elapsed, type RunView, type Span, textOf } from "./run_view.ts";
import { firstLine, oneLine, wrap } from "./text.ts";
import { count, formatDuration } from "./words.ts";

/** Folds one event into the picture, and returns the lines that it adds. */
export function plainEvent(view: RunView, event: StreamEvent, width: number): string[] {
  const changed = applyEvent(view, event);
  const line = (...words: string[]) => plainLines(view, Date.parse(event.timestamp), words, width);
  switch (event.event_type) {
    case "agent.tool.started":
      return line(event.data.tool_name, "started", event.data.arg_keys.join(", "));
    case "agent.terminate":
      return [...answer(view, width), ...line(view.state, ...totals(view))];
  }
  switch (changed?.kind) {
    case "note":
      return line("note", oneLine(changed.text));
    case "span":
      if (event.event_type === "span.started") {
        return line(changed.name, "started", changed.subject);
      }
      return event.event_type.endsWith(".completed") ? line(...describe(changed)) : [];
    case "turn":
      return event.event_type === "agent.think"
        ? line(`think ${changed.iteration}`, oneLine(changed.text || "the answer below"))
        : [];
    default:
      return [];
  }
}

/** A line for something that is no event, such as a lost connection. */
export function plainNote(view: RunView, text: string, at: number, width: number): string[] {
  return plainLines(view, at, ["note", oneLine(text)], width);
}

/** The time, a name and some words; what does not fit goes on below. */
function plainLines(view: RunView, at: number, words: readonly string[], width: number): string[] {
  const [name = "", ...rest] = words.filter((word) => word !== "");
  const time = formatDuration(elapsed({ ...view, endedAt: null }, at)).padStart(7);
  const text = `${oneLine(name).padEnd(12)} ${rest.join("  ")}`;
  return wrap(text, Math.max(10, width - 9))
    .map((line, index) => `${index === 0 ? time : " ".repeat(7)}  ${line}`);
}

function describe({ name, state, subject, durationMs, result }: Span): string[] {
  return [name, state, oneLine(subject), formatDuration(durationMs ?? 0), firstLine(result)];
}

function answer(view: RunView, width: number): string[] {
  const text = textOf(view);
  return text === "" ? [] : wrap(text, Math.min(100, width));
}

function totals(view: RunView): string[] {
  return [
    view.reason ?? "",
    count(view.modelCalls, "model call"),
    count(view.toolCalls, "tool"),
    `${view.tokens.toLocaleString("en-US")} tok`,
  ];
}
