import type { Run } from "../../core/run/run.ts";
import { newSpanId, type Place, readEnding, RecordedSpan } from "./recorded_span.ts";
import type { SpanBeginning, SpanEnding } from "./span_options.ts";

/** A node of a graph that runs. */
export class RecordedNode extends RecordedSpan {
  readonly id = newSpanId("node");
  readonly run: Run;
  readonly #pair: {
    graph_id: string;
    node_id: string;
    span_id: string;
    parallel: boolean;
    parent_span_id: string | null;
  };

  constructor(place: Place, beginning: SpanBeginning) {
    super(place, beginning);
    this.run = place.outer.inSpan(this.id);
    this.#pair = {
      graph_id: beginning.graph ?? place.parent?.name ?? "",
      node_id: this.name,
      span_id: this.id,
      // No framework says so before the others have begun.
      parallel: false,
      parent_span_id: place.outer.spanId,
    };
    const { step = 1, answers = [] } = beginning;
    place.outer.emit("multiagent.graph.node.started", {
      ...this.#pair,
      iteration: step,
      is_resuming: answers.length > 0,
    });
  }

  end(ending: SpanEnding): void {
    const { error } = readEnding(ending);
    this.outer.emit("multiagent.graph.node.completed", {
      ...this.#pair,
      status: ending.status ?? (error === null ? "completed" : "failed"),
      duration_ms: this.elapsedMs,
      error,
    });
  }
}
