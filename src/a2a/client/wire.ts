import { readJson } from "../../client/ask.ts";
import { ClientError } from "../../client/client_error.ts";
import { createTarget, discard, refusal, type Target } from "../../client/request.ts";
import { withinTime } from "../../client/within_time.ts";
import type { Run } from "../../core/run/run_context.ts";
import { isRecord } from "../../core/options.ts";
import { decodeFrames } from "../../sse/decoder.ts";
import { A2AError, isReason, reasonOf } from "../protocol/errors.ts";
import { RESUME_EXTENSION } from "../protocol/states.ts";
import type { AgentInterface, StreamResponse } from "../protocol/types.ts";
import { CallWatch } from "./call_watch.ts";
import { type A2AClientConfig, OWNER } from "./options.ts";
import { type BoundRequest, type CallParams, type Method, toRequest } from "./requests.ts";

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
  { run, signal }: CallOptions,
): Promise<unknown> {
  signal?.throwIfAborted();
  const target = createTarget(OWNER, "Cannot ask", request.url, config.request);
  const watch = new CallWatch(run, request.url, name);
  const stop = new AbortController();
  const leave = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", leave, { once: true });
  try {
    const answer = begin(target, request, watch, stop.signal).then(
      async (response) => {
        const body = await readAnswer(target, response, stop.signal);
        if (isRecord(body)) watch.taskId = taskIdOf(body);
        return body;
      },
    );
    const body = await withinTime(
      answer,
      stop,
      config.timeoutMs,
      () => silent(target, config),
    );
    watch.end(null);
    return body;
  } catch (error) {
    watch.end(error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", leave);
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
  const result = await ask(
    config,
    toRequest(at, method, params),
    method,
    options,
  );
  if (isRecord(result)) return result as T;
  throw new A2AError("INVALID_AGENT_RESPONSE");
}

/** Calls a method whose answer is a stream. Leaving the iteration ends it. */
export async function* open(
  config: A2AClientConfig,
  at: AgentInterface,
  method: Method,
  params: CallParams,
  { run, signal, lastEventId }: CallOptions & {
    readonly lastEventId: string | null;
  },
): AsyncGenerator<Frame, void> {
  signal?.throwIfAborted();
  const request = toRequest(at, method, params);
  const target = createTarget(
    OWNER,
    "Cannot follow",
    request.url,
    config.request,
  );
  const watch = new CallWatch(run, request.url, method);
  const stop = new AbortController();
  const leave = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", leave, { once: true });
  const headers = {
    Accept: "text/event-stream",
    ...(lastEventId !== null && { "Last-Event-ID": lastEventId }),
  };
  let failure: unknown = null;
  try {
    const response = await withinTime(
      begin(target, request, watch, stop.signal, headers),
      stop,
      config.timeoutMs,
      () => silent(target, config),
    );
    const isStream = response.headers.get("Content-Type")?.startsWith(
      "text/event-stream",
    );
    if (!response.ok || !isStream) {
      await readAnswer(target, response, stop.signal);
      throw new ClientError(
        "bad_answer",
        `${target.purpose}: the answer is not a stream`,
      );
    }
    const messages = response.body!.pipeThrough(
      decodeFrames({ maxBlockLength: MAX_FRAME }),
    );
    for await (const { data, lastEventId: id } of messages) {
      const update = readResult(JSON.parse(data)) as StreamResponse;
      watch.lastEventId = id || null;
      watch.taskId ??= taskIdOf(update);
      yield { id, update };
    }
  } catch (error) {
    failure = error;
    if (signal?.aborted) throw signal.reason;
    if (error instanceof A2AError || error instanceof ClientError) throw error;
    throw new ClientError(
      "cut_off",
      `${target.purpose}: the connection broke`,
      { cause: error },
    );
  } finally {
    signal?.removeEventListener("abort", leave);
    stop.abort();
    watch.end(failure);
  }
}

/** Sends a request, and counts what comes back. */
async function begin(
  target: Target,
  { method, body }: BoundRequest,
  watch: CallWatch,
  signal: AbortSignal,
  more: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const headers = {
    "A2A-Version": "1.0",
    "A2A-Extensions": RESUME_EXTENSION,
    ...(body !== undefined && { "Content-Type": "application/json" }),
    ...watch.headers,
    ...more,
  };
  const response = await target.send({ headers, method, body }, signal);
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
async function readAnswer(
  target: Target,
  response: Response,
  signal: AbortSignal,
): Promise<unknown> {
  if (response.ok) return readResult(await readJson(target, response, signal));
  const isJson = response.headers.get("Content-Type")?.includes("json");
  if (!isJson) discard(response);
  const body = isJson ? await readJson(target, response, signal).catch(() => null) : null;
  throw errorIn(body) ?? refusal(target, response);
}

function readResult(body: unknown): unknown {
  if (!isRecord(body) || body.jsonrpc === undefined) return body;
  if (body.error === undefined) return body.result;
  throw errorIn(body) ?? new A2AError("INVALID_AGENT_RESPONSE");
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
  const reason = reasons.find(isReason) ??
    (code === 400 ? "INVALID_PARAMS" : null);
  return reason === null ? null : new A2AError(reason, text);
}

function taskIdOf(answer: object): string | null {
  const { task, statusUpdate, artifactUpdate, id } = answer as Record<
    string,
    unknown
  >;
  if (isRecord(task)) return `${task.id}`;
  const update = statusUpdate ?? artifactUpdate;
  if (isRecord(update)) return `${update.taskId}`;
  return typeof id === "string" ? id : null;
}

function silent(
  { purpose }: Target,
  { timeoutMs }: A2AClientConfig,
): ClientError {
  return new ClientError(
    "silent",
    `${purpose}: there was no answer within ${timeoutMs} ms`,
  );
}
