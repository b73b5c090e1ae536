import type { Run } from "../../core/run/run.ts";
import { type OpenSpan, startSpan } from "../../core/run/span.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import { firstOf, type Place, previewOf, readEnding, RecordedSpan } from "./recorded_span.ts";
import type { SpanBeginning, SpanEnding } from "./span_options.ts";

/** Where a span is that goes on, after it waited. */
type Again = Parameters<typeof startSpan>[4];

/** A span without a pair of events of its own: `span.started` and `span.completed`. */
export class RecordedWork extends RecordedSpan {
  readonly run: Run;
  readonly #span: OpenSpan;

  constructor(place: Place, beginning: SpanBeginning, again?: Again) {
    super(place, beginning);
    const attributes = clean({ ...beginning.attributes, source: place.source });
    this.#span = startSpan(place.outer, this.name, place.kind, attributes, again);
    this.run = place.outer.inSpan(this.id);
  }

  get id(): string {
    return this.#span.id;
  }

  end(ending: SpanEnding): void {
    const { error } = readEnding(ending);
    this.#span.complete(error === null, error, {
      attributes: clean(ending.attributes ?? {}),
      duration_ms: this.elapsedMs,
    });
  }
}

/** Attributes are whatever a framework says of itself. */
function clean(attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const bounded = Object.entries(attributes).map(([key, value]) => [
    key,
    Array.isArray(value) ? firstOf(value) : typeof value === "string" ? previewOf(value) : value,
  ]);
  return defaultRedactor().data(Object.fromEntries(bounded));
}
