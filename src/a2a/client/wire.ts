import { readJson } from "../../client/ask.ts";
import { ClientError } from "../../client/client_error.ts";
import { createTarget, discard, refusal, type Target } from "../../client/request.ts";
import { withinTime } from "../../client/within_time.ts";
import type { Run } from "../../core/run/run_context.ts";
import { isRecord } from "../../core/options.ts";
import { isError } from "../../runtime/realm.ts";
import { decodeFrames } from "../../sse/decoder.ts";
import { A2AError, isReason, reasonOf } from "../protocol/errors.ts";
import { type Method, METHODS } from "../protocol/methods.ts";
import { readAnswer } from "../protocol/shapes.ts";
import type { AgentInterface, StreamResponse } from "../protocol/types.ts";
import { fromOld } from "../protocol/v03.ts";
import { CallWatch } from "./call_watch.ts";
import { type A2AClientConfig, OWNER } from "./options.ts";
import { type BoundRequest, type CallParams, isOld, toRequest } from "./requests.ts";

/** Where a call belongs, and what ends it. */
export interface CallOptions {
  readonly run: Run | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A frame of a stream. */
export interface Frame {
  /** Its id; empty if the server gives none. */
  readonly id: string;
  readonly update: StreamResponse;
}

/** A message of a whole task can be as long as its answer by another method. */
const MAX_FRAME = 16 * 2 ** 20;

/**
 * Asks for JSON.
 *
 * @throws {A2AError} If the server refuses.
 * @throws {ClientError} If there is no answer, or none that can be read.
 */
export async function ask(
  config: A2AClientConfig,
  request: BoundRequest,
  name: string,
  options: CallOptions,
  isRpc = false,
): Promise<unknown> {
  const exchange = new Exchange(config, "Cannot ask", request, name, options);
  let failure: unknown = null;
  try {
    return await exchange.within(
      exchange.send().then((response) => exchange.read(response, isRpc)),
    );
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    exchange.end(failure);
  }
}

/** Calls a method whose answer is one object. */
export async function call<T>(
  config: A2AClientConfig,
  at: AgentInterface,
  method: Method,
  params: CallParams,
  options: CallOptions,
): Promise<T> {
  const isRpc = at.protocolBinding === "JSONRPC";
  const result = await ask(config, toRequest(at, method, params), method, options, isRpc);
  return readAs<T>(at, method, result);
}

/** Calls a method whose answer is a stream. Leaving the iteration ends it. */
export async function* open(
  config: A2AClientConfig,
  at: AgentInterface,
  method: Method,
  params: CallParams,
  { lastEventId, ...options }: CallOptions & { readonly lastEventId: string | null },
): AsyncGenerator<Frame, void> {
  const request = toRequest(at, method, params);
  const isRpc = at.protocolBinding === "JSONRPC";
  const exchange = new Exchange(config, "Cannot follow", request, method, options);
  const { watch, purpose } = exchange;
  let failure: unknown = null;
  try {
    const response = await exchange.within(exchange.send({
      Accept: "text/event-stream",
      ...(lastEventId !== null && { "Last-Event-ID": lastEventId }),
    }));
    const type = response.headers.get("Content-Type");
    if (!response.ok || !type?.startsWith("text/event-stream")) {
      await exchange.within(exchange.read(response, isRpc));
      throw new ClientError("bad_answer", `${purpose}: the answer is not a stream`);
    }
    const messages = response.body!.pipeThrough(decodeFrames({ maxBlockLength: MAX_FRAME }));
    for await (const { data, lastEventId: id } of messages) {
      const result = isRpc ? resultOf(parse(data, purpose)) : parse(data, purpose);
      const update = readAs<StreamResponse>(at, method, result);
      watch.lastEventId = id || null;
      watch.taskId ??= taskIdOf(update);
      yield { id, update };
    }
  } catch (error) {
    failure = error;
    const { signal } = options;
    if (signal?.aborted) throw signal.reason;
    if (error instanceof A2AError || error instanceof ClientError) throw error;
    throw isError(error) && error.name === "RangeError"
      ? new ClientError("too_long", `${purpose}: a frame is too long`, { cause: error })
      : new ClientError("cut_off", `${purpose}: the connection broke`, { cause: error });
  } finally {
    exchange.end(failure);
  }
}

/** One request, from its first event to its last. */
class Exchange {
  readonly #config: A2AClientConfig;
  readonly #request: BoundRequest;
  readonly #target: Target;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal | undefined;
  readonly #leave = () => this.#stop.abort(this.#signal?.reason);
  readonly watch: CallWatch;

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
    this.watch = new CallWatch(run, request.url, name);
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

  /** Sends the request, and counts what comes back. */
  async send(more: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { method, body, headers } = this.#request;
    const { watch } = this;
    const all = {
      ...headers,
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...watch.headers,
      ...more,
    };
    const response = await this.#target.send({ headers: all, method, body }, this.#stop.signal);
    watch.status = response.status;
    if (response.body === null) return response;
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        watch.bytes += piece.byteLength;
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
      if (isRecord(result)) this.watch.taskId = taskIdOf(result);
      return result;
    }
    const isJson = response.headers.get("Content-Type")?.includes("json");
    if (!isJson) discard(response);
    const body = isJson ? await readJson(this.#target, response, signal).catch(() => null) : null;
    throw errorIn(body) ?? refusal(this.#target, response);
  }

  end(error: unknown): void {
    this.#signal?.removeEventListener("abort", this.#leave);
    this.#stop.abort();
    this.watch.end(error);
  }
}

function parse(data: string, purpose: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new ClientError("bad_event", `${purpose}: a frame is not JSON`, { cause });
  }
}

/** What a method answers, in the words of 1.0. */
function readAs<T>(at: AgentInterface, method: Method, result: unknown): T {
  const answer = METHODS[method][4];
  return readAnswer<T>(answer, isOld(at) ? fromOld(answer, result) : result);
}

/** The result in an answer of JSON-RPC, which must be to our request. */
function resultOf(body: unknown): unknown {
  if (!isRecord(body) || body.jsonrpc !== "2.0") {
    throw new A2AError("INVALID_AGENT_RESPONSE", "Not an answer of JSON-RPC");
  }
  if (body.error !== undefined) throw errorIn(body) ?? new A2AError("INVALID_AGENT_RESPONSE");
  if (body.id === 1) return body.result;
  throw new A2AError("INVALID_AGENT_RESPONSE", "An answer to another request");
}

/** The error in a body: a code of JSON-RPC, or the reason among the details of HTTP. */
function errorIn(body: unknown): A2AError | null {
  if (!isRecord(body) || !isRecord(body.error)) return null;
  const { code, message, details } = body.error;
  const text = typeof message === "string" ? message : undefined;
  if (body.jsonrpc !== undefined && typeof code === "number") {
    return new A2AError(reasonOf(code), text, { code });
  }
  const reasons = Array.isArray(details) ? details.map((one) => isRecord(one) && one.reason) : [];
  const reason = reasons.find(isReason) ?? (code === 400 ? "INVALID_PARAMS" : null);
  return reason === null ? null : new A2AError(reason, text);
}

function taskIdOf(answer: object): string | null {
  const { task, statusUpdate, artifactUpdate, id } = answer as Record<string, unknown>;
  if (isRecord(task)) return `${task.id}`;
  const update = statusUpdate ?? artifactUpdate;
  if (isRecord(update)) return `${update.taskId}`;
  return typeof id === "string" ? id : null;
}
