import type { Run } from "../../core/run/run.ts";
import { type OpenSpan, startSpan } from "../../core/run/span.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import {
  firstOf,
  type Place,
  PREVIEW_LENGTH,
  previewOf,
  readEnding,
  RecordedSpan,
} from "./recorded_span.ts";
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
      attributes: clean({ ...ending.attributes }),
      duration_ms: this.elapsedMs,
    });
  }
}

/** Without secrets, and bounded: attributes are whatever a framework says of itself. */
function clean(attributes: Record<string, unknown>): Readonly<Record<string, unknown>> {
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    if (Array.isArray(value)) attributes[key] = firstOf(value);
    else if (typeof value === "string") {
      attributes[key] = value.length > PREVIEW_LENGTH ? previewOf(value) : value;
    } // An event would say null, which takes longer to find out there.
    else if (value === undefined) attributes[key] = null;
  }
  return defaultRedactor().data(attributes);
}
