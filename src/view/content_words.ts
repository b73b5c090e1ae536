/** What went into a piece of work and came out of it, on one line each: for screens that have no room for more. */

import { isRecord } from "../core/describe.ts";
import type { ContentMessage } from "../events/catalogue/content.ts";
import type { ContentItem, Conversation } from "./conversation.ts";
import { messageText } from "./message_text.ts";
import { clip, fieldsOf } from "./payload.ts";
import { type PictureSpan, visitRows } from "./picture_rows.ts";
import type { RunPicture } from "./run_picture.ts";
import { count } from "./words.ts";

/** What went into a span; `""` if that was not captured. */
export function inputWords(span: PictureSpan, conversation: Conversation): string {
  return wordsOf(span, conversation, "input");
}

/** What came out of a span; `""` if that was not captured. */
export function outputWords(span: PictureSpan, conversation: Conversation): string {
  return wordsOf(span, conversation, "output");
}

/** The calls that wait for a person, and what each was called with. */
export function waitingCalls({ rows, conversation }: RunPicture): string[] {
  const calls: string[] = [];
  visitRows(rows, (row) => {
    if (row.kind !== "span" || row.role !== "tool" || row.state !== "waiting") return;
    calls.push(`${row.name}  ${inputWords(row, conversation)}`.trimEnd());
  });
  return calls;
}

/** What one event of content says. */
export function contentWords(item: ContentItem): string {
  let known = words.get(item);
  if (known === undefined) words.set(item, known = clip(makeWords(item), MAX_WORDS));
  return known;
}

function wordsOf(
  { spanId }: PictureSpan,
  conversation: Conversation,
  direction: ContentItem["direction"],
): string {
  if (spanId === null) return "";
  const item = conversation.contentOf(spanId)
    .findLast((item) => item.direction === direction && !BESIDE.has(item.kind));
  return item === undefined ? "" : contentWords(item);
}

// A picture is drawn many times a second, and content may be long.
const words = new WeakMap<ContentItem, string>();

function makeWords({ kind, content }: ContentItem): string {
  if (typeof content === "string") return content.slice(0, MAX_WORDS);
  if (Array.isArray(content)) {
    if (kind === "messages") {
      const last = content.at(-1);
      const text = isMessage(last) ? `${last.role}: ${messageText(last)}` : "";
      return `${count(content.length, "message")}  ${text.slice(0, MAX_WORDS)}`.trimEnd();
    }
    if (kind === "documents") {
      return `${count(content.length, "document")}  ${
        content.slice(0, 20).map(documentWords).join(", ")
      }`
        .trimEnd();
    }
  }
  return isRecord(content) ? fieldsOf(content) : JSON.stringify(content) ?? "";
}

function documentWords(document: unknown): string {
  if (!isRecord(document)) return "?";
  const { id, score } = document;
  return typeof score === "number" ? `${id} (${score.toFixed(2)})` : String(id);
}

function isMessage(value: unknown): value is ContentMessage {
  return isRecord(value) && Array.isArray(value.parts);
}

/** What is said beside what goes in and comes out. */
const BESIDE: ReadonlySet<string> = new Set<ContentItem["kind"]>(["tools", "answer", "messages"]);
const MAX_WORDS = 1_000;
