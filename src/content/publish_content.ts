import { copyPayload } from "../core/copy_payload.ts";
import { summarize } from "../core/error_text.ts";
import type { Run } from "../core/run/run.ts";
import type { ContentMessage } from "../events/catalogue/content.ts";
import type { SpanContent } from "../events/catalogue/span.ts";
import { defaultRedactor } from "../redaction/default_redactor.ts";
import { cutTexts, fitMessage, fitValue, mapTexts, sizeOf } from "./fit_content.ts";

/** What content belongs to, and what is known of it. */
export type ContentPlace =
  & Pick<SpanContent, "span_id" | "direction">
  & Pick<SpanContent, "by" | "used_by">;

/**
 * Publishes what went into a span or came out of it, if the run asks for content: without known secrets, and cut to what
 * the bus takes. Never throws.
 *
 * @param run The run, or the handle of a span.
 * @param place The `span_id`, and `direction`: `input` or `output`.
 * @param kind What it is: `text`, `arguments`, `result`, `documents`, `state`, `json`, …
 * @param content What JSON can hold. Ask `run.content` before you build something large.
 */
export function publishContent(
  run: Run,
  place: ContentPlace,
  kind: Exclude<SpanContent["kind"], "messages">,
  content: unknown,
): void {
  if (!run.content) return;
  attempt(run, () => {
    const header: Header = { ...place, kind, base_span_id: null, from_index: 0 };
    const room = roomFor(run, header);
    const clean = redact(content, room);
    emit(run, header, clean, fitValue(clean.content, room));
  });
}

/**
 * Publishes messages, likewise. Each of them stays, or the numbers of those that come after them would lie: what does
 * not fit into one event with its texts cut goes on in the next, which has its own span for a base.
 *
 * @param base The span that they continue, and how many messages of it come before them.
 */
export function publishMessages(
  run: Run,
  place: ContentPlace,
  messages: readonly ContentMessage[],
  base: Pick<SpanContent, "base_span_id" | "from_index"> = { base_span_id: null, from_index: 0 },
): void {
  if (!run.content) return;
  attempt(run, () => {
    const header: Header = { ...place, kind: "messages", ...base };
    const room = roomFor(run, header);
    // One by one: whatever a message is, it makes none of the others unreadable.
    const clean = messages.map((message) => redactMessage(message, room));
    emitMessages(run, header, clean, room);
  });
}

type Header = Omit<SpanContent, "content" | "truncated" | "bytes">;

/** Content without secrets. */
interface Clean<T = unknown> {
  readonly content: T;
  /** How large it was, as JSON in UTF-8. */
  readonly bytes: number;
  /** Whether it was cut already, because there was far too much of it. */
  readonly isCut: boolean;
}

function emitMessages(
  run: Run,
  header: Header,
  messages: readonly Clean<ContentMessage>[],
  room: number,
): void {
  const whole: Clean<readonly ContentMessage[]> = {
    content: messages.map(({ content }) => content),
    // The brackets, and the commas between.
    bytes: messages.reduce((sum, { bytes }) => sum + bytes, Math.max(2, messages.length + 1)),
    isCut: messages.some(({ isCut }) => isCut),
  };
  const fitted = cutTexts(whole.content, room);
  if (fitted !== null) return emit(run, header, whole, fitted);
  if (messages.length <= 1) {
    const left = room - sizeOf([null]);
    return emit(run, header, whole, whole.content.map((message) => fitMessage(message, left)));
  }
  const half = messages.length >> 1;
  emitMessages(run, header, messages.slice(0, half), room);
  const { span_id, from_index } = header;
  const rest = { ...header, base_span_id: span_id, from_index: from_index + half };
  emitMessages(run, rest, messages.slice(half), room);
}

function emit(run: Run, header: Header, { content, bytes, isCut }: Clean, fitted: unknown): void {
  const truncated = isCut || fitted !== content;
  run.emit("span.content", { ...header, content: fitted, truncated, bytes });
}

function redactMessage(message: ContentMessage, room: number): Clean<ContentMessage> {
  const clean = redact(message, room);
  if (Array.isArray((clean.content as Partial<ContentMessage> | null)?.parts)) {
    return clean as Clean<ContentMessage>;
  }
  // What is none keeps the numbers of the others true.
  return { content: { role: "", parts: [] }, bytes: clean.bytes, isCut: true };
}

function redact(content: unknown, room: number): Clean {
  const redactor = defaultRedactor();
  const plain = typeof content === "string"
    ? content
    : copyPayload({ content }, MAX_BYTES).data.content;
  const longest = room >> 1;
  let left = 0;
  let isCut = false;
  const shortened = mapTexts(plain, (text) => {
    if (text.length <= longest + MARGIN) return text;
    // Longer than the whole event may be. No more of it is searched than can be shown.
    isCut = true;
    const start = redactor.preview(text, longest);
    left += jsonBytes(text) - jsonBytes(start);
    return start;
  });
  const clean = redactor.data(isCut ? shortened : plain);
  return { content: clean, bytes: jsonBytes(clean) + left, isCut };
}

function jsonBytes(value: unknown): number {
  return (encoder ??= new TextEncoder()).encode(JSON.stringify(value)).length;
}

/** What the bus of a run leaves for content in a payload, as it estimates. */
function roomFor({ bus }: Run, header: Header): number {
  const { maxEventBytes = DEFAULT_MAX_EVENT_BYTES } = bus;
  const rest = {
    ...header,
    base_span_id: header.span_id,
    content: null,
    truncated: true,
    bytes: 0,
  };
  return Math.max(0, maxEventBytes - copyPayload(rest, Infinity).bytes);
}

function attempt(run: Run, publish: () => void): void {
  try {
    publish();
  } catch (error) {
    console.error(`Locus: content of run "${run.id}" was not published: ${summarize(error)}`);
  }
}

let encoder: TextEncoder | undefined;

const DEFAULT_MAX_EVENT_BYTES = 256 * 1024;
// More than that is not looked at.
const MAX_BYTES = 64 * 1024 * 1024;
// What is a little longer is searched as a whole, and cut with all else.
const MARGIN = 4096;
