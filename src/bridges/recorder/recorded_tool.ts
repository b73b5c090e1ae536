import { dataOf } from "./fields.ts";
import type { RecordedAgent } from "./recorded_agent.ts";
import {
  firstOf,
  type Place,
  plainCopy,
  previewOf,
  readEnding,
  RecordedSpan,
} from "./recorded_span.ts";
import type { SpanBeginning, SpanEnding } from "./span_options.ts";

/** A call of a tool. */
export class RecordedTool extends RecordedSpan {
  readonly #agent: RecordedAgent | null;
  readonly #pair;

  constructor(place: Place, beginning: SpanBeginning, agent: RecordedAgent | null) {
    super(place, beginning);
    this.#agent = agent;
    this.#pair = {
      tool_name: this.name,
      ...this.at,
      span_id: beginning.callId ?? this.id,
      tool_span_id: this.id,
    };
    const args = dataOf(beginning.args);
    const isRecord = typeof args === "object" && args !== null && !Array.isArray(args);
    const arg_keys = isRecord ? firstOf(Object.keys(args)).map(previewOf).sort() : [];
    place.outer.emit("agent.tool.started", { ...this.#pair, arg_keys });
    if (args !== undefined) this.content("input", "arguments", args);
  }

  end(ending: SpanEnding): void {
    const { error } = readEnding(ending);
    if (this.#agent !== null) this.#agent.toolCalls++;
    const isDone = error === null;
    if (isDone && ending.output !== undefined) this.content("output", "result", ending.output);
    this.outer.emit("agent.tool.completed", {
      ...this.#pair,
      success: isDone,
      duration_ms: this.elapsedMs,
      output_preview: isDone ? previewOf(textOf(ending.output)) : "",
      error,
    });
  }
}

function textOf(output: unknown): string {
  if (output === undefined || typeof output === "string") return output ?? "";
  return JSON.stringify(plainCopy(output, MAX_OUTPUT_BYTES)) ?? "";
}

// Only its beginning is shown, but a secret may end behind that.
const MAX_OUTPUT_BYTES = 16_384;
