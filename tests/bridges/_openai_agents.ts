/**
 * A stand-in for the Responses API on loopback, for the tests of the bridge to the OpenAI Agents SDK: only its own model
 * makes the SDK's spans.
 *
 * @module
 */
import { createServer, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { OpenAIProvider } from "@openai/agents";
import OpenAI from "openai";

/** One answer of a model: a text, calls of tools, or a status to fail with. */
export type Turn = string | readonly Call[] | number;
/** A call of a tool. */
export type Call = readonly [id: string, name: string, args: object];

/** What is called before each word of a stream. */
let onWord: (word: string) => void = () => {};
let server: ReturnType<typeof createServer> | undefined;
/** By the models' names: how they answer, turn by turn, the last one again and again. */
const models = new Map<string, Turn[]>();
let named = 0;

/** A provider of models that answer turn by turn, and the names that they have. */
export async function modelsOf(
  turns: Readonly<Record<string, readonly Turn[]>>,
  word: typeof onWord = () => {},
) {
  onWord = word;
  const id = ++named;
  for (const [name, list] of Object.entries(turns)) models.set(`${name}#${id}`, [...list]);
  server ??= await listen();
  const { port } = server.address() as AddressInfo;
  const baseURL = `http://127.0.0.1:${port}/${id}`;
  const openAIClient = new OpenAI({ apiKey: "none", baseURL, maxRetries: 0 });
  return new OpenAIProvider({ openAIClient: openAIClient as never, useResponses: true });
}

async function listen() {
  const made = createServer(async (request, response) => {
    const parts: Uint8Array[] = [];
    for await (const part of request) parts.push(part);
    const { model, stream } = JSON.parse(new TextDecoder().decode(Buffer.concat(parts)));
    const turns = models.get(`${model}#${request.url!.split("/")[1]}`)!;
    answer(response, model, turns.length > 1 ? turns.shift()! : turns[0]!, stream);
  }).listen(0, "127.0.0.1");
  await once(made, "listening");
  made.unref();
  return made;
}

function answer(to: ServerResponse, model: string, turn: Turn, streams: boolean): void {
  if (typeof turn === "number") {
    to.writeHead(turn, { "content-type": "application/json" });
    to.end(JSON.stringify({ error: { message: `status ${turn}`, type: "server_error" } }));
    return;
  }
  const output = outputOf(turn);
  if (!streams) {
    to.writeHead(200, { "content-type": "application/json" });
    to.end(JSON.stringify(responseOf(model, "completed", output)));
    return;
  }
  to.writeHead(200, { "content-type": "text/event-stream" });
  let n = 0;
  const say = (type: string, data: object) =>
    void (to.destroyed ||
      to.write(
        `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: n++, ...data })}\n\n`,
      ));
  say("response.created", { response: responseOf(model, "in_progress", []) });
  for (const [output_index, item] of output.entries()) {
    say("response.output_item.added", {
      output_index,
      item: { ...item, ...item.type === "message" ? { content: [] } : { arguments: "" } },
    });
    const place = { item_id: item.id, output_index, content_index: 0 };
    if (item.type === "message") {
      for (const delta of item.content![0]!.text.split(/(?<= )/)) {
        onWord(delta);
        say("response.output_text.delta", { ...place, delta, logprobs: [] });
      }
    } else {
      say("response.function_call_arguments.delta", { ...place, delta: item.arguments });
    }
    say("response.output_item.done", { output_index, item });
  }
  say("response.completed", { response: responseOf(model, "completed", output) });
  to.end();
}

interface Item {
  readonly type: string;
  readonly id: string;
  readonly content?: readonly { text: string }[];
  readonly arguments?: string;
}

function outputOf(turn: string | readonly Call[]): Item[] {
  if (typeof turn !== "string") {
    return turn.map(([id, name, args]) => ({
      type: "function_call",
      id: `fc_${id}`,
      call_id: id,
      name,
      arguments: JSON.stringify(args),
      status: "completed",
    }));
  }
  const content = [{ type: "output_text", text: turn, annotations: [] }];
  return [{ type: "message", id: "msg", role: "assistant", status: "completed", content } as Item];
}

function responseOf(model: string, status: string, output: Item[]): object {
  const usage = {
    input_tokens: 5,
    input_tokens_details: { cached_tokens: 2 },
    output_tokens: 4,
    output_tokens_details: { reasoning_tokens: 1 },
    total_tokens: 9,
  };
  return {
    id: "resp_1",
    object: "response",
    created_at: 1,
    status,
    model,
    output,
    usage: status === "completed" ? usage : null,
    parallel_tool_calls: true,
    tool_choice: "auto",
    tools: [],
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
  };
}
