import { type Attributes, type Context, type Span, SpanKind, trace } from "@opentelemetry/api";
import type { PictureRow, PictureSpan, PictureTurn } from "../../view/picture_rows.ts";
import type { ContentPolicy } from "./content.ts";
import type { GenAiConventions } from "./gen_ai.ts";
import type { SpanMaker } from "./registered.ts";
import { setStatus, spanAround } from "./span_facts.ts";
import { chatShape, workShape } from "./span_shape.ts";

/** What the spans of all runs have in common. */
export interface SpanSettings extends ContentPolicy {
  readonly tracer: SpanMaker;
  readonly conventions: GenAiConventions;
}

/** What is known of a run beside its events. */
export interface RunSurroundings {
  /** Where its root span belongs. */
  readonly parent: Context;
  /** On all its spans. */
  readonly attributes: Attributes;
}

/**
 * The spans of one run, by the lines of its picture.
 *
 * A span is made when its work ends, or when something that is part of it needs its id, with the times of the
 * events: by then its place is known, which some events tell only after the beginning.
 */
export class RunSpans {
  /** The span of the run. */
  readonly root: Span;
  readonly #settings: SpanSettings;
  readonly #attributes: Attributes;
  readonly #rootContext: Context;
  /** The spans that are made and have not ended, oldest first. */
  readonly #open = new Map<PictureRow, Span>();
  readonly #contexts = new WeakMap<PictureRow, Context>();
  readonly #notes = new WeakMap<PictureRow, Attributes>();
  /** Work that has begun and is not over, by its id. */
  readonly #rows = new Map<string, PictureRow>();
  /** Spans of work whose events were not read yet, by its id. */
  readonly #begun = new Map<string, Span>();
  /** When the last part of a piece of work was over. */
  readonly #lastEnds = new WeakMap<PictureRow, number>();

  constructor(
    runId: string,
    settings: SpanSettings,
    { parent, attributes }: RunSurroundings,
    startedAt: number,
  ) {
    this.#settings = settings;
    this.#attributes = attributes;
    this.root = settings.tracer.startSpan("run", {
      kind: SpanKind.INTERNAL,
      startTime: new Date(startedAt),
      attributes: { ...attributes, "locus.run.id": runId },
    }, parent);
    this.#rootContext = trace.setSpan(parent, this.root);
  }

  /** Whether the span of a piece of work is made. */
  has(row: PictureRow): boolean {
    return this.#contexts.has(row);
  }

  /**
   * The span of work that begins now. What it is is known when its events are read.
   *
   * @param around The span that it is part of; undefined for the run's.
   */
  begin(spanId: string, around: Span = this.root): Span {
    const row = this.#rows.get(spanId);
    const known = row === undefined ? this.#begun.get(spanId) : this.spanOf(row);
    if (known !== undefined) return known;
    const span = this.#settings.tracer.startSpan(
      "span",
      { attributes: this.#attributes },
      trace.setSpan(this.#rootContext, around),
    );
    this.#begun.set(spanId, span);
    if (this.#begun.size > MAX_OPEN) {
      this.#giveUpBegun(this.#begun.keys().next().value!, Date.now());
    }
    return span;
  }

  /** Takes note of work that has begun. */
  expect(row: PictureTurn | PictureSpan): void {
    if (row.spanId === null) return;
    this.#rows.set(row.spanId, row);
    if (this.#rows.size > MAX_OPEN) this.#rows.delete(this.#rows.keys().next().value!);
  }

  /** What was noted of a piece of work. */
  noted(row: PictureRow): Attributes {
    return this.#notes.get(row) ?? {};
  }

  /** Notes attributes for its span. */
  note(row: PictureRow, attributes: Attributes): void {
    this.#notes.set(row, { ...this.#notes.get(row), ...attributes });
  }

  /** The span of a piece of work, or of the run; made if it is not yet. */
  spanOf(row: PictureRow | null): Span | undefined {
    return trace.getSpan(this.#contextOf(row));
  }

  /** Ends the span of work that is over. */
  finish(row: PictureTurn | PictureSpan): void {
    this.#contextOf(row);
    if (row.spanId !== null) this.#rows.delete(row.spanId);
    const span = this.#open.get(row);
    if (span === undefined) return;
    this.#open.delete(row);
    span.setAttributes(this.noted(row));
    setStatus(span, row, this.#settings);
    // A tool says how long its body took; that it had begun before shows in what was part of it.
    const end = Math.max(row.startedAt, row.endedAt ?? 0, this.#lastEnds.get(row) ?? 0);
    const around = spanAround(row);
    if (around !== null) {
      this.#lastEnds.set(around, Math.max(end, this.#lastEnds.get(around) ?? 0));
    }
    span.end(new Date(end));
  }

  /** Ends the spans of work whose end is not known, and the run's. */
  end(at: number): void {
    for (const spanId of [...this.#begun.keys()].reverse()) this.#giveUpBegun(spanId, at);
    for (const row of [...this.#open.keys()].reverse()) this.#giveUp(row, at);
    this.root.end(new Date(at));
  }

  #giveUp(row: PictureRow, at: number): void {
    const span = this.#open.get(row);
    this.#open.delete(row);
    span?.setAttributes({ ...this.noted(row), "locus.incomplete": true });
    span?.end(new Date(at));
  }

  #giveUpBegun(spanId: string, at: number): void {
    const span = this.#begun.get(spanId);
    this.#begun.delete(spanId);
    span?.setAttributes({ "locus.incomplete": true });
    span?.end(new Date(at));
  }

  /** The context in which the parts of a piece of work are; makes its span. */
  #contextOf(row: PictureRow | null): Context {
    if (row === null || row.kind === "note") return this.#rootContext;
    const known = this.#contexts.get(row);
    if (known !== undefined) return known;
    const given = this.#attributes;
    const { name, kind, attributes } = row.kind === "turn"
      ? chatShape(row, given)
      : workShape(row, this.#settings.conventions);
    const parent = this.#contextOf(spanAround(row));
    const options = { kind, attributes: { ...given, ...attributes, ...this.noted(row) } };
    const span = this.#takeBegun(row)?.updateName(name).setAttributes(options.attributes) ??
      this.#settings.tracer.startSpan(
        name,
        { ...options, startTime: new Date(row.startedAt) },
        parent,
      );
    const context = trace.setSpan(parent, span);
    this.#contexts.set(row, context);
    this.#open.set(row, span);
    if (this.#open.size > MAX_OPEN) this.#giveUp(this.#open.keys().next().value!, row.startedAt);
    return context;
  }

  #takeBegun(row: PictureTurn | PictureSpan): Span | undefined {
    if (row.spanId === null) return undefined;
    const span = this.#begun.get(row.spanId);
    this.#begun.delete(row.spanId);
    return span;
  }
}

const MAX_OPEN = 1_000;
