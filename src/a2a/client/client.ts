import { ambientRun } from "../../core/run/run_context.ts";
import { isUrl } from "../../runtime/realm.ts";
import type { Tool } from "../../agent/tools/tool.ts";
import { A2AError } from "../protocol/errors.ts";
import { RESUME_EXTENSION } from "../protocol/states.ts";
import type {
  AgentCard,
  AgentInterface,
  ListTasksResponse,
  Part,
  SendMessageResponse,
  StreamResponse,
  Task,
} from "../protocol/types.ts";
import { type A2AToolOptions, toTool } from "./as_tool.ts";
import { type ListOptions, readSend, type SendOptions } from "./call_options.ts";
import { followTask } from "./follow_task.ts";
import {
  type A2AClientConfig,
  type A2AClientOptions,
  OWNER,
  readClientOptions,
} from "./options.ts";
import type { Method } from "../protocol/methods.ts";
import { readCard } from "./read_card.ts";
import { type CallParams, rankOf } from "./requests.ts";
import type { CallOptions } from "./exchange.ts";
import { ask, call, open } from "./wire.ts";

/**
 * A client of an agent that speaks A2A: 1.0, else 0.3, by JSON-RPC or HTTP+JSON, whichever its card lists first.
 *
 * - **Streams** that break off go on by themselves: exactly, with a server that has our extension, as
 *   {@linkcode a2aServer}; else with the whole task as it is then.
 * - **Events:** each request is a pair `a2a.client.send` and `.received` in the current run, and takes its
 *   `traceparent` along.
 * - **Trust:** your headers go to the origin of the URL and to `origins`, and nowhere else that a card may say.
 *
 * @param location Where the card is: the URL before `/.well-known/agent-card.json`; or the card.
 * @throws {TypeError} If the location or an option is not valid.
 */
export function a2aClient(
  location: string | URL | AgentCard,
  options: A2AClientOptions = {},
): A2AClient {
  return new A2AClient(location, options);
}

/** A client of an agent: {@linkcode a2aClient}. */
export class A2AClient {
  readonly #config: A2AClientConfig;
  readonly #location: string | AgentCard;
  #card: AgentCard | null = null;

  /** Makes the client. Nothing is asked yet. */
  constructor(location: string | URL | AgentCard, options: A2AClientOptions = {}) {
    this.#config = readClientOptions(options);
    if (typeof location === "string" || isUrl(location)) {
      if (!URL.canParse(`${location}`)) {
        throw new TypeError(`${OWNER}: the URL must be absolute`);
      }
      this.#location = `${location}`.replace(/\/+$/, "");
      return;
    }
    const card = readCard(location);
    if (card === null) throw new TypeError(`${OWNER}: expected a URL or a card`);
    this.#location = card;
  }

