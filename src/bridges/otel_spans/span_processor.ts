import { fence } from "../recorder/fence.ts";
import { OpenIds } from "../recorder/open_ids.ts";
import {
  type BridgeOptions,
  checkBridgeOptions,
  recordCall,
  type RecordedCall,
} from "../recorder/record_call.ts";
import type { SpanRecorder } from "../recorder/recorder.ts";
import type { SpanKind } from "../recorder/span_options.ts";
import {
  answerOf,
  beginningOf,
  endingOf,
  kindOf,
  type OtelSpan,
  questionOf,
  questionsOf,
} from "./read_span.ts";

/** All spans below one that nothing of this process is around. */
interface Tree {
  /** The run that was opened for what is outside of any. */
  own?: RecordedCall;
}

/** A span that is open. */
interface Place {
  readonly tree: Tree;
  readonly isTop: boolean;
  readonly recorder?: SpanRecorder;
  /** Whether it is recorded as a span of its own. */
  readonly isOwn?: boolean;
  /** The key of what is around that which begins in it. */
  readonly inside?: string;
}

/**
 * A span processor that records what instrumented agents do, beside whatever exports their spans: `new TracerProvider({
 * spanProcessors: [new LocusSpanProcessor(), …] })`. It reads OpenTelemetry's conventions for generative AI, those of OpenInference and
 * OpenLLMetry, and the AI SDK's own.
 *
 * - **Where:** spans that begin inside of a run become part of it. Others are runs of their own, one for each local trace in
 *   which an agent, a model or a tool shows, unless `runs` says otherwise.
 * - **What:** spans that say at their beginning what they are. All others are left out, and what is in them moves up.
 * - **As it happens,** but whole: spans say when something begins and ends, and nothing of text that streams.
 *
 * @throws {TypeError} If an option is unknown or not valid.
 */
export class LocusSpanProcessor {
  readonly #options: BridgeOptions;
  readonly #open = new OpenIds<Place>("otel-spans");

  /** Makes a processor. */
  constructor(options: BridgeOptions = {}) {
    checkBridgeOptions("LocusSpanProcessor", options);
    this.#options = options;
    fence(this, ["onStart", "onEnd"]);
  }

  /** A span begins. */
  onStart(span: OtelSpan): void {
    const { spanId } = span.spanContext();
    // What `toOtel()` makes of runs is told already.
    if (this.#open.isTaken(spanId) || span.instrumentationScope?.name === "@locus/core") return;
    const around = this.#open.get(span.parentSpanContext?.spanId ?? span.parentSpanId ?? "");
    const place: Place = around
      ? { ...around, isTop: false, isOwn: false }
      : { tree: {}, isTop: true };
    const kind = kindOf(span);
    const recorder = kind && (place.recorder ?? this.#begin(place.tree, kind, span));
    if (!recorder) return this.#open.set(spanId, place);
    // A stream may carry the context of its model on to the tools that it calls. They are beside the model, not in it.
    const inside = kind === "model" ? place.inside : spanId;
    this.#open.set(spanId, { ...place, recorder, isOwn: true, inside });
    recorder.open(kind!, spanId, { ...beginningOf(kind!, span), parent: place.inside });
  }

  /** It is over. */
  onEnd(span: OtelSpan): void {
    const { spanId } = span.spanContext();
    const place = this.#open.get(spanId);
    if (place === undefined) return;
    this.#open.delete(spanId);
    const { tree, isTop, recorder, isOwn } = place;
    if (recorder !== undefined && isOwn) {
      const kind = recorder.kindOf(spanId);
      if (kind === "model" && recorder.runAt(spanId).content) {
        recorder.content(spanId, "input", "messages", questionsOf(span));
        recorder.content(spanId, "output", "messages", answerOf(span.attributes));
      }
      recorder.close(spanId, endingOf(kind, span));
    }
    if (isTop) tree.own?.end();
  }

  /** Nothing is held back. */
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  /** Nothing is held back. */
  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  /** The recorder of a span that none of ours is around. */
  #begin(tree: Tree, kind: SpanKind, span: OtelSpan): SpanRecorder | undefined {
    const run = { name: beginningOf(kind, span).name, input: () => questionOf(span) };
    const here = recordCall("otel", { runs: "ambient" }, run);
    if (here !== undefined) return here.recorder;
    return (tree.own ??= recordCall("otel", this.#options, run))?.recorder;
  }
}
