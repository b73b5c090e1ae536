import { publishContent, publishMessages } from "../../content/publish_content.ts";
import { copyPayload } from "../../core/copy_payload.ts";
import { summarize } from "../../core/error_text.ts";
import { randomHex } from "../../core/random_hex.ts";
import type { Run } from "../../core/run/run.ts";
import type { ContentMessage } from "../../events/catalogue/content.ts";
import type { SpanContent, SpanStarted } from "../../events/catalogue/span.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import type { SpanBeginning, SpanEnding, SpanKey, SpanKind } from "./span_options.ts";

/** Where a span is. */
export interface Place {
  readonly key: SpanKey;
  readonly kind: SpanKind;
  /** The span around it, if this recorder has it. */
  readonly parent: RecordedSpan | null;
  /** The run, as seen from where it is. */
  readonly outer: Run;
  /** Which bridge tells of it. */
  readonly source: string;
}

/** Where a span is, as events say it. */
export type At = Pick<SpanStarted, "span_id" | "parent_span_id">;

/** A span that is open, and how its kind is told to the bus. Its constructor publishes the beginning. */
export abstract class RecordedSpan implements Place {
  readonly key: SpanKey;
  readonly kind: SpanKind;
  readonly parent: RecordedSpan | null;
  readonly outer: Run;
  readonly source: string;
  readonly name: string;
  readonly onClose: SpanBeginning["onClose"];
  readonly children = new Set<RecordedSpan>();
  readonly startedAt: number = performance.now();
  readonly id: string;
  /** The run, as seen from inside of the span. */
  readonly run: Run;
  /** Where it is, as both of its events say it. */
  protected readonly at: At;

  /** @param at Where it is, if it goes on after it waited. */
  constructor(place: Place, { name, onClose }: SpanBeginning, at?: At) {
    // Nodes of a graph have shorter ids.
    this.id = at?.span_id ?? randomHex(place.kind === "node" ? 8 : 16);
    this.run = place.outer.inSpan(this.id);
    this.at = at ?? { span_id: this.id, parent_span_id: place.outer.spanId };
    this.key = place.key;
    this.kind = place.kind;
    this.parent = place.parent;
    this.outer = place.outer;
    this.source = place.source;
    this.name = previewOf(String(name));
    this.onClose = onClose;
  }

  /** Publishes the end. All that was open in it is closed already. */
  abstract end(ending: SpanEnding): void;

  /** Publishes what went in or came out, if the run asks for content. */
  content(direction: SpanContent["direction"], kind: SpanContent["kind"], value: unknown): void {
    const place = { span_id: this.id, direction };
    if (kind !== "messages") return publishContent(this.run, place, kind, value);
    publishMessages(this.run, place, value as readonly ContentMessage[]);
  }

  protected get elapsedMs(): number {
    return performance.now() - this.startedAt;
  }
}

/** What events say of an ending: the error as a text, null if there is none, and whether it was cancelled. */
export function readEnding(
  { error, cancelled = false }: SpanEnding,
): { error: string | null; isCancelled: boolean } {
  const text = error === undefined ? cancelled ? CANCELLED : null : summarize(error);
  return { error: text, isCancelled: cancelled || (text?.startsWith("AbortError: ") ?? false) };
}

const CANCELLED = "AbortError: cancelled";

/** The start of a text, without secrets. */
export function previewOf(text: string): string {
  return defaultRedactor().preview(text, PREVIEW_LENGTH);
}

export const PREVIEW_LENGTH = 240;

/** The first of what a framework lists, which may be long. */
export function firstOf<T>(list: readonly T[]): readonly T[] {
  return list.length > MAX_LISTED ? list.slice(0, MAX_LISTED) : list;
}

const MAX_LISTED = 200;

/** A bounded, plain copy of what a framework hands over, which nobody may keep or change. */
export function plainCopy(value: unknown, maxBytes: number): unknown {
  return copyPayload({ value }, maxBytes).data.value;
}
