/** What the tests of the agent server share. */

import { Agent, type AgentOptions, tool } from "@locus/core/agent";
import { type AgentServer, agentServer, type AgentServerOptions } from "@locus/core/agent-server";
import { z } from "zod";
import { follow } from "../../harness/support/event_source.ts";
import { type Script, ScriptedModel, toolCall } from "../../harness/support/scripted_model.ts";

/** Two keys, each of a principal of its own. */
export const ADA = "key-of-ada";
/** The other one. */
export const BOB = "key-of-bob";

/** What a test says of its server; the rest is an agent with a scripted model, and the two keys. */
export interface ServerSetup extends Partial<AgentServerOptions> {
  script?: readonly Script[];
  agentOptions?: Partial<AgentOptions>;
}

/** A server, its model, and what it reported. */
export function serverOf(
  { script = [], agentOptions, ...options }: ServerSetup,
): { server: AgentServer; model: ScriptedModel; errors: unknown[] } {
  const model = new ScriptedModel(...script);
  const errors: unknown[] = [];
  const isSaid = options.authenticate !== undefined || options.allowUnauthenticated !== undefined;
  const server = agentServer({
    agent: new Agent({ model, streaming: false, ...agentOptions }),
    onError: (error, context) => void errors.push({ error, ...context }),
    ...(isSaid ? {} : { apiKeys: [ADA, BOB] }),
    heartbeatMs: 50,
    ...options,
  });
  return { server, model, errors };
}

/** A request to a server in this process or, by its URL, in another. */
export function ask(
  server: AgentServer | string,
  method: string,
  path: string,
  { key = ADA, body, headers, signal }: {
    key?: string | null;
    body?: unknown;
    headers?: Record<string, string>;
    signal?: AbortSignal;
  } = {},
): Promise<Response> {
  const init: RequestInit = {
    method,
    signal,
    headers: {
      ...(key !== null && { Authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  };
  return Promise.resolve(
    typeof server === "string" ? fetch(server + path, init) : server.request(path, init),
  );
}

/** A POST, as most are. */
export function post(
  server: AgentServer | string,
  path: string,
  body: unknown,
  key: string = ADA,
): Promise<Response> {
  return ask(server, "POST", path, { body, key });
}

/** The status and the JSON of an answer. */
export async function read(
  answer: Response | Promise<Response>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await answer;
  return { status: response.status, body: await response.json() };
}

/** What the threads of a key or a name are stored under: the whole of its SHA-256. */
export async function principalOf(name: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One block of a stream, its data parsed. */
export interface Block {
  id: string | undefined;
  type: string | undefined;
  data: Record<string, unknown>;
}

/** All blocks of a stream, to its end. */
export async function blocksOf(answer: Response | Promise<Response>): Promise<Block[]> {
  const reader = follow(await answer);
  await reader.readAll();
  return toBlocks(reader);
}

/** What a reader of a stream has so far; without the time of what was said to this reader alone. */
export function toBlocks({ dispatched }: ReturnType<typeof follow>): Block[] {
  return dispatched.map(({ id, type, event }) => {
    const { timestamp, ...rest } = event;
    const data: Record<string, unknown> = type?.startsWith("bus.") ? rest : { ...rest, timestamp };
    return { id, type, data };
  });
}

/** The two replies of a run that adds 1 and 2, and 3 and 4. */
export const twoCalls: readonly Script[] = [
  ["two", toolCall("c1", "add", { a: 1, b: 2 }), toolCall("c2", "add", { a: 3, b: 4 })],
  ["3 and 7"],
];

/** The sum of two whole numbers. */
export const add = tool({
  name: "add",
  parameters: z.object({ a: z.number().int(), b: z.number().int() }),
  execute: ({ a, b }) => a + b,
});

/** A tool that asks a person. */
export const approve = tool({
  name: "approve",
  parameters: z.object({}),
  execute: (_, { interrupt }) => `said ${interrupt({ question: "ok?", options: ["y", "n"] })}`,
});

/** A run that asks, and then is done. */
export const oneQuestion: readonly Script[] = [
  ["I must ask", toolCall("q1", "approve", {})],
  ["Thank you"],
];

/** A tool that waits until it is let go, or its run is cancelled. */
export function gatedTool(): {
  wait: ReturnType<typeof tool>;
  started: Promise<void>;
  open: () => void;
  aborted: Promise<unknown>;
} {
  const started = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<unknown>();
  const wait = tool({
    name: "wait",
    parameters: z.object({}),
    execute: async (_, { signal }) => {
      signal.addEventListener("abort", () => aborted.resolve(signal.reason));
      started.resolve();
      await opened.promise;
      return "waited";
    },
  });
  return { wait, started: started.promise, open: opened.resolve, aborted: aborted.promise };
}

/** A run that calls the gated tool, and then is done. */
export const oneWait: readonly Script[] = [["wait", toolCall("w1", "wait", {})], ["done"]];