  /** What the agent says of itself; asked for once. */
  async card({ signal }: { signal?: AbortSignal } = {}): Promise<AgentCard> {
    if (typeof this.#location !== "string") return this.#location;
    if (this.#card !== null) return this.#card;
    const url = `${this.#location}/.well-known/agent-card.json`;
    const request = { url, method: "GET", headers: { "A2A-Version": "1.0" } } as const;
    const options = { run: this.#run(), signal };
    const card = readCard(await ask(this.#config, request, "GetAgentCard", options));
    if (card !== null) return this.#card = card;
    throw new A2AError("INVALID_AGENT_RESPONSE", "The answer is not a card of A2A");
  }

  /**
   * Sends a message, and waits until its task is over or waits for an answer.
   *
   * @param message A text, or parts.
   * @throws {A2AError} If the server refuses. @throws {ClientError} If there is no answer.
   */
  async send(
    message: string | readonly Part[],
    options: SendOptions = {},
  ): Promise<SendMessageResponse> {
    const { params, signal } = readSend("send()", message, options);
    return await this.#call("SendMessage", params, signal);
  }

  /** Sends a message, and follows what becomes of it: up to the end of the task, or to a question. */
  async *stream(
    message: string | readonly Part[],
    options: SendOptions = {},
  ): AsyncGenerator<StreamResponse, void> {
    const { params, signal } = readSend("stream()", message, options);
    yield* this.#follow("SendStreamingMessage", params, null, signal);
  }

  /** A task as it is now. */
  async get(
    id: string,
    { historyLength, signal }: {
      historyLength?: number;
      signal?: AbortSignal;
    } = {},
  ): Promise<Task> {
    return await this.#call("GetTask", { id, historyLength }, signal);
  }

  /** A page of the tasks of this client, the newest first. */
  async list({ signal, ...params }: ListOptions = {}): Promise<ListTasksResponse> {
    const page = await this.#call<Partial<ListTasksResponse>>("ListTasks", params, signal);
    // What is empty, ProtoJSON may leave out.
    const { tasks = [], nextPageToken = "", pageSize = tasks.length, totalSize = 0 } = page;
    return { tasks, nextPageToken, pageSize, totalSize };
  }

  /** Cancels a task. */
  async cancel(id: string, { signal }: { signal?: AbortSignal } = {}): Promise<Task> {
    return await this.#call("CancelTask", { id }, signal);
  }

  /**
   * Follows a task to its end. The first update is the task.
   *
   * @param options `after` is the id of a frame that is known, with a server that has our extension.
   */
  async *subscribe(
    id: string,
    { after = null, signal }: { after?: string | null; signal?: AbortSignal } = {},
  ): AsyncGenerator<StreamResponse, void> {
    yield* this.#follow("SubscribeToTask", { id }, after, signal);
  }

  /**
   * The remote agent as a tool. What it asks is asked in the caller's run, and the answer goes back to the same task.
   */
  asTool(options: A2AToolOptions): Tool {
    return toTool((content, more) => this.send(content, more), options);
  }

  async #call<T>(method: Method, params: object, signal: AbortSignal | undefined): Promise<T> {
    const run = this.#run();
    const at = await this.#interface(signal);
    return await call<T>(this.#config, at, method, { ...params }, { run, signal });
  }

  async *#follow(
    method: Method,
    params: Readonly<Record<string, unknown>>,
    after: string | null,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<StreamResponse, void> {
    const options: CallOptions = { run: this.#run(), signal };
    const at = await this.#interface(signal);
    const { extensions } = (await this.card({ signal })).capabilities;
    const config = this.#config;
    const follow = (method: Method, params: CallParams, lastEventId: string | null) =>
      open(config, at, method, params, { ...options, lastEventId });
    const { id } = params;
    yield* followTask(follow(method, params, after), {
      retry: config.retry,
      signal,
      taskId: typeof id === "string" ? id : null,
      isTurn: method === "SendStreamingMessage",
      canResume: extensions?.some(({ uri }) => uri === RESUME_EXTENSION) === true,
      subscribe: (id, lastEventId) => follow("SubscribeToTask", { id }, lastEventId),
      get: async (id) => await call<Task>(config, at, "GetTask", { id }, options),
    });
  }

  /** The interface that the client speaks best, at a place that may have its headers. */
  async #interface(signal: AbortSignal | undefined): Promise<AgentInterface> {
    const { supportedInterfaces } = await this.card({ signal });
    const spoken = supportedInterfaces.filter((at) => rankOf(at) < Infinity)
      .sort((a, b) => rankOf(a) - rankOf(b));
    const location = this.#location;
    const origins = typeof location === "string"
      ? [new URL(location).origin, ...this.#config.origins]
      : spoken.map(({ url }) => new URL(url).origin);
    const found = spoken.find(({ url }) => origins.includes(new URL(url).origin));
    if (found !== undefined) return found;
    throw new A2AError(
      "UNSUPPORTED_OPERATION",
      spoken[0] === undefined
        ? "The agent has no interface of A2A 1.0 or 0.3, by JSON-RPC or HTTP+JSON"
        : `The agent is at ${spoken[0].url}, another origin: list it in "origins" to trust it`,
    );
  }

  #run(): CallOptions["run"] {
    return this.#config.run ?? ambientRun();
  }
}
