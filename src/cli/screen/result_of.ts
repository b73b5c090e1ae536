import { inputWords, outputWords } from "../../view/content_words.ts";
import type { Conversation } from "../../view/conversation.ts";
import type { PictureSpan } from "../../view/picture_rows.ts";
import { formatDuration } from "../../view/words.ts";
import { firstLine, oneLine } from "./text.ts";

/** What a piece of work works on, on one line: what went into it, where that was captured. */
export function subjectOf(span: PictureSpan, conversation: Conversation): string {
  return oneLine(inputWords(span, conversation) || span.subject);
}

/** What came of a piece of work, on one line; before it, which attempt it was and how long it waited for a person. */
export function resultOf(span: PictureSpan, conversation: Conversation): string {
  const { state, result, waitedMs, attempt } = span;
  const words = state === "lost"
    ? "its end was not seen"
    : firstLine(result || outputWords(span, conversation));
  const waited = waitedMs === 0 ? "" : `waited ${formatDuration(waitedMs)}`;
  return [attempt > 1 ? `attempt ${attempt}` : "", waited, words].filter((part) => part !== "")
    .join(" · ");
}
