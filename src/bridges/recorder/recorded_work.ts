import { defaultRedactor } from "../../redaction/default_redactor.ts";
import {
  type At,
  firstOf,
  type Place,
  PREVIEW_LENGTH,
  previewOf,
  readEnding,
  RecordedSpan,
} from "./recorded_span.ts";
import type { SpanBeginning, SpanEnding } from "./span_options.ts";

/** A span without a pair of events of its own: `span.started` and `span.completed`. */
export class RecordedWork extends RecordedSpan {
  readonly #pair;

  constructor(place: Place, beginning: SpanBeginning, again?: At) {
    super(place, beginning, again);
    this.#pair = { ...this.at, name: this.name, kind: this.kind };
    const attributes = clean({ ...beginning.attributes, source: this.source });
    const resumed = again && { resumed: true };
    this.outer.emit("span.started", { ...this.#pair, attributes, ...resumed });
  }

  end(ending: SpanEnding): void {
    const { error } = readEnding(ending);
    this.outer.emit("span.completed", {
      ...this.#pair,
      success: error === null,
      duration_ms: this.elapsedMs,
      error,
      attributes: clean({ ...ending.attributes }),
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
