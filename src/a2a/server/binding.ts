import type { Context } from "hono";
import type { Access, Principal } from "../../adapters/agent_server/access.ts";
import { Connections } from "../../adapters/http/connections.ts";
import {
  createReporter,
  type ErrorStatus,
  exposeError,
  json,
  Refusal,
} from "../../adapters/http/responses.ts";
import { A2AError } from "../protocol/errors.ts";
import { RESUME_EXTENSION } from "../protocol/states.ts";
import type { Operations, TaskStream } from "./operations.ts";
import type { A2AServerConfig } from "./options.ts";
import { canResume } from "./request.ts";
import { type Asked, RequestWatch } from "./request_watch.ts";
import type { TaskStreamOptions } from "./stream.ts";

/** How a binding writes what it answers. */
export interface AnswerWriter {
  result(result: object): Response;
  stream(
    stream: TaskStream,
    options: Omit<TaskStreamOptions, "wrap">,
  ): Response;
}

/** What both bindings have in common: who asks, what is answered, what is said of it on the bus. */
export class Binding {
  readonly #config: A2AServerConfig;
  readonly #access: Access;
  readonly #operations: Operations;
  readonly #connections: Connections;
  readonly #report: (error: unknown) => string;

  constructor(config: A2AServerConfig, access: Access, operations: Operations) {
    this.#config = config;
    this.#access = access;
    this.#operations = operations;
    this.#connections = new Connections("a2aServer()", {
      connections: config.maxStreams,
      connectionsPerRun: config.maxStreamsPerTask,
    });
    this.#report = createReporter("request", config.onError);
  }

  get maxBodyBytes(): number {
    return this.#config.maxBodyBytes;
  }

  /** @throws {Refusal} With 401 or 403, if the request has no principal. */
  principalOf(c: Context): Principal | Promise<Principal> {
    return this.#access.principalOf(c);
  }

  /** Answers a request whose envelope is valid; `readParams` throws what is wrong with the rest. */
  async answer(
    c: Context,
    principal: Principal,
    asked: Asked,
    readParams: () => unknown,
    write: AnswerWriter,
  ): Promise<Response> {
    const watch = new RequestWatch(asked);
    try {
      const answer = await this.#operations.call({
        method: asked.method,
        params: readParams(),
        principal,
        name: this.#access.nameOf(c),
        lastEventId: canResume(c)
          ? c.req.header("Last-Event-ID") || c.req.query("after") || null
          : null,
        watch,
      });
      if ("result" in answer) {
        watch.end(null);
        return write.result(answer.result);
      }
      const response = write.stream(answer.stream, {
        connections: this.#connections,
        settings: this.#config.stream,
        onRelease: () => watch.end(null),
      });
      if (canResume(c)) {
        response.headers.set("A2A-Extensions", RESUME_EXTENSION);
      }
      return response;
    } catch (error) {
      watch.end(error);
      throw error;
    }
  }

  /** Answers for what was thrown; of what is not known, a client is told nothing. */
  refuse(
    c: Context,
    error: unknown,
    write: (error: A2AError) => { status: 200 | ErrorStatus; body: object },
  ): Response {
    exposeError(c, error);
    if (error instanceof Refusal) {
      const { status, message, headers } = error;
      return json(c, status, {
        error: { code: status, status: STATUS[status], message },
      }, headers);
    }
    if (!(error instanceof A2AError)) this.#report(error);
    const { status, body } = write(
      error instanceof A2AError ? error : new A2AError("INTERNAL"),
    );
    return this.json(c, status, body);
  }

  json(
    c: Context,
    status: 200 | ErrorStatus,
    body: object,
    mediaType?: string,
  ): Response {
    return json(
      c,
      status,
      body,
      mediaType === undefined ? {} : { "Content-Type": mediaType },
    );
  }
}

const STATUS: Partial<Record<ErrorStatus, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  408: "DEADLINE_EXCEEDED",
  413: "INVALID_ARGUMENT",
  415: "INVALID_ARGUMENT",
  503: "UNAVAILABLE",
};
