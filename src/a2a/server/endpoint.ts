import type { Context } from "hono";
import type { Access } from "../../adapters/agent_server/access.ts";
import { Connections } from "../../adapters/http/connections.ts";
import {
  createReporter,
  type ErrorStatus,
  exposeError,
  json,
  Refusal,
} from "../../adapters/http/responses.ts";
import { isRecord } from "../../core/options.ts";
import { A2AError, httpError, invalid, rpcError } from "../protocol/errors.ts";
import { matchPath, METHODS } from "../protocol/methods.ts";
import { RESUME_EXTENSION } from "../protocol/states.ts";
import { fromOld, toOld } from "../protocol/v03.ts";
import type { Operations } from "./operations.ts";
import type { A2AServerConfig } from "./options.ts";
import {
  answerTypeOf,
  type Asked,
  extensionsOf,
  isJson,
  readBody,
  readEnvelope,
  readMethod,
  versionOf,
} from "./request.ts";
import { RequestWatch } from "./request_watch.ts";
import { answerWithTask } from "./stream.ts";

/** Answers requests of both bindings: they differ in where a method and its parameters are, and in what is around an answer. */
export class Endpoint {
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

  /** JSON-RPC: one URL for all methods, and errors with the status 200. */
  rpc(c: Context): Promise<Response> {
    return this.#answer(c, "JSONRPC", async (asked) => {
      if (!isJson(c)) throw new A2AError("CONTENT_TYPE_NOT_SUPPORTED");
      return readEnvelope(await readBody(c, this.#config.maxBodyBytes), asked);
    });
  }

  /** HTTP+JSON: a path for each method, and errors with a status of their own. */
  http(c: Context, path: string, next: () => Promise<void>): Promise<Response | void> {
    const found = matchPath(c.req.method, path, versionOf(c) === "0.3");
    if (found === null && !/^(\/[^/]+)?\/tasks\//.test(path)) return next();
    return this.#answer(c, "HTTP+JSON", async (asked) => {
      if (found === null) throw new A2AError("METHOD_NOT_FOUND");
      const { method, isOld } = found;
      asked.method = isOld ? METHODS[method][2]! : method;
      asked.version = isOld ? "0.3" : "1.0";
      if (!method.startsWith("Send")) return { ...c.req.query(), ...found.params };
      if (!isJson(c)) {
        const types = "application/json or application/a2a+json";
        throw new Refusal(415, `The body must be sent as ${types}`);
      }
      const body = await readBody(c, this.#config.maxBodyBytes);
      return isRecord(body) ? { ...body, ...found.params } : body;
    });
  }

  async #answer(
    c: Context,
    binding: Asked["binding"],
    read: (asked: Asked) => Promise<unknown>,
  ): Promise<Response> {
    const asked: Asked = { binding, method: "", rpcId: null, version: "1.0" };
    let watch: RequestWatch | undefined;
    try {
      const principal = await this.#access.principalOf(c);
      const given = await read(asked);
      watch = new RequestWatch(asked);
      const method = readMethod(c, asked, this.#config.versions);
      const [, , , request, shape] = METHODS[method];
      const isOld = asked.version === "0.3";
      const extensions = extensionsOf(c);
      this.#checkExtensions(method, extensions);
      const canResume = extensions.includes(RESUME_EXTENSION);
      const params = given ?? {};
      if (!isRecord(params)) throw invalid("params", "must be an object");
      const answer = await this.#operations.call({
        method,
        params: isOld && request !== null ? fromOld(binding, request, params) : params,
        principal,
        name: this.#access.nameOf(c),
        lastEventId: canResume
          ? c.req.header("Last-Event-ID") || c.req.query("after") || null
          : null,
        isOld,
        watch,
      });
      if ("result" in answer) {
        watch.end(null);
        const { result } = answer;
        const type = binding === "JSONRPC" ? "application/json" : answerTypeOf(c);
        const written = write(
          asked,
          isOld && shape !== null ? toOld(binding, shape, result) : result,
        );
        return json(c, 200, written as object, { "Content-Type": type });
      }
      const own = watch;
      const response = answerWithTask(c, answer.stream, {
        connections: this.#connections,
        settings: this.#config.stream,
        wrap: wrapOf(asked),
        onRelease: () => own.end(null),
      });
      if (canResume) {
        response.headers.set(isOld ? "X-A2A-Extensions" : "A2A-Extensions", RESUME_EXTENSION);
      }
      return response;
    } catch (error) {
      watch?.end(error);
      return this.#refuse(c, asked, error);
    }
  }

  /** @throws {A2AError} If the client has to know an extension that it does not name. */
  #checkExtensions(method: string, known: readonly string[]): void {
    if (!method.startsWith("Send")) return;
    const missing = this.#config.card.capabilities.extensions
      ?.find(({ uri, required }) => required && !known.includes(uri));
    if (missing === undefined) return;
    const advice = `Send A2A-Extensions: ${missing.uri}`;
    throw new A2AError("EXTENSION_SUPPORT_REQUIRED", advice);
  }

  /** Answers for what was thrown; of what is not known, a client is told nothing. */
  #refuse(c: Context, { binding, rpcId: id, version }: Asked, error: unknown): Response {
    exposeError(c, error);
    if (error instanceof Refusal) {
      const { status, message, headers } = error;
      return json(c, status, { error: { code: status, status: STATUS[status], message } }, headers);
    }
    if (!(error instanceof A2AError)) this.#report(error);
    const known = error instanceof A2AError ? error : new A2AError("INTERNAL");
    if (binding === "HTTP+JSON") {
      const { status, body } = httpError(known, version === "0.3");
      return json(c, status, body);
    }
    const { code, message } = known;
    const said = version === "0.3" ? { code, message } : rpcError(known);
    return json(c, 200, { jsonrpc: "2.0", id, error: said });
  }
}

/** An answer as the binding has it. */
function write({ binding, rpcId: id }: Asked, result: unknown): unknown {
  return binding === "JSONRPC" ? { jsonrpc: "2.0", id, result } : result;
}

/** How the binding and the version have an update of the log, which is of 1.0. */
function wrapOf(asked: Asked): (json: string, isLast: boolean) => string {
  const { binding, version } = asked;
  if (version === "0.3") {
    return (json, isLast) =>
      JSON.stringify(write(asked, toOld(binding, "Frame", JSON.parse(json), isLast)));
  }
  const [head, tail] = JSON.stringify(write(asked, 0)).split(/0(?=}?$)/) as [string, string];
  return (json) => head + json + tail;
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
