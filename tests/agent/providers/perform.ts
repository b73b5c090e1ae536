/** An agent that answers with a recording. */

import {
  Agent,
  type AgentEvent,
  type AgentOptions,
  type RunOptions,
  type Tool,
  tool,
} from "@locus/core/agent";
import { collect } from "../_support.ts";
import { type ProviderServer, type Reply, serveReplies } from "./provider_server.ts";
import { callsTools, finalAnswer, type Play } from "./recordings.ts";
import type { RecordedCall } from "./wire.ts";

/** What there was to see. */
export interface Performance {
  readonly events: readonly AgentEvent[];
  /** What the run rejected with; null if it did not. */
  readonly error: unknown;
  readonly executed: readonly RecordedCall[];
  readonly server: ProviderServer;
}

/** How it differs from a run like any other. */
export interface PerformOptions extends RunOptions {
  /** @default {the recording, and if it calls tools a short text after that} */
  replies?: readonly Reply[];
  agent?: Partial<AgentOptions>;
  fetch?: typeof globalThis.fetch;
}

/** Lets an agent answer with the recording, to the end. */
export async function perform(play: Play, options: PerformOptions = {}): Promise<Performance> {
  const { replies = repliesFor(play), agent: agentOptions, fetch, ...runOptions } = options;
  const server = await serveReplies(replies);
  try {
    const { agent, executed } = agentFor(play, server, agentOptions, fetch);
    const { events, error } = await collect(agent.run("Go on.", runOptions));
    return { events, error, executed, server };
  } finally {
    await server.close();
  }
}

/** An agent whose model is a client of `server`, with the tools that the recording calls. */
export function agentFor(
  { client, answer }: Play,
  server: ProviderServer,
  options: Partial<AgentOptions> = {},
  fetch?: typeof globalThis.fetch,
): { agent: Agent; executed: RecordedCall[] } {
  const executed: RecordedCall[] = [];
  const model = client.model(server.baseURL, answer.model, fetch);
  const agent = new Agent({ model, tools: toolsOf(answer.toolCalls, executed), ...options });
  return { agent, executed };
}

/** What the provider says in a whole run with this recording. */
export function repliesFor(play: Play): Reply[] {
  return replayed(play).map(stream);
}

/** The recordings that a whole run with this one goes through. */
export function replayed(play: Play): Play[] {
  return callsTools(play) ? [play, finalAnswer(play)] : [play];
}

/** The recording as it was streamed. */
export function stream({ wire, lines }: Play): Reply {
  return { pieces: wire.frames(lines) };
}

/** What a tool returns to a call. */
export function resultOf({ id }: { id: string }): string {
  return `the result of ${id}`;
}

/** Takes any arguments, and notes them. */
function toolsOf(calls: readonly RecordedCall[], executed: RecordedCall[]): Tool[] {
  return [...new Set(calls.map(({ name }) => name))].map((name) =>
    tool<Record<string, unknown>>({
      name,
      parameters: { type: "object", additionalProperties: true },
      execute: (args, { toolCallId: id }) => {
        executed.push({ id, name, arguments: args });
        return resultOf({ id });
      },
    })
  );
}
