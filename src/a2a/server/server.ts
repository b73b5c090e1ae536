import { Hono } from "hono";
import { Access } from "../../adapters/agent_server/access.ts";
import {
  type FetchHandler,
  listen,
  type ListenOptions,
} from "../../adapters/agent_server/listen.ts";
import { createReporter } from "../../adapters/http/responses.ts";
import { cardRoute } from "./card.ts";
import { Endpoint } from "./endpoint.ts";
import { Operations } from "./operations.ts";
import { type A2AServerOptions, readA2AOptions } from "./options.ts";
import { ServedTasks } from "./served_tasks.ts";

/**
 * Serves an agent to other agents: A2A 1.0 and 0.3, by JSON-RPC at `POST /` and by HTTP+JSON below it (0.3 below `/v1`), with
 * the card at `GET /.well-known/agent-card.json`.
 *
 * - **A task is a run:** its id is the run's, and what a client is told of it is folded from one log, so that
 *   `GetTask` and every stream say the same.
 * - **Streams can be resumed**, as the extension {@linkcode RESUME_EXTENSION} of the card says: `SubscribeToTask` with
 *   `Last-Event-ID` brings every later update once, also of a task that is over.
 * - **Questions** of the agent (`interrupt()`) make a task wait (`TASK_STATE_INPUT_REQUIRED`); the next message with
 *   its `taskId` is the answer.
 * - **A context** is a thread of the agent, if it has a checkpointer. Its tasks work one after the other.
 * - **Who asks** is a principal, as with the agent server, and sees only its own tasks.
 * - **Clients that leave** cancel nothing; `CancelTask` does.
 * - **Restarts:** with `tasks`, a durable bus, the tasks of the process before are there, and what it worked on has failed.
 * - **Not served:** push notifications, the extended card, gRPC.
 *
 * @throws {TypeError} If an option is missing, unknown, of the wrong type or at odds with another.
 * @throws {RangeError} If a number is out of its range.
 */
export function a2aServer(options: A2AServerOptions): A2AServer {
  return new A2AServer(options);
}

/** A Hono app that serves an agent to others: {@linkcode a2aServer}. */
export class A2AServer extends Hono implements AsyncDisposable {
  readonly #access: Access;
  readonly #tasks: ServedTasks;

  /** Makes the app. Nothing listens yet, and nothing runs. */
  constructor(options: A2AServerOptions) {
    super();
    const config = readA2AOptions(options);
    this.#access = new Access(config);
    this.#tasks = new ServedTasks(config, createReporter("run", config.onError));
    const operations = new Operations(config, this.#tasks);
    const endpoint = new Endpoint(config, this.#access, operations);
    this.get("/.well-known/agent-card.json", cardRoute(config.card, config.versions));
    this.post("/", (c) => endpoint.rpc(c));
    this.all("/:path{.+}", async (c, next) => {
      const answer = await endpoint.http(c, `/${c.req.param("path")}`, next);
      if (answer !== undefined) return answer;
    });
  }

  /**
   * Puts the app behind a server of this runtime, which is handed in. On the loopback interface this is what opens
   * an app that was given no keys, for this machine only: `listen()` of the agent server.
   *
   * @returns What `serve` returns.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {Error} If no option says who may connect, and the server would listen to other machines.
   */
  listen<T>(options: ListenOptions<T>): T {
    const answer: FetchHandler = (request, env) => this.fetch(request, env);
    return listen("A2AServer.listen()", "the A2A server", this.#access, answer, options);
  }

  /**
   * Cancels what is worked on and refuses new tasks; resolves when nothing of them is left. Without `tasks` all of them are
   * forgotten; with it they are there for the next server.
   */
  close(): Promise<void> {
    return this.#tasks.close();
  }

  /** The same as {@linkcode A2AServer.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
