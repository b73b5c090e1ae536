import { randomHex } from "../../core/random_hex.ts";
import { ambientRun, type Run } from "../../core/run/run_context.ts";
import { A2AError } from "../protocol/errors.ts";
import type { Asked } from "./request.ts";
import type { TaskLog } from "./task_log.ts";

/**
 * One request, as the bus is told of it: in the run of its task, or in the run that is active. A request that only
 * looks, outside of any run, is not told: it must not fill the history of what it looks at.
 */
export class RequestWatch {
  readonly #asked: Asked;
  readonly #spanId = randomHex(16);
  readonly #start = performance.now();
  readonly #outer = ambientRun();
  #run: Run | null = null;
  #log: TaskLog | null = null;
  #isOver = false;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  /**
   * Says that the request came.
   *
   * @returns The run, as seen from within the request.
   */
  begin(run: Run, log: TaskLog | null): Run {
    if (this.#run !== null || this.#isOver) return run;
    this.#run = run;
    this.#log = log;
    const { method, rpcId, binding, version } = this.#asked;
    run.emit("a2a.task.received", {
      method,
      rpc_id: rpcId === null ? null : `${rpcId}`,
      ...this.#place(run),
      task_id: log?.place.task.id ?? null,
      context_id: log?.place.task.contextId ?? null,
      binding,
      protocol_version: version,
    });
    // What the client was told by then is all that this run brings; nothing may follow its end.
    run.onEnd(() => this.end(null));
    return run.inSpan(this.#spanId);
  }

  /** Says that it was answered, once; `error` is what it was refused with. */
  end(error: unknown): void {
    if (this.#isOver) return;
    if (this.#run === null && this.#outer !== undefined) {
      this.begin(this.#outer, null);
    }
    this.#isOver = true;
    this.#run?.emit("a2a.task.completed", {
      method: this.#asked.method,
      success: error === null,
      error_code: error === null ? null : error instanceof A2AError ? error.code : -32603,
      duration_ms: performance.now() - this.#start,
      ...this.#place(this.#run),
      state: this.#log?.state ?? null,
    });
  }

  #place({ spanId }: Run): { span_id: string; parent_span_id: string | null } {
    return { span_id: this.#spanId, parent_span_id: spanId };
  }
}
