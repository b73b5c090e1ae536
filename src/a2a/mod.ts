/**
 * Agent to agent: A2A 1.0 and 0.3, the protocol by which agents of any make work for each other.
 *
 * - {@linkcode a2aServer} serves an agent: a Hono app, so it runs wherever `fetch` handlers do.
 * - {@linkcode a2aClient} calls one, and goes on with streams that break off.
 *
 * @example Serve an agent, and call it
 * ```ts
 * import { a2aClient, a2aServer } from "@locus/core/a2a";
 * import { Agent } from "@locus/core/agent";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const url = "https://weather.example";
 * const server = a2aServer({
 *   agent: new Agent({ model: scriptedModel(["It is sunny."]) }),
 *   card: { name: "Weather", description: "Knows the weather", url, skills: ["forecast"] },
 *   apiKeys: ["key-of-ada"],
 * });
 *
 * const client = a2aClient(url, {
 *   headers: { Authorization: "Bearer key-of-ada" },
 *   // In earnest there is a network.
 *   fetch: async (url, init) => await server.request(url, init),
 * });
 * const answer = await client.send("Should I cycle to work?");
 * if ("task" in answer) assertEquals(answer.task.status.state, "TASK_STATE_COMPLETED");
 * ```
 *
 * @module
 */
export { A2AServer, a2aServer } from "./server/server.ts";
export type { A2AServerOptions } from "./server/options.ts";
export type { A2ACardOptions } from "./server/card.ts";
export type { AccessOptions } from "../adapters/agent_server/access_options.ts";
export type { ListenOptions } from "../adapters/agent_server/listen.ts";
export { A2AClient, a2aClient } from "./client/client.ts";
export type { ListOptions, SendOptions } from "./client/call_options.ts";
export type { A2AToolOptions } from "./client/as_tool.ts";
export type { A2AClientOptions, A2AStreamFailure } from "./client/options.ts";
export type { RequestHeaders } from "../client/request.ts";
export { A2AError } from "./protocol/errors.ts";
export type { A2AReason } from "./protocol/errors.ts";
export { foldTask } from "./protocol/fold.ts";
export { isTerminal, RESUME_EXTENSION } from "./protocol/states.ts";
export type {
  AgentCard,
  AgentExtension,
  AgentInterface,
  AgentSkill,
  Artifact,
  ListTasksResponse,
  Message,
  Metadata,
  Part,
  SendMessageResponse,
  StreamResponse,
  Task,
  TaskArtifactUpdate,
  TaskState,
  TaskStatus,
  TaskStatusUpdate,
} from "./protocol/types.ts";
