import { randomHex } from "../../core/random_hex.ts";
import { summarize } from "../../core/error_text.ts";
import type { Run } from "../../core/run/run_context.ts";
import { formatTraceparent, traceOf } from "../../propagation/trace_context.ts";

/** One request of a client, as its run is told of it. */
export class CallWatch {
  readonly #run: Run | undefined;
  readonly #spanId = randomHex(16);
  readonly #start = performance.now();
  readonly #pair: { readonly target_url: string; readonly method: string };
  #isOver = false;
  status = 0;
  bytes = 0;
  taskId: string | null = null;
  lastEventId: string | null = null;

  constructor(run: Run | undefined, url: string, method: string) {
    this.#run = run;
    this.#pair = { target_url: url.replace(/\/+$/, ""), method };
    run?.emit("a2a.client.send", { ...this.#pair, ...this.#place });
  }

  /** The headers by which a trace goes on at the server. */
  get headers(): Record<string, string> {
    if (this.#run === undefined) return {};
    return { traceparent: formatTraceparent(traceOf(this.#run.id, this.#spanId)) };
  }

  /** Says that the answer is over, once. */
  end(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#run?.emit("a2a.client.received", {
      ...this.#pair,
      status_code: this.status,
      duration_ms: performance.now() - this.#start,
      content_length: this.bytes,
      ...this.#place,
      error: error === null ? null : summarize(error),
      task_id: this.taskId,
      last_event_id: this.lastEventId,
    });
  }

  get #place(): { span_id: string; parent_span_id: string | null } {
    return { span_id: this.#spanId, parent_span_id: this.#run?.spanId ?? null };
  }
}
