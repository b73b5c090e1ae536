import { ClientError } from "./client_error.ts";
import { discard, refusal, type RequestDetails, type Target } from "./request.ts";
import { withinTime } from "./within_time.ts";

/** Limits of one request. */
export interface QuestionBounds {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/**
 * Sends a request and passes a successful answer to `read`, all within the time limit.
 *
 * @throws {ClientError} If the server refuses, or does not answer in time.
 */
export async function ask<T>(
  target: Target,
  details: RequestDetails,
  { signal, timeoutMs }: QuestionBounds,
  read: (response: Response, signal: AbortSignal) => Promise<T> | T,
): Promise<T> {
  if (signal?.aborted) throw signal.reason;
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const answer = async (): Promise<T> => {
    const response: Response = await target.send(details, stop.signal);
    if (response.ok && !stop.signal.aborted) return await read(response, stop.signal);
    discard(response);
    throw refusal(target, response);
  };
  try {
    return await withinTime(answer(), stop, timeoutMs, () => {
      const message = `${target.purpose}: there was no answer within ${timeoutMs} ms`;
      return new ClientError("silent", message);
    });
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * Reads a body as JSON, and cancels it when the signal is aborted.
 *
 * @throws {ClientError} If it is not, breaks off, or has more than 8 MiB.
 */
export async function readJson(
  { purpose }: Target,
  response: Response,
  signal: AbortSignal,
): Promise<unknown> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  const letGo = () => void reader?.cancel().then(undefined, () => {});
  signal.addEventListener("abort", letGo, { once: true });
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  try {
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
      size += piece.value.byteLength;
      if (size > MAX_BYTES) break;
      text += decoder.decode(piece.value, { stream: true });
    }
  } catch (cause) {
    throw new ClientError("cut_off", `${purpose}: the connection broke`, { cause });
  } finally {
    signal.removeEventListener("abort", letGo);
    letGo();
  }
  if (size > MAX_BYTES) {
    throw new ClientError("too_long", `${purpose}: the answer has more than ${MAX_BYTES} bytes`);
  }
  try {
    return JSON.parse(text + decoder.decode());
  } catch (cause) {
    throw new ClientError("bad_answer", `${purpose}: the answer is not JSON`, { cause });
  }
}

const MAX_BYTES = 8 * 1024 * 1024;
