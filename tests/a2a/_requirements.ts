/** How a requirement of the protocol is tried, by either binding. */
import type { A2AServerOptions, Message, Task } from "@locus/core/a2a";
import { tool } from "@locus/core/agent";
import type { Turn } from "@locus/core/testing";
import {
  ADA,
  headersOf,
  type Json,
  message,
  readFrames,
  serverOf,
  type Setup,
} from "./_support.ts";

/** What a request was answered with. */
export interface Answer {
  readonly response: Response;
  /** The body as it is; undefined for a stream. */
  readonly body: Json;
  readonly result: Json;
  /** Why it was refused: the reason among the details, else the code. */
  readonly reason: string | number | null;
}

const PATHS: Readonly<Record<string, readonly [verb: string, path: string]>> = {
  SendMessage: ["POST", "/message:send"],
  SendStreamingMessage: ["POST", "/message:stream"],
  GetTask: ["GET", "/tasks/ID"],
  ListTasks: ["GET", "/tasks"],
  CancelTask: ["POST", "/tasks/ID:cancel"],
  SubscribeToTask: ["POST", "/tasks/ID:subscribe"],
  CreateTaskPushNotificationConfig: ["POST", "/tasks/ID/pushNotificationConfigs"],
  GetTaskPushNotificationConfig: ["GET", "/tasks/ID/pushNotificationConfigs/1"],
  ListTaskPushNotificationConfigs: ["GET", "/tasks/ID/pushNotificationConfigs"],
  DeleteTaskPushNotificationConfig: ["DELETE", "/tasks/ID/pushNotificationConfigs/1"],
  GetExtendedAgentCard: ["GET", "/extendedAgentCard"],
};

export const METHODS: readonly string[] = Object.keys(PATHS);
export const bindings = ["JSON-RPC", "HTTP+JSON"] as const;

/** A server of its own, asked by one of the bindings. */
export class Trial {
  readonly binding: typeof bindings[number];
  setup: Setup;

  constructor(binding: typeof bindings[number], turns: readonly Turn[] = ["one", "two", "three"]) {
    this.binding = binding;
    this.setup = serverOf(turns, { tools: [signIn, approve] });
  }

  /** Another agent, or another server. */
  serve(turns: readonly Turn[], options: Partial<A2AServerOptions> = {}): void {
    this.setup = serverOf(turns, { tools: [signIn, approve] }, options);
  }

  async open(method: string, params: Json = {}, headers: object = {}): Promise<Response> {
    const { server } = this.setup;
    const all = headersOf(ADA, headers);
    if (this.binding === "JSON-RPC") {
      const body = JSON.stringify({ jsonrpc: "2.0", id: "1", method, params });
      return await server.request("/", { method: "POST", headers: all, body });
    }
    const [verb, path] = PATHS[method] ?? ["GET", `/tasks/x/${method}`];
    const { id = "x", ...rest } = params;
    const isQuery = verb === "GET" && Object.keys(rest).length > 0;
    const url = path.replace("ID", encodeURIComponent(id)) +
      (isQuery ? `?${new URLSearchParams(rest)}` : "");
    const body = verb === "POST" ? JSON.stringify(params) : undefined;
    return await server.request(url, { method: verb, headers: all, body });
  }

  async ask(method: string, params: Json = {}, headers: object = {}): Promise<Answer> {
    const response = await this.open(method, params, headers);
    const body = await response.json();
    const { error } = body;
    const [detail] = error?.details ?? error?.data ?? [];
    const result = this.binding === "JSON-RPC" ? body.result : body;
    return { response, body, result, reason: error ? detail?.reason ?? error.code : null };
  }

  /** The task that a message makes. */
  async send(more: object = {}, configuration: object = {}): Promise<Task> {
    const params = { message: message("hello", more), configuration };
    return (await this.ask("SendMessage", params)).result.task;
  }

  async refusal(method: string, params: object, headers: object = {}): Promise<Answer["reason"]> {
    return (await this.ask(method, params, headers)).reason;
  }

  async frames(method: string, params: object, limit?: number): Promise<Json[]> {
    const frames = await readFrames(await this.open(method, params), limit);
    return frames.map(({ data }) => data);
  }

  stream(more: object = {}): Promise<Json[]> {
    return this.frames("SendStreamingMessage", { message: message("hello", more) });
  }

  async card(): Promise<Json> {
    const path = "/.well-known/agent-card.json";
    return await (await this.setup.server.request(path, { headers: headersOf(null) })).json();
  }
}

const approve = tool({ name: "approve", execute: (_, { interrupt }) => `${interrupt("ok?")}` });
const signIn = tool({
  name: "signIn",
  execute: (_, { interrupt }) => `${interrupt("Sign in at x", { kind: "auth" })}`,
});

/** Agents that ask, and then are done. */
export const asks: readonly Turn[] = [{ toolCalls: [{ toolName: "approve" }] }, "done"];
export const asksToSignIn: readonly Turn[] = [{ toolCalls: [{ toolName: "signIn" }] }, "done"];

export function textsOf(messages: readonly Message[] = []): (string | undefined)[] {
  return messages.map(({ parts }) => parts[0]?.text);
}
