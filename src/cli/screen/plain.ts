/**
 * A run as plain lines in order, for logs, pipes and terminals that cannot redraw: words instead of colour, and
 * nothing that is taken back later.
 */

import type { StreamEvent } from "../../events/stream_event.ts";
import { laneOf, type PictureSpan } from "../../view/picture_rows.ts";
import type { RunPicture } from "../../view/run_picture.ts";
import { count, formatDuration } from "../../view/words.ts";
import { textOf } from "./draw.ts";
import { resultOf } from "./result_of.ts";
import { oneLine, wrap } from "./text.ts";

/** Adds one event to the picture, and returns the lines that it adds. */
export function plainEvent(picture: RunPicture, event: StreamEvent, width: number): string[] {
  const changed = picture.add(event);
  const line = (...words: string[]) =>
    plainLines(picture, Date.parse(event.timestamp), words, width);
  const { event_id: eventId, event_type: eventType } = event;
  const { state } = picture.summary;
  if (eventType === "agent.terminate" || (eventType === "bus.end" && state === "ended")) {
    return plainEnd(picture, Date.parse(event.timestamp), width);
  }
  switch (changed?.kind) {
    case "note":
      return line("note", oneLine(changed.text));
    case "span":
      if (changed.startEventId === eventId) {
        return line(nameOf(changed), "started", oneLine(changed.subject));
      }
      return changed.endEventId === eventId ? line(...describe(changed)) : [];
    case "turn":
      return eventType === "agent.think"
        ? line(
          `think ${changed.iteration}`,
          changed.isAnswer ? "the answer below" : oneLine(changed.text.slice(0, 1_000)),
        )
        : [];
    default:
      return [];
  }
}

/** The lines for how it stands when nothing more is shown: what the model wrote, and the counters. */
export function plainEnd(picture: RunPicture, at: number, width: number): string[] {
  const words = [picture.summary.state, ...totals(picture)];
  return [...answer(picture, width), ...plainLines(picture, at, words, width)];
}

/** A line for something that is no event, such as a lost connection. */
export function plainNote(picture: RunPicture, text: string, at: number, width: number): string[] {
  return plainLines(picture, at, ["note", oneLine(text)], width);
}

/** The time, a name and some words; what does not fit goes on below. */
function plainLines(
  { startedAt }: RunPicture,
  at: number,
  words: readonly string[],
  width: number,
): string[] {
  const [name = "", ...rest] = words.filter((word) => word !== "");
  const time = formatDuration(startedAt === null ? 0 : at - startedAt).padStart(7);
  const text = `${oneLine(name).padEnd(12)} ${rest.join("  ")}`;
  return wrap(text, Math.max(10, width - 9))
    .map((line, index) => `${index === 0 ? time : " ".repeat(7)}  ${line}`.trimEnd());
}

/** Its name, after that of the agent that it belongs to. */
function nameOf(span: PictureSpan): string {
  const lane = laneOf(span);
  return lane === null || lane === span ? span.name : `${lane.name} › ${span.name}`;
}

function describe(span: PictureSpan): string[] {
  const { state, subject, durationMs } = span;
  return [
    nameOf(span),
    state,
    oneLine(subject),
    formatDuration(durationMs ?? 0),
    resultOf(span),
  ];
}

function answer({ speaking }: RunPicture, width: number): string[] {
  const text = textOf(speaking);
  return text === "" ? [] : wrap(text, Math.min(100, width));
}

function totals({ summary }: RunPicture): string[] {
  return [
    oneLine(summary.reason ?? ""),
    count(summary.model_calls, "model call"),
    count(summary.tool_calls, "tool"),
    `${summary.total_tokens.toLocaleString("en-US")} tok`,
    summary.errors > 0 ? count(summary.errors, "error") : "",
  ];
}
