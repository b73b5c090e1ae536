import { checkEvent } from "../core/checks.ts";
import { checkCount, checkOptions } from "../core/options.ts";
import type { ContentMessage } from "../events/catalogue/content.ts";
import type { SpanContent } from "../events/catalogue/span.ts";
import type { Envelope } from "../events/stream_event.ts";
import { type Fields, numberIn, textIn } from "./payload.ts";

/** Options of {@linkcode Conversation}. */
export interface ConversationOptions {
  /** Size of all content that is kept, in bytes as estimated; past that, the oldest makes room. @default {67108864} */
  maxBytes?: number;
}

/** What a model call was told. */
export interface Prompt {
  /** The messages, in order, without those that are missing. */
  readonly messages: readonly ContentMessage[];
  /** How many of the first messages are missing, because the events that held them are. */
  readonly missing: number;
  /** Whether texts in `messages` were cut. */
  readonly truncated: boolean;
}

/** Content of a span, as one event carried it. */
export type ContentItem = Readonly<
  Pick<SpanContent, "direction" | "kind" | "content" | "truncated" | "bytes" | "by" | "used_by">
>;

/**
 * What went into the spans of a run and came out of them, from its `span.content` events. Each event says only what is
 * new; this puts together what a model call was told.
 *
 * - **Order:** add the events as they were published.
 * - **Missing events:** where the beginning of a conversation is not there any more, a prompt says how many of its
 *   first messages are missing, and has the rest.
 * - **Events may be of any shape:** nothing that comes over a wire makes it throw.
 *
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If a limit is not a whole number of at least 1.
 *
 * @example What a model was told
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { Conversation } from "@locus/core/view";
 * import { assertEquals } from "@std/assert";
 *
 * const say = (role: string, content: string) => ({ role, parts: [{ type: "text", content }] });
 * const [hi, hello, bye] = [say("user", "Hi"), say("assistant", "Hello"), say("user", "Bye")];
 *
 * const bus = new EventBus();
 * const event = { kind: "messages", truncated: false, bytes: 60 } as const;
 * const first = { ...event, span_id: "a", base_span_id: null, from_index: 0 };
 * const second = { ...event, span_id: "b", base_span_id: "a", from_index: 2 };
 * for (
 *   const data of [
 *     { ...first, direction: "input", content: [hi] },
 *     { ...first, direction: "output", content: [hello] },
 *     { ...second, direction: "input", content: [bye] },
 *   ] as const
 * ) bus.publish({ run_id: "r1", event_type: "span.content", data });
 *
 * const conversation = new Conversation();
 * for (const event of bus.history("span.content").toReversed()) conversation.add(event);
 * assertEquals(conversation.prompt("b")?.messages, [hi, hello, bye]);
 * ```
 */
export class Conversation {
  readonly #maxBytes: number;
  /** By span, the one that was added to longest ago first. */
  readonly #spans = new Map<string, SpanRecord>();
  #bytes = 0;

  /** Makes one without any content. */
  constructor(options: ConversationOptions = {}) {
    const owner = "Conversation";
    checkOptions(owner, options, ["maxBytes"]);
    const { maxBytes = 64 * 1024 * 1024 } = options;
    this.#maxBytes = checkCount(owner, "maxBytes", maxBytes, 1);
  }

  /**
   * Adds what an event says, if it is a `span.content`.
   *
   * @returns Whether it is.
   * @throws {TypeError} If it is not an event.
   */
  add(event: Envelope<string, unknown>): boolean {
    checkEvent("Conversation.add(): expected", event);
    if (event.event_type !== "span.content") return false;
    const data = (event.data ?? {}) as Fields & Partial<ContentItem>;
    const spanId = textIn(data, "span_id");
    const record = this.#spans.get(spanId) ?? { items: [], call: null, bytes: 0 };
    this.#spans.delete(spanId);
    this.#spans.set(spanId, record);
    record.items.push(data as ContentItem);
    if (data.kind === "messages") this.#addMessages(record, spanId, data);
    const bytes = OF_AN_EVENT + 2 * JSON.stringify(data).length;
    record.bytes += bytes;
    this.#bytes += bytes;
    this.#makeRoom();
    return true;
  }

  /** Whether nothing is known of any span. */
  get isEmpty(): boolean {
    return this.#spans.size === 0;
  }

  /** What the model call of a span was told; null if nothing is known of that. */
  prompt(spanId: string): Prompt | null {
    const call = this.#spans.get(spanId)?.call;
    return call ? promptOf(call) : null;
  }

  /** All that is known of a span, as it came: of messages that went in, those that were new. */
  contentOf(spanId: string): readonly ContentItem[] {
    return this.#spans.get(spanId)?.items ?? [];
  }

  #addMessages(record: SpanRecord, spanId: string, data: Fields): void {
    const isList = Array.isArray(data.content);
    const messages = isList ? (data.content as unknown[]).map(toMessage) : [];
    const isCut = data.truncated === true || !isList;
    const { call } = record;
    if (data.direction === "output") {
      call?.answer.push(...messages);
      if (call !== null && isCut) call.isAnswerCut = true;
      return;
    }
    const from = Math.max(0, Math.floor(numberIn(data, "from_index") ?? 0));
    const baseId = textIn(data, "base_span_id");
    if (baseId !== spanId) {
      const base = this.#spans.get(baseId)?.call ?? null;
      record.call = { base, from, messages, isCut, answer: [], isAnswerCut: false };
    } else if (call !== null && from >= call.from && from <= call.from + call.messages.length) {
      // What one event could not hold goes on in the next.
      call.messages.splice(from - call.from, Infinity, ...messages);
      call.isCut ||= isCut;
    } else {
      record.call = { base: null, from, messages, isCut, answer: [], isAnswerCut: false };
    }
  }

  #makeRoom(): void {
    for (const [spanId, { call, bytes }] of this.#spans) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#spans.delete(spanId);
      this.#bytes -= bytes;
      // Later calls may have it for a base.
      if (call !== null) Object.assign(call, { base: null, messages: [], answer: [], from: 0 });
    }
  }
}

/** What is known of a span. */
interface SpanRecord {
  readonly items: ContentItem[];
  /** If it is a model call whose prompt is known. */
  call: Call | null;
  bytes: number;
}

/** A model call. One that was forgotten has no messages. */
interface Call {
  readonly base: Call | null;
  /** How many messages of the base come before these. */
  readonly from: number;
  readonly messages: ContentMessage[];
  isCut: boolean;
  readonly answer: ContentMessage[];
  isAnswerCut: boolean;
}

/** As a loop: chains are as long as runs. */
function promptOf({ base, from, messages, isCut }: Call): Prompt {
  const pieces = [messages];
  let truncated = isCut;
  let missing = from;
  for (let call = base; call !== null && missing > 0; call = call.base) {
    const length = call.from + call.messages.length + call.answer.length;
    // It was forgotten, or what it said was missed.
    if (length < missing) break;
    if (missing <= call.from) continue;
    const count = missing - call.from;
    pieces.push([...call.messages, ...call.answer].slice(0, count));
    truncated ||= call.isCut || (call.isAnswerCut && count > call.messages.length);
    missing = call.from;
  }
  return { messages: pieces.reverse().flat(), missing, truncated };
}

/** What takes the place of something else keeps the numbers of those after it true. */
function toMessage(value: unknown): ContentMessage {
  const message = (value ?? {}) as Partial<ContentMessage>;
  return typeof message.role === "string" && Array.isArray(message.parts)
    ? value as ContentMessage
    : { role: "", parts: [] };
}

const OF_AN_EVENT = 200;
