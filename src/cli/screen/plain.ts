/**
 * A run as plain lines in order, for logs, pipes and terminals that cannot redraw: words instead of colour, and
 * nothing that is taken back later.
 */

import type { StreamEvent } from "../../events/stream_event.ts";
import { eventTime } from "../../view/event_time.ts";
import { contentWords, waitingCalls } from "../../view/content_words.ts";
import type { ContentItem } from "../../view/conversation.ts";
import { laneOf, type PictureRow, type PictureSpan } from "../../view/picture_rows.ts";
import type { RunPicture } from "../../view/run_picture.ts";
import { count, formatDuration } from "../../view/words.ts";
import { isOver } from "../../view/run_summary.ts";
import { failureOf } from "../../view/run_failure.ts";
import { textOf } from "./draw.ts";
import { failureWords, missingWords } from "./failure_words.ts";
import { quoteName } from "./quote_name.ts";
import { resultOf, subjectOf } from "./result_of.ts";
import { firstLine, oneLine, wrap } from "./text.ts";

/** Adds one event to the picture, and returns the lines that it adds. */
export function plainEvent(picture: RunPicture, event: StreamEvent, width: number): string[] {
  const { state: before, error: said } = picture.summary;
  const { structureRevision } = picture;
  const changed = picture.add(event);
  const at = eventTime(event) ?? latestTime(picture);
  const line = (...words: string[]) => plainLines(picture, at, words, width);
  const { event_id: eventId, event_type: eventType } = event;
  const { state } = picture.summary;
  const isNews = state !== before && isOver(state);
  if (eventType === "agent.terminate" || (isNews && LAST_WORDS.has(eventType))) {
    return plainEnd(picture, width);
  }
  if (eventType === "run.started") {
    const { name, input_preview: input, resumed } = event.data;
    const words = [name, input].map((text) => firstLine(String(text ?? "")));
    if (resumed === true) words.unshift("again");
    return words.join("") === "" ? [] : line("running", ...words);
  }
  if (eventType === "span.content") return inputLines(changed, event.data, line);
  switch (changed?.kind) {
    case "note": {
      if (eventType === "run.completed" && event.data.error === said) return [];
      // The same gap as the one before: no new line of the picture.
      if (picture.structureRevision === structureRevision) return [];
      const asking = eventType === "agent.interrupt" ? waitingCalls(picture) : [];
      return [
        ...line("note", oneLine(changed.text)),
        ...asking.flatMap((call) => line("waiting", oneLine(call))),
      ];
    }
    case "span":
      if (changed.startEventId === eventId) {
        const again = changed.attempt > 1 ? `attempt ${changed.attempt}` : "";
        return line(nameOf(changed), "started", again, oneLine(changed.subject));
      }
      return changed.endEventId === eventId ? line(...describe(changed, picture)) : [];
    case "turn":
      if (changed.endEventId === eventId && changed.state === "failed") {
        return line(`think ${changed.iteration}`, "failed", oneLine(changed.error));
      }
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

/** The lines for how it stands when nothing more is shown: what the model wrote, the counters, and why it failed. */
export function plainEnd(picture: RunPicture, width: number): string[] {
  const words = [picture.summary.state, ...totals(picture)];
  const at = picture.endedAt ?? latestTime(picture);
  const failure = failureOf(picture);
  const why = failure === null
    ? []
    : [["error", ...failureWords(failure)], [missingWords(failure, picture)]]
      .flatMap((words) => words[0] === "" ? [] : plainLines(picture, at, words, width));
  return [...answer(picture, width), ...plainLines(picture, at, words, width), ...why];
}

/** A line for something that is not an event, such as a lost connection: it stands after the latest event. */
export function plainNote(picture: RunPicture, text: string, width: number): string[] {
  return plainLines(picture, latestTime(picture), ["note", oneLine(text)], width);
}

function latestTime({ summary: { updated_at: latest } }: RunPicture): number | null {
  return latest === null ? null : Date.parse(latest);
}

/** The time, a name and some words; what does not fit goes on below. */
function plainLines(
  { startedAt }: RunPicture,
  at: number | null,
  words: readonly string[],
  width: number,
): string[] {
  const [name = "", ...rest] = words.filter((word) => word !== "");
  const time = startedAt === null || at === null ? "" : formatDuration(at - startedAt);
  const text = `${name.padEnd(12)} ${rest.join("  ")}`;
  return wrap(text, Math.max(10, width - INDENT))
    .map((line, index) => `${(index === 0 ? time : "").padStart(7)}  ${line}`.trimEnd());
}

/** Its name, after that of the agent that it belongs to. */
function nameOf(span: PictureSpan): string {
  const lane = laneOf(span);
  return quoteName(lane === null || lane === span ? span.name : `${lane.name} › ${span.name}`);
}

/** What went into a piece of work. What came out stands in the line of its end. */
function inputLines(
  row: PictureRow | null,
  content: ContentItem,
  line: (...words: string[]) => string[],
): string[] {
  const { direction, kind, by } = content;
  if (row === null || row.kind === "note" || direction === "output" || kind === "tools") return [];
  const name = row.kind === "turn" ? `think ${row.iteration}` : nameOf(row);
  const verb = kind === "answer" ? `answer${by ? ` by ${oneLine(String(by))}` : ""}` : "input";
  return line(name, verb, oneLine(contentWords(content)));
}

function describe(span: PictureSpan, { conversation }: RunPicture): string[] {
  const { state, durationMs } = span;
  return [
    nameOf(span),
    state,
    subjectOf(span, conversation),
    formatDuration(durationMs ?? 0),
    resultOf(span, conversation),
  ];
}

/** What the model wrote. It is indented: a line of it that looks like one of ours is none. */
function answer({ speaking }: RunPicture, width: number): string[] {
  const text = textOf(speaking);
  if (text === "") return [];
  return wrap(text, Math.max(10, Math.min(100, width - INDENT)))
    .map((line) => `${" ".repeat(INDENT)}${line}`.trimEnd());
}

function totals({ summary }: RunPicture): string[] {
  return [
    oneLine(summary.reason ?? ""),
    // Of a run that failed, it stands below, with where that was.
    summary.state === "failed" ? "" : oneLine(summary.error ?? ""),
    count(summary.model_calls, "model call"),
    count(summary.tool_calls, "tool"),
    `${summary.total_tokens.toLocaleString("en-US")} tok`,
    summary.errors > 0 ? count(summary.errors, "error") : "",
  ];
}

/** Events that say how a run went. */
const LAST_WORDS: ReadonlySet<string> = new Set(["run.completed", "bus.end"]);
/** Cells before a line's own words: the time, and the space after it. */
const INDENT = 9;
