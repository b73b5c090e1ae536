/**
 * An agent as a service: the routes by which browsers, scripts and other services run it, follow it, and
 * answer its questions. A Hono app, so it runs wherever `fetch` handlers do, alone or inside another app.
 *
 * @example Serve an agent, and ask it
 * ```ts
 * import { Agent } from "@locus/core/agent";
 * import { agentServer } from "@locus/core/agent-server";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * // In place of openai("gpt-5") and the like.
 * const agent = new Agent({ model: scriptedModel(["It is sunny in Oslo."]) });
 * const server = agentServer({ agent, apiKeys: ["key-of-ada"] });
 *
 * // In earnest: Deno.serve(server.fetch), `export default server`, or server.listen({ … }).
 * const response = await server.request("/invoke", {
 *   method: "POST",
 *   headers: { "Authorization": "Bearer key-of-ada", "Content-Type": "application/json" },
 *   body: JSON.stringify({ prompt: "Should I cycle to work?" }),
 * });
 * const { message, stop_reason } = await response.json();
 * assertEquals([message, stop_reason], ["It is sunny in Oslo.", "complete"]);
 * ```
 *
 * @module
 */
import { Hono } from "hono";
import { createReporter } from "./http/responses.ts";
import { Access } from "./agent_server/access.ts";
import { type FetchHandler, listen, type ListenOptions } from "./agent_server/listen.ts";
import { type AgentServerOptions, readServerOptions } from "./agent_server/options.ts";
import { addRoutes } from "./agent_server/routes.ts";
import { ServedRuns } from "./agent_server/served_runs.ts";

export type { AccessOptions } from "./agent_server/access_options.ts";
export type { FetchHandler, ListenOptions } from "./agent_server/listen.ts";
export type {
  AgentServerErrorContext,
  AgentServerOptions,
  ServedAgent,
  ServedRunOptions,
} from "./agent_server/options.ts";

/**
 * Serves an agent.
 *
 * | route | takes | answers |
 * |---|---|---|
 * | `GET /health` | | `{ status: "ok" }`, to all clients |
 * | `GET /info` | | `{ title, description }` |
 * | `POST /invoke` | `prompt`, `thread_id?`, `metadata?` | what the run came to |
 * | `POST /stream` | the same | the run as an event stream |
 * | `POST /resume` | `interrupt_id`, `response`, `thread_id?`, `stream?` | the same as either |
 * | `GET /runs/:run_id/stream` | `Last-Event-ID` or `?after=` | the run again, and on |
 * | `GET /runs/:run_id/events` | `Last-Event-ID` or `?after=`, `?from=`, `?select=` | its events, for `followRun()` |
 * | `DELETE /runs/:run_id` | | `{ run_id, cancelled }` |
 * | `GET /threads/:thread_id` | | `thread_id`, `iteration`, `messages`, `tool_executions`, `metadata`, `interrupt` |
 * | `DELETE /threads/:thread_id` | | `{ thread_id, deleted }` |
 *
 * - **What a run came to:** `message`, `success`, `stop_reason`, `iterations`, `tool_calls`, `duration_ms`,
 *   `run_id`, `thread_id`, and `interrupt`, the question if it waits for a person.
 * - **A stream** is one run, over all its questions, to its end: `event` is the `event_type` of the agent's
 *   event, `data` the event, `id` counts from 1. The last block is `bus.end`, or `bus.error` with a
 *   correlation id. The run's id is in the header `Locus-Run-Id`.
 * - **Every run** is run as `agent.run()` does it, also that of `POST /invoke`, so that it can be followed.
 * - **Coming back:** a run goes on without its client, and is kept for a while after its end.
 * - **Who asks** is a principal, and sees only its own threads, runs and questions; all others do not exist
 *   (404).
 * - **Errors** are JSON, `{ "error": … }`: 401 without a known key, 409 if a run of the thread is under way,
 *   413, 415 and 422 for bodies, 503 with `Retry-After` at a limit, 500 with a `correlation_id`.
 *
 * @throws {TypeError} If an option is missing, unknown, of the wrong type or at odds with another.
 * @throws {RangeError} If a number is out of its range.
 */
export function agentServer(options: AgentServerOptions): AgentServer {
  return new AgentServer(options);
}

/** A Hono app that serves an agent: {@linkcode agentServer}. */
export class AgentServer extends Hono implements AsyncDisposable {
  readonly #access: Access;
  readonly #runs: ServedRuns;

  /** Makes the app. Nothing listens yet, and nothing runs. */
  constructor(options: AgentServerOptions) {
    super();
    const config = readServerOptions(options);
    this.#access = new Access(config);
    this.#runs = new ServedRuns(config, createReporter("run", config.onError));
    addRoutes(this, config, this.#access, this.#runs);
  }

  /**
   * Puts the app behind a server of this runtime, which is handed in. On the loopback interface this is
   * what opens an app that was given no keys, for this machine only: requests with the marks of a proxy
   * are refused, and so are pages of other origins.
   *
   * @returns What `serve` returns.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {Error} If no option says who may connect, and the server would listen to other machines.
   *
   * @example On Node, Bun and Deno
   * ```ts ignore
   * server.listen({ serve }); // of @hono/node-server
   * server.listen({ serve: Bun.serve });
   * server.listen({ serve: ({ hostname, port, fetch }) => Deno.serve({ hostname, port }, fetch) });
   * ```
   */
  listen<T>(options: ListenOptions<T>): T {
    const answer: FetchHandler = (request, env) => this.fetch(request, env);
    return listen("AgentServer.listen()", "the agent server", this.#access, answer, options);
  }

  /** Cancels all runs and forgets them; resolves when nothing of them is left. New ones are refused. */
  close(): Promise<void> {
    return this.#runs.close();
  }

  /** The same as {@linkcode AgentServer.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
