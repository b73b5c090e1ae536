/**
 * What a message over A2A 1.0 costs, from the text of the request to that of the answer, beside the official SDK.
 *
 * Method: JSON-RPC. `send` waits for the finished task, `stream` reads all frames: the task, a status, an artifact, the last
 * status. The agent answers at once, with one text. `ns` is nanoseconds a message: the median of five rounds (of at least
 * 100 ms), the contenders in turns, in changing order. Servers are not timed, and are new for each turn. Ours is asked by
 * `Request` and `Response`, with a key to check; the SDK has no such adapter, and is handed the body. Each task has to complete.
 *
 * Run alone: `deno run -A bench/a2a_send.ts`, or the same file with `bun` or `node`.
 */
import {
  AgentEvent,
  DefaultRequestHandler,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  ServerCallContext,
} from "@a2a-js/sdk/server";
import { a2aServer, type A2AServerOptions } from "@locus/core/a2a";
import { runCase, verify } from "./support/case.ts";
import { collectGarbage, compare, type Contender } from "./support/rounds.ts";
import { startStopwatch } from "./support/stopwatch.ts";

/** Asks a server of its own: a body in, the text of the answer out. */
type Ask = (body: string) => Promise<string>;

const ANSWER = "It is sunny in Oslo, and will be so for the rest of the week.";
const URL = "http://agent.test";
const METHODS = { send: "SendMessage", stream: "SendStreamingMessage" };
const subjects: Record<string, () => Ask> = { "Locus": locus, "@a2a-js/sdk": official };

await runCase("a message over A2A: ns a message", async (given) => {
  const rows = [];
  for (const [setting, method] of Object.entries(METHODS)) {
    const contenders = Object.entries(subjects)
      .map(([subject, make]) => toContender(subject, make, method));
    const effort = { ...given, rounds: Math.min(given.rounds, 5) };
    for (const [subject, figures] of await compare(contenders, effort, 20)) {
      rows.push({ subject, setting, figures: { ...figures } });
    }
  }
  return rows;
});

function toContender(subject: string, make: () => Ask, method: string): Contender {
  return {
    subject,
    async run(count) {
      const ask = make();
      const bodies = Array.from({ length: count }, (_, i) => bodyOf(method, i));
      collectGarbage();
      const elapsed = startStopwatch();
      let last = "";
      for (const body of bodies) last = await ask(body);
      const ms = elapsed();
      verify(last.includes(ANSWER) && last.includes("COMPLETED"), () => `${subject}: ${last}`);
      return ms;
    },
  };
}

function bodyOf(method: string, id: number): string {
  const parts = [{ text: "How is the weather?" }];
  const message = { messageId: `m${id}`, role: "ROLE_USER", parts };
  return JSON.stringify({ jsonrpc: "2.0", id, method, params: { message } });
}

function locus(): Ask {
  async function* events() {
    await Promise.resolve();
    yield { event_type: "model_chunk", content: ANSWER, discarded: false };
    yield { event_type: "model_complete", content: ANSWER, tool_calls: [], discarded: false };
  }
  const result = { stop_reason: "complete", success: true, message: ANSWER, parsed: null };
  const run = () => Object.assign(events(), { result });
  const agent = { run, resume: run } as object as A2AServerOptions["agent"];
  const card = { name: "Weather", description: "Knows the weather", url: URL, skills: ["x"] };
  const server = a2aServer({ agent, card, apiKeys: ["key"] });
  const headers = {
    "Content-Type": "application/json",
    "A2A-Version": "1.0",
    Authorization: "Bearer key",
  };
  return async (body) => {
    const response = await server.request("/", { method: "POST", headers, body });
    return await response.text();
  };
}

function official(): Ask {
  // deno-lint-ignore no-explicit-any
  type Loose = any;
  const execute = ({ taskId, contextId, userMessage }: Loose, bus: Loose) => {
    const status = (state: number) => ({ state, timestamp: new Date().toISOString() });
    const ids = { taskId, contextId };
    const task = { id: taskId, contextId, status: status(1), history: [userMessage] };
    bus.publish(AgentEvent.task({ ...task, artifacts: [] } as Loose));
    bus.publish(AgentEvent.statusUpdate({ ...ids, status: status(2) } as Loose));
    const parts = [{ content: { $case: "text", value: ANSWER } }];
    const artifact = { artifactId: "reply", parts };
    bus.publish(AgentEvent.artifactUpdate({ ...ids, artifact, lastChunk: true } as Loose));
    bus.publish(AgentEvent.statusUpdate({ ...ids, status: status(3) } as Loose));
    bus.finished();
    return Promise.resolve();
  };
  const card = {
    ...{ name: "Weather", description: "Knows the weather", version: "1", skills: [] },
    supportedInterfaces: [{ url: URL, protocolBinding: "JSONRPC", protocolVersion: "1.0" }],
    capabilities: { streaming: true },
    ...{ defaultInputModes: ["text/plain"], defaultOutputModes: ["text/plain"] },
  };
  const executor = { execute, cancelTask: () => Promise.resolve() };
  const handler = new JsonRpcTransportHandler(
    new DefaultRequestHandler(card as Loose, new InMemoryTaskStore(), executor),
  );
  return async (body) => {
    const context = new ServerCallContext({ requestedVersion: "1.0" } as Loose);
    const answer = await handler.handle(body, context);
    if (!(Symbol.asyncIterator in answer)) return JSON.stringify(answer);
    let text = "";
    for await (const frame of answer as AsyncIterable<object>) {
      text += `data: ${JSON.stringify(frame)}\n\n`;
    }
    return text;
  };
}
