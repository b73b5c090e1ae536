import type { Run } from "../../core/run/run.ts";
import { newSpanId, type Place, readEnding, RecordedSpan } from "./recorded_span.ts";
import type { SpanBeginning, SpanEnding } from "./span_options.ts";

/** An agent has handed its task to another, which is inside. */
export class RecordedHandoff extends RecordedSpan {
  readonly id = newSpanId("handoff");
  readonly run: Run;
  readonly #pair: {
    source_agent_id: string;
    target_agent_id: string;
    span_id: string;
    parent_span_id: string | null;
  };

  constructor(place: Place, beginning: SpanBeginning) {
    super(place, beginning);
    this.run = place.outer.inSpan(this.id);
    this.#pair = {
      source_agent_id: beginning.from ?? place.parent?.name ?? "",
      target_agent_id: this.name,
      span_id: this.id,
      parent_span_id: place.outer.spanId,
    };
    place.outer.emit("multiagent.handoff.initiated", {
      ...this.#pair,
      reason: "delegation",
      context_summary: null,
    });
  }

  end(ending: SpanEnding): void {
    const success = readEnding(ending).error === null;
    this.outer.emit("multiagent.handoff.completed", {
      ...this.#pair,
      success,
      output_length: success ? ending.text?.length ?? 0 : 0,
    });
  }
}
