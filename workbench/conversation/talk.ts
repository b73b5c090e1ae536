/**
 * A run as a person reads it: who said what, what was called, and what the agents inside of it said to each other.
 *
 * @module
 */
import { isArray } from "../../src/core/describe.ts";
import type { ContentMessage } from "../../src/events/catalogue/content.ts";
import { inputWords, outputWords } from "../../src/view/content_words.ts";
import type { ContentItem, Conversation } from "../../src/view/conversation.ts";
import { messageText } from "../../src/view/message_text.ts";
import {
  laneOf,
  type PictureNote,
  type PictureRow,
  type PictureSpan,
  type PictureTurn,
} from "../../src/view/picture_rows.ts";

/** Somebody says something. */
export interface TalkSaid {
  readonly kind: "said";
  readonly key: string;
  readonly role: "user" | "system" | "assistant";
  readonly who: string;
  readonly at: number;
  readonly text: string;
  readonly reasoning: string;
  /** What is known of it beside its words: `preview`, `gap`, `cut`. */
  readonly hints: readonly string[];
  /** The model call; null where a person speaks. */
  readonly turn: PictureTurn | null;
  readonly eventId: string | null;
}

/** Something is called, on one line. */
export interface TalkCall {
  readonly kind: "call";
  readonly key: string;
  readonly row: PictureSpan;
  readonly input: string;
  readonly output: string;
}

/** An agent inside of another, or a node: what happens there. */
export interface TalkInside {
  readonly kind: "inside";
  readonly key: string;
  readonly row: PictureSpan;
  readonly subject: string;
  /** How much work there is inside. */
  readonly size: number;
  /** The latest revision of anything in it. */
  readonly revision: number;
  readonly items: readonly TalkItem[];
}

/** A gap, a question, or something else that has to be said. */
export interface TalkNote {
  readonly kind: "note";
  readonly key: string;
  readonly row: PictureNote;
}

/** One thing in a talk. */
export type TalkItem = TalkSaid | TalkCall | TalkInside | TalkNote;

/** Puts a run's lines into the order in which a person reads them. */
export function talkOf(rows: readonly PictureRow[], conversation: Conversation): TalkItem[] {
  const items: TalkItem[] = [];
  for (const row of rows) {
    // The agent that is the run itself needs no frame around all it says.
    if (row.kind === "span" && row.role === "agent" && row.parent === null) {
      items.push(...talkOf(row.children, conversation));
    } else addRow(row, conversation, items);
  }
  return items;
}

function addRow(row: PictureRow, conversation: Conversation, items: TalkItem[]): void {
  if (row.kind === "turn") {
    items.push(...heardBefore(row, conversation), saidIn(row, conversation));
    for (const child of row.children) addRow(child, conversation, items);
  } else if (row.kind === "note") {
    if (row.warning) items.push({ kind: "note", key: `n${row.key}`, row });
  } else if (row.children.some(({ kind }) => kind !== "note")) {
    const inside = talkOf(row.children, conversation);
    const { size, revision } = measure(row);
    items.push({
      kind: "inside",
      key: `i${row.key}`,
      row,
      subject: inputWords(row, conversation) || subjectOf(row),
      size,
      revision,
      items: inside,
    });
  } else {
    items.push({
      kind: "call",
      key: `c${row.key}`,
      row,
      input: inputWords(row, conversation) || subjectOf(row),
      output: outputWords(row, conversation) || row.result,
    });
    for (const note of row.children) addRow(note, conversation, items);
  }
}

/** What the model was told since its last call, but what tools returned: that is told where they were called. */
function heardBefore(turn: PictureTurn, conversation: Conversation): TalkSaid[] {
  if (turn.spanId === null) return [];
  return conversation.contentOf(turn.spanId)
    .filter(({ kind, direction }) => kind === "messages" && direction === "input")
    .flatMap(messagesIn)
    .filter((message): message is ContentMessage & { role: TalkSaid["role"] } =>
      HEARD.has(message.role)
    )
    .map((message, index) => ({
      kind: "said",
      key: `m${turn.key}-${index}`,
      role: message.role,
      who: message.name ?? (message.role === "system" ? "system prompt" : message.role),
      at: turn.startedAt,
      text: messageText(message),
      reasoning: "",
      hints: [],
      turn: null,
      eventId: turn.startEventId,
    }));
}

const HEARD: ReadonlySet<string> = new Set<TalkSaid["role"]>(["user", "system", "assistant"]);

function saidIn(turn: PictureTurn, conversation: Conversation): TalkSaid {
  const items = turn.spanId === null ? [] : conversation.contentOf(turn.spanId)
    .filter(({ kind, direction }) => kind === "messages" && direction === "output");
  const parts = items.flatMap(messagesIn).flatMap(({ parts }) => parts);
  const text = (type: string) =>
    messageText({ role: "", parts: parts.filter((part) => part?.type === type) });
  const isCut = items.some(({ truncated }) => truncated);
  const lane = laneOf(turn);
  return {
    kind: "said",
    key: `t${turn.key}`,
    role: "assistant",
    who: lane?.name || turn.model || "assistant",
    at: turn.startedAt,
    text: text("text") || turn.text,
    reasoning: text("reasoning"),
    hints: [
      ...items.length === 0 && turn.textIsPreview ? ["a preview"] : [],
      ...turn.textHasGap ? ["pieces may be missing"] : [],
      ...isCut ? ["cut"] : [],
      ...items.length === 0 && turn.textLeftOut > 0 ? ["the end of it"] : [],
    ],
    turn,
    eventId: turn.startEventId ?? turn.endEventId,
  };
}

function messagesIn({ content }: ContentItem): ContentMessage[] {
  return isArray(content)
    ? (content as Partial<ContentMessage>[]).filter((message): message is ContentMessage =>
      typeof message?.role === "string" && isArray(message.parts)
    )
    : [];
}

/** The subject of a node is the name of its graph, which is said around it. */
function subjectOf({ role, subject }: PictureSpan): string {
  return role === "node" ? "" : subject;
}

function measure(row: PictureRow): { size: number; revision: number } {
  let [size, { revision }] = [1, row];
  if (row.kind === "note") return { size: 0, revision };
  for (const child of row.children) {
    const inside = measure(child);
    size += inside.size;
    revision = Math.max(revision, inside.revision);
  }
  return { size, revision };
}
