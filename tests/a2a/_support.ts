/** A server of A2A, asked in this process. */
import { type A2AServer, a2aServer, type A2AServerOptions, type Task } from "@locus/core/a2a";
import { Agent, type AgentOptions, tool } from "@locus/core/agent";
import { EventBus } from "@locus/core";
import { scriptedModel, type Turn } from "@locus/core/testing";
import { z } from "zod";

export const ADA = "key-of-ada";
export const BOB = "key-of-bob";
export const URL_OF_SERVER = "http://agent.test";
export const RESUME = "https://locus.dev/a2a/ext/resume/v1";

/** A server, what it publishes, and what it reports. */
export interface Setup {
  server: A2AServer;
  bus: EventBus;
  errors: unknown[];
}

export function serverOf(
  turns: readonly Turn[],
  agentOptions: Partial<AgentOptions> = {},
  options: Partial<A2AServerOptions> = {},
): Setup {
  const bus = new EventBus();
  const errors: unknown[] = [];
  const server = a2aServer({
    agent: new Agent({ model: scriptedModel(turns), tools: [approve], ...agentOptions }),
    card: {
      name: "Weather",
      description: "Knows the weather",
      url: URL_OF_SERVER,
      skills: ["forecast"],
    },
    apiKeys: [ADA, BOB],
    bus,
    onError: (error) => void errors.push(error),
    ...options,
  });
  return { server, bus, errors };
}

/** A tool that asks a person. */
export const approve = tool({
  name: "approve",
  parameters: z.object({}),
  execute: (_, { interrupt }) => `said ${interrupt({ question: "ok?", options: ["y", "n"] })}`,
});

/** A run that asks, and then is done. */
export const oneQuestion: readonly Turn[] = [
  { text: "I must ask", toolCalls: [{ toolName: "approve" }] },
  "Thank you",
];

let messages = 0;

/** A message of a client. */
export function message(text: string, more: object = {}): { messageId: string } {
  return { messageId: `m${++messages}`, role: "ROLE_USER", parts: [{ text }], ...more } as {
    messageId: string;
  };
}

export function headersOf(key: string | null = ADA, more: object = {}): Record<string, string> {
  return {
    "Content-Type": "application/json",
    "A2A-Version": "1.0",
    ...(key !== null && { Authorization: `Bearer ${key}` }),
    ...more,
  };
}

/** A response to a request of JSON-RPC. */
export async function post(
  { server }: Pick<Setup, "server">,
  method: string,
  params: unknown,
  { key = ADA, headers }: { key?: string | null; headers?: object } = {},
): Promise<Response> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: "1", method, params });
  return await server.request("/", { method: "POST", headers: headersOf(key, headers), body });
}

// deno-lint-ignore no-explicit-any
export type Json = any;

/** The result of a request, or its error. */
export async function call(
  setup: Pick<Setup, "server">,
  method: string,
  params: unknown,
  options?: { key?: string | null; headers?: object },
): Promise<Json> {
  const answer = await (await post(setup, method, params, options)).json();
  return answer.error ?? answer.result;
}

/** The task that a message made, or answered. */
export async function send(
  setup: Pick<Setup, "server">,
  text: string,
  more: object = {},
  configuration: object = {},
): Promise<Task> {
  return (await call(setup, "SendMessage", { message: message(text, more), configuration })).task;
}

/** One frame of a stream. */
export interface Frame {
  id: string;
  data: Json;
}

/** Reads frames until there are `limit`, or the stream ends. */
export async function readFrames(response: Response, limit = Infinity): Promise<Frame[]> {
  const frames: Frame[] = [];
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (frames.length < limit) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined || frames.length >= limit) continue;
      const parsed = JSON.parse(data);
      frames.push({ id: /^id: (.*)$/m.exec(block)?.[1] ?? "", data: parsed.result ?? parsed });
    }
  }
  await reader.cancel();
  return frames;
}

/** A turn that waits until it is let go, and whether it was begun. */
export function gate(text: string): { turn: Turn; begun: Promise<void>; open: () => void } {
  const begun = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const turn: Turn = async ({ abortSignal }) => {
    begun.resolve();
    await Promise.race([
      opened.promise,
      new Promise((_, reject) =>
        abortSignal?.addEventListener("abort", () => reject(abortSignal.reason))
      ),
    ]);
    return text;
  };
  return { turn, begun: begun.promise, open: opened.resolve };
}

/** The text of the artifacts of a task. */
export function textOf(task: Task): string {
  return (task.artifacts ?? []).flatMap(({ parts }) => parts).map(({ text }) => text).join("");
}

/** What a bus was told of A2A, oldest first, without what differs each time. */
export function said(bus: EventBus): object[] {
  return bus.history("a2a.*", { limit: 100 }).toReversed().map(({ event_type, data }) => {
    const { duration_ms: _duration, span_id: _span, ...rest } = data as Json;
    return { event_type, ...rest };
  });
}
