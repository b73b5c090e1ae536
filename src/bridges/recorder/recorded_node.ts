import { type Place, readEnding, RecordedSpan } from "./recorded_span.ts";
import type { SpanBeginning, SpanEnding } from "./span_options.ts";

/** A node of a graph that runs. */
export class RecordedNode extends RecordedSpan {
  readonly #pair;

  constructor(place: Place, beginning: SpanBeginning) {
    super(place, beginning);
    this.#pair = {
      graph_id: beginning.graph ?? place.parent?.name ?? "",
      node_id: this.name,
      // No framework says so before the others have begun.
      parallel: false,
      ...this.at,
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
