import { readJson } from "../../client/ask.ts";
import { ClientError } from "../../client/client_error.ts";
import { createTarget, discard, refusal, type Target } from "../../client/request.ts";
import { withinTime } from "../../client/within_time.ts";
import { summarize } from "../../core/error_text.ts";
import { isRecord } from "../../core/options.ts";
import { randomHex } from "../../core/random_hex.ts";
import type { Run } from "../../core/run/run_context.ts";
import { formatTraceparent, traceOf } from "../../propagation/trace_context.ts";
import { A2AError, isReason, reasonOf } from "../protocol/errors.ts";
import { type A2AClientConfig, OWNER } from "./options.ts";
import type { BoundRequest } from "./requests.ts";

/** Where a call belongs, and what ends it. */
export interface CallOptions {
  readonly run: Run | undefined;
  readonly signal: AbortSignal | undefined;
}

/** One request, from its first event to its last. */
export class Exchange {
  readonly #config: A2AClientConfig;
  readonly #request: BoundRequest;
  readonly #target: Target;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal | undefined;
  readonly #leave = () => this.#stop.abort(this.#signal?.reason);
  readonly #run: Run | undefined;
  readonly #pair: { readonly target_url: string; readonly method: string };
  readonly #spanId = randomHex(16);
  readonly #start = performance.now();
  #status = 0;
  #bytes = 0;
  taskId: string | null = null;
  lastEventId: string | null = null;

  constructor(
    config: A2AClientConfig,
    task: string,
    request: BoundRequest,
    name: string,
    { run, signal }: CallOptions,
  ) {
    signal?.throwIfAborted();
    this.#config = config;
    this.#request = request;
    this.#target = createTarget(OWNER, task, request.url, config.request);
    this.#signal = signal;
    this.#run = run;
    this.#pair = {
      ...{ target_url: request.url.replace(/\/+$/, ""), method: name },
      ...{ span_id: this.#spanId, parent_span_id: run?.spanId ?? null },
    };
    run?.emit("a2a.client.send", this.#pair);
    signal?.addEventListener("abort", this.#leave, { once: true });
  }

  get purpose(): string {
    return this.#target.purpose;
  }

  /** Waits for `work`, but not too long. */
  within<T>(work: Promise<T>): Promise<T> {
    const { timeoutMs } = this.#config;
    return withinTime(work, this.#stop, timeoutMs, () => {
      const message = `${this.purpose}: there was no answer within ${timeoutMs} ms`;
      return new ClientError("silent", message);
    });
  }

  /** Sends the request, and counts what comes back. The trace goes on at the server. */
  async send(more: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { method, body, headers } = this.#request;
    const trace = this.#run && formatTraceparent(traceOf(this.#run.id, this.#spanId));
    const all = {
      ...headers,
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...(trace !== undefined && { traceparent: trace }),
      ...more,
    };
    const response = await this.#target.send({ headers: all, method, body }, this.#stop.signal);
    this.#status = response.status;
    if (response.body === null) return response;
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, controller) => {
        this.#bytes += piece.byteLength;
        controller.enqueue(piece);
      },
    });
    return new Response(response.body.pipeThrough(count), response);
  }

  /** The result in an answer of either binding. */
  async read(response: Response, isRpc: boolean): Promise<unknown> {
    const { signal } = this.#stop;
    if (response.ok) {
      const body = await readJson(this.#target, response, signal);
      const result = isRpc ? resultOf(body) : body;
      if (isRecord(result)) this.taskId = taskIdOf(result);
      return result;
    }
    const isJson = response.headers.get("Content-Type")?.includes("json");
    if (!isJson) discard(response);
    const body = isJson ? await readJson(this.#target, response, signal).catch(() => null) : null;
    throw errorIn(body) ?? refusal(this.#target, response);
  }

  /** Says that the answer is over; `error` is what it ended with, or null. */
  end(error: unknown): void {
    this.#signal?.removeEventListener("abort", this.#leave);
    this.#stop.abort();
    this.#run?.emit("a2a.client.received", {
      ...this.#pair,
      status_code: this.#status,
      duration_ms: performance.now() - this.#start,
      content_length: this.#bytes,
      error: error === null ? null : summarize(error),
      task_id: this.taskId,
      last_event_id: this.lastEventId,
    });
  }
}

/** The result in an answer of JSON-RPC, which must be to our request. */
export function resultOf(body: unknown): unknown {
  if (!isRecord(body) || body.jsonrpc !== "2.0") {
    throw new A2AError("INVALID_AGENT_RESPONSE", "Not an answer of JSON-RPC");
  }
  if (body.error !== undefined) throw errorIn(body) ?? new A2AError("INVALID_AGENT_RESPONSE");
  if (body.id === 1) return body.result;
  throw new A2AError("INVALID_AGENT_RESPONSE", "An answer to another request");
}

/** The error in a body: a code of JSON-RPC, or the reason among the details of HTTP. */
function errorIn(body: unknown): A2AError | null {
  if (!isRecord(body)) return null;
  // Over HTTP+JSON, 0.3 has the code of JSON-RPC, and nothing around it.
  const isOld = typeof body.code === "number";
  const error = isOld ? body : body.error;
  if (!isRecord(error)) return null;
  const { code, message, details } = error;
  const text = typeof message === "string" ? message : undefined;
  if ((isOld || body.jsonrpc !== undefined) && typeof code === "number") {
    return new A2AError(reasonOf(code), text, { code });
  }
  const reasons = Array.isArray(details) ? details.map((one) => isRecord(one) && one.reason) : [];
  const reason = reasons.find(isReason) ?? (code === 400 ? "INVALID_PARAMS" : null);
  return reason === null ? null : new A2AError(reason, text);
}

/** Which task an answer is about; null if it does not say. */
export function taskIdOf(answer: object): string | null {
  const { task, statusUpdate, artifactUpdate, id } = answer as Record<string, unknown>;
  if (isRecord(task)) return `${task.id}`;
  const update = statusUpdate ?? artifactUpdate;
  if (isRecord(update)) return `${update.taskId}`;
  return typeof id === "string" ? id : null;
}
