import {
  type Attributes,
  type Context,
  type Span,
  SpanKind,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { PictureRow, PictureSpan, PictureTurn } from "../../view/picture_rows.ts";
import type { ContentPolicy } from "./content.ts";
import { setStatus, spanAround } from "./span_facts.ts";
import { chatShape, workShape } from "./span_shape.ts";

/** What the spans of all runs have in common. */
export interface SpanSettings extends ContentPolicy {
  readonly tracer: Tracer;
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

  /** What was noted of a piece of work. */
  noted(row: PictureRow): Attributes {
    return this.#notes.get(row) ?? {};
  }

  /** Notes what its span shall say. */
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
    const span = this.#open.get(row);
    if (span === undefined) return;
    this.#open.delete(row);
    span.setAttributes(this.noted(row));
    if (row.kind === "span") setStatus(span, row, this.#settings);
    // A tool says how long its body took; that it had begun before shows in what was part of it.
    const end = Math.max(row.startedAt, row.endedAt ?? 0, this.#lastEnds.get(row) ?? 0);
    const around = spanAround(row);
    if (around !== null) {
      this.#lastEnds.set(around, Math.max(end, this.#lastEnds.get(around) ?? 0));
    }
    span.end(new Date(end));
  }

  /** Ends the spans of work of which nobody will say any more how it went, and the run's. */
  end(at: number): void {
    for (const row of [...this.#open.keys()].reverse()) this.#giveUp(row, at);
    this.root.end(new Date(at));
  }

  #giveUp(row: PictureRow, at: number): void {
    const span = this.#open.get(row);
    this.#open.delete(row);
    span?.setAttributes({ ...this.noted(row), "locus.incomplete": true });
    span?.end(new Date(at));
  }

  /** The context in which the parts of a piece of work are; makes its span. */
  #contextOf(row: PictureRow | null): Context {
    if (row === null || row.kind === "note") return this.#rootContext;
    const known = this.#contexts.get(row);
    if (known !== undefined) return known;
    const given = this.#attributes;
    const { name, kind, attributes } = row.kind === "turn" ? chatShape(row, given) : workShape(row);
    const parent = this.#contextOf(spanAround(row));
    const span = this.#settings.tracer.startSpan(name, {
      kind,
      startTime: new Date(row.startedAt),
      attributes: { ...given, ...attributes, ...this.noted(row) },
    }, parent);
    const context = trace.setSpan(parent, span);
    this.#contexts.set(row, context);
    this.#open.set(row, span);
    if (this.#open.size > MAX_OPEN) this.#giveUp(this.#open.keys().next().value!, row.startedAt);
    return context;
  }
}

const MAX_OPEN = 1_000;
