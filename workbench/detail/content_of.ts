/**
 * What went in and came out of a line of the timeline, as texts for the detail pane.
 *
 * @module
 */
import { isRecord } from "../../src/core/describe.ts";
import type { ContentMessage } from "../../src/events/catalogue/content.ts";
import type { ContentItem, Prompt } from "../../src/view/conversation.ts";
import { messageText } from "../../src/view/message_text.ts";
import type { PictureRow, PictureSpan, PictureTurn } from "../../src/view/picture_rows.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import { counted } from "../format.ts";
import { cutWords, textOf } from "../model/content_text.ts";
import { changesForm, documentsForm, filesOf, todosForm, usedDocuments } from "./form_of.ts";
import type { DetailText } from "../view/detail_view.ts";

/** What is known of a line: what went in first. */
export function contentOf(row: PictureRow, picture: RunPicture): readonly DetailText[] {
  const { conversation } = picture;
  if (row.kind === "note" || row.spanId === null) return [];
  const known = texts.get(row);
  // Which documents were used, and what an agent has to do, is told by other lines.
  const revision = known?.isOfRun ? picture.revision : row.revision;
  if (known?.revision === revision) return known.texts;
  const items = conversation.contentOf(row.spanId);
  const isOfAgent = row.kind === "turn" || row.role === "tool" || row.role === "agent";
  const made = items.length > 0
    ? textsOf(items, conversation.prompt(row.spanId), row, picture)
    : isOfAgent && conversation.isEmpty
    ? [NOT_CAPTURED]
    : [];
  const plan = row.kind === "span" && row.role === "agent" ? planOf(row, picture) : [];
  const all = [...made, ...plan];
  const isOfRun = plan.length > 0 || items.some(({ kind }) => kind === "documents");
  texts.set(row, { revision: isOfRun ? picture.revision : row.revision, isOfRun, texts: all });
  return all;
}

// A prompt is as long as its run, and a line that is shown is asked for with every frame.
const texts = new WeakMap<
  PictureRow,
  { revision: number; isOfRun: boolean; texts: readonly DetailText[] }
>();

/** What stands where content would be. */
export const NOT_CAPTURED: DetailText = {
  name: "input and output",
  text: "Not captured. This switches it on for a run:\n\nwithRun({ content: true }, …)",
};

/** What an agent has to do, and which files it wrote. */
function planOf(row: PictureSpan, { conversation }: RunPicture): DetailText[] {
  const todos = todosForm(row, conversation);
  const files = [...filesOf(row, conversation)];
  return [
    ...todos === undefined
      ? []
      : [{ name: "to do", text: "", form: todos, side: "output" as const }],
    ...files.length === 0 ? [] : [{
      name: counted(files.length, "file"),
      text: files.map(([path, times]) => times > 1 ? `${path}  × ${times}` : path).join("\n"),
      side: "output" as const,
    }],
  ];
}

function textsOf(
  items: readonly ContentItem[],
  prompt: Prompt | null,
  row: PictureTurn | PictureSpan,
  { rows, conversation }: RunPicture,
): DetailText[] {
  const used = items.some(({ kind, direction }) => kind === "documents" && direction === "output")
    ? usedDocuments(rows, conversation)
    : NONE;
  const made = prompt === null ? [] : [promptText(prompt, items)];
  for (const item of items) {
    const { kind, direction, content } = item;
    if (kind !== "messages") {
      const name = `${nameOf(item)}${cutWords(item)}`;
      const text = kind === "documents" ? documentsText(content) : textOf(content);
      const form = kind === "documents"
        ? documentsForm(content, direction === "input" ? allUsed(content, item) : used)
        : kind === "state" && direction === "output" && row.kind === "span"
        ? changesForm(row, content, conversation)
        : typeof content === "object" && content !== null
        ? { kind: "json" as const, value: content }
        : undefined;
      made.push({ name, text, form, side: direction, ...kind === "tools" && { isFolded: true } });
    } else if (direction === "output") made.push(...answerTexts(item));
  }
  return made;
}

const NONE: ReadonlyMap<string, string> = new Map();

function allUsed(content: unknown, { used_by: by }: ContentItem): ReadonlyMap<string, string> {
  const documents = Array.isArray(content) ? content.filter(isRecord) : [];
  return new Map(documents.map(({ id }) => [String(id), by ?? ""]));
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
    side: "input",
    form: {
      kind: "messages",
      messages: messages.map((message, index) => ({
        role: message.role,
        text: messageText(message),
        isNew: index >= messages.length - isNew,
      })),
    },
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
    side: "output" as const,
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
