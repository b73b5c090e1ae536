/**
 * What went in and came out of a line of the timeline, as texts for the detail pane.
 *
 * @module
 */
import { isRecord } from "../../src/core/describe.ts";
import type { ContentMessage } from "../../src/events/catalogue/content.ts";
import type { ContentItem, Prompt } from "../../src/view/conversation.ts";
import { messageText } from "../../src/view/message_text.ts";
import { type PictureRow, visitRows } from "../../src/view/picture_rows.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import { counted } from "../format.ts";
import type { DetailText } from "../view/detail_view.ts";

/** What is known of a line: what went in first. */
export function contentOf(row: PictureRow, { conversation }: RunPicture): readonly DetailText[] {
  if (row.kind === "note" || row.spanId === null) return [];
  const known = texts.get(row);
  if (known?.revision === row.revision) return known.texts;
  const items = conversation.contentOf(row.spanId);
  const isOfAgent = row.kind === "turn" || row.role === "tool" || row.role === "agent";
  const made = items.length > 0
    ? textsOf(items, conversation.prompt(row.spanId))
    : isOfAgent && conversation.isEmpty
    ? [NOT_CAPTURED]
    : [];
  texts.set(row, { revision: row.revision, texts: made });
  return made;
}

/** The tool calls that wait for a person, each with what it would run with; "" if none does. */
export function waitingArguments({ rows, conversation }: RunPicture): string {
  const calls: string[] = [];
  visitRows(rows, (row) => {
    if (row.kind !== "span" || row.role !== "tool" || row.state !== "waiting") return;
    const items = row.spanId === null ? [] : conversation.contentOf(row.spanId);
    const args = items.findLast(({ kind }) => kind === "arguments");
    calls.push(
      args === undefined
        ? `${row.name}(…)\nIts arguments were not captured: withRun({ content: true }, …) shows them.`
        : `${row.name}(${textOf(args.content)})${cutWords(args)}`,
    );
  });
  return calls.join("\n\n");
}

// A prompt is as long as its run, and a line that is shown is asked for with every frame.
const texts = new WeakMap<PictureRow, { revision: number; texts: readonly DetailText[] }>();

const NOT_CAPTURED: DetailText = {
  name: "input and output",
  text: "Not captured. This switches it on for a run:\n\nwithRun({ content: true }, …)",
};

function textsOf(items: readonly ContentItem[], prompt: Prompt | null): DetailText[] {
  const made = prompt === null ? [] : [promptText(prompt, items)];
  for (const item of items) {
    const { kind, direction, content } = item;
    if (kind !== "messages") {
      const name = `${nameOf(item)}${cutWords(item)}`;
      const text = kind === "documents" ? documentsText(content) : textOf(content);
      made.push({ name, text, ...kind === "tools" && { isFolded: true } });
    } else if (direction === "output") made.push(...answerTexts(item));
  }
  return made;
}

function promptText(prompt: Prompt, items: readonly ContentItem[]): DetailText {
  const said = items.filter(({ kind, direction }) => kind === "messages" && direction === "input");
  const latest = said.at(-1);
  // While an answer is written, its line changes all the time; the prompt does not.
  const known = latest && prompts.get(latest);
  if (known !== undefined) return known;
  const { messages, missing, truncated } = prompt;
  const isNew = said.reduce(
    (sum, { content }) => sum + (Array.isArray(content) ? content.length : 0),
    0,
  );
  const gone = missing > 0 ? `the first ${missing} missing` : "";
  const hints = [gone, truncated ? "long texts cut" : ""].filter((hint) => hint !== "");
  const more = hints.length > 0 ? ` (${hints.join(", ")})` : "";
  const made: DetailText = {
    name: `input, ${counted(messages.length, "message")}${more}`,
    text: "",
    messages: messages.map((message, index) => ({
      role: message.role,
      text: messageText(message),
      isNew: index >= messages.length - isNew,
    })),
  };
  if (latest !== undefined) prompts.set(latest, made);
  return made;
}

const prompts = new WeakMap<ContentItem, DetailText>();

/** An answer, with what the model thought apart. */
function answerTexts(item: ContentItem): DetailText[] {
  const messages = Array.isArray(item.content) ? item.content as readonly ContentMessage[] : [];
  const parts = messages.flatMap((message) => Array.isArray(message?.parts) ? message.parts : []);
  const isThought = (part: unknown) => (part as { type?: unknown } | null)?.type === "reasoning";
  const of = (name: string, shown: typeof parts) => ({
    name: `${name}${cutWords(item)}`,
    text: messageText({ role: "assistant", parts: shown }),
  });
  return [
    of("reasoning", parts.filter(isThought)),
    of("output", parts.filter((part) => !isThought(part))),
  ].filter(({ text }) => text !== "");
}

function nameOf({ kind, direction, content, by, used_by: usedBy }: ContentItem): string {
  switch (kind) {
    case "documents": {
      const documents = Array.isArray(content) ? counted(content.length, "document") : kind;
      if (direction === "output") return documents;
      return `${documents} used${usedBy === undefined ? "" : `, by ${usedBy}`}`;
    }
    case "text":
    case "json":
      return direction;
    case "tools":
      return Array.isArray(content) ? counted(content.length, "tool") : kind;
    case "answer":
      return by == null ? "answer" : `answer by ${by}`;
    default:
      return kind;
  }
}

function cutWords({ truncated, bytes }: ContentItem): string {
  return truncated ? ` (cut; ${counted(bytes, "byte")} in all)` : "";
}

/** Each with its score, then its text. */
function documentsText(content: unknown): string {
  if (!Array.isArray(content)) return textOf(content);
  return content.map((document) => {
    const fields: Record<string, unknown> = isRecord(document) ? document : { text: document };
    const { id, score, text, ...rest } = fields;
    const more = Object.keys(rest).length === 0 ? "" : textOf(rest);
    const head = [textOf(id ?? ""), typeof score === "number" ? score.toFixed(3) : ""];
    return [head.filter(Boolean).join("  "), textOf(text ?? ""), more].filter(Boolean).join("\n");
  }).join("\n\n");
}

function textOf(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content, null, 2) ?? "";
}
