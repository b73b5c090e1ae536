import { ClientError } from "../../client/client_error.ts";
import { isError } from "../../runtime/realm.ts";
import { decodeFrames } from "../../sse/decoder.ts";
import { A2AError } from "../protocol/errors.ts";
import { type Method, METHODS } from "../protocol/methods.ts";
import { readAnswer } from "../protocol/shapes.ts";
import type { AgentInterface, StreamResponse } from "../protocol/types.ts";
import { type Binding, fromOld } from "../protocol/v03.ts";
import { type CallOptions, Exchange, resultOf, taskIdOf } from "./exchange.ts";
import type { A2AClientConfig } from "./options.ts";
import { type BoundRequest, type CallParams, isOld, toRequest } from "./requests.ts";

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
  const { purpose } = exchange;
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
      exchange.lastEventId = id || null;
      exchange.taskId ??= taskIdOf(update);
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

function parse(data: string, purpose: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new ClientError("bad_event", `${purpose}: a frame is not JSON`, { cause });
  }
}

/** What a method answers, in the words of 1.0. */
function readAs<T>(at: AgentInterface, method: Method, result: unknown): T {
  const answer = METHODS[method][4]!;
  return readAnswer<T>(
    answer,
    isOld(at) ? fromOld(at.protocolBinding as Binding, answer, result) : result,
  );
}
