/** The Responses API of OpenAI. */

import { createOpenAI } from "@ai-sdk/openai";
import {
  type Answer,
  openAiFrames,
  parseArguments,
  parseLines,
  type RecordedCall,
  type Wire,
} from "./wire.ts";

/** `openai-responses.*`. */
export const openAiResponses: Wire = {
  name: "openai-responses",
  path: "/responses",
  clients: [{
    name: "@ai-sdk/openai",
    readsThinking: true,
    model: (baseURL, modelId, fetch) =>
      createOpenAI({ baseURL, apiKey: "test", fetch }).responses(modelId),
  }],
  frames: openAiFrames,
  read,
  body(lines) {
    const chunks = parseLines<Chunk>(lines);
    const last = chunks.findLast((chunk) => chunk?.response)?.response;
    return { ...last, output: itemsOf(chunks).map((item) => asStreamed(item, chunks)) };
  },
  readRequest(body) {
    const { input } = body as { input: Item[] };
    return {
      toolCalls: input.flatMap(toolCallsOf),
      results: input.filter(({ type }) => type === "function_call_output")
        .map(({ call_id: id, output }) => ({ id: id ?? "", text: String(output) })),
      memory: input.filter(({ type, id }) =>
        type === "item_reference" && /^(rs|msg)_/.test(id ?? "")
      )
        .map(({ id }) => id),
    };
  },
  say(text) {
    const response = { id: "resp_1", object: "response", created_at: 1, model: "m", output: [] };
    const item = { type: "message", id: "msg_1", role: "assistant", content: [] };
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    return [
      { type: "response.created", response },
      { type: "response.output_item.added", output_index: 0, item },
      { type: "response.output_text.delta", output_index: 0, item_id: item.id, delta: text },
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: { ...response, usage } },
    ].map((chunk) => JSON.stringify(chunk));
  },
  fail: (message) =>
    JSON.stringify({
      type: "error",
      sequence_number: 1,
      error: { type: "server_error", code: "server_error", message, param: null },
    }),
};

interface Chunk {
  type: string;
  delta?: string;
  item?: Item;
  item_id?: string;
  content_index?: number;
  response?: {
    model?: string;
    error?: unknown;
    incomplete_details?: { reason: string } | null;
    usage?: { input_tokens: number; output_tokens: number } | null;
  };
}

interface Item {
  type: string;
  id?: string;
  content?: { type: string; text?: string }[] | null;
  call_id?: string | null;
  name?: string;
  arguments?: string;
  execution?: string;
  output?: unknown;
}

function read(lines: readonly string[]): Answer {
  const chunks = parseLines<Chunk>(lines);
  const items = itemsOf(chunks);
  const deltas = (...types: string[]) =>
    chunks.flatMap((chunk) => chunk && types.includes(chunk.type) ? chunk.delta || [] : []);
  const end = chunks.findLast((chunk) =>
    /^response\.(completed|incomplete)$/.test(chunk?.type ?? "")
  );
  const { usage, incomplete_details: incomplete } = end?.response ?? {};
  const toolCalls = items.flatMap(toolCallsOf);
  return {
    model: chunks.find((chunk) => chunk?.response?.model)?.response?.model ?? "m",
    texts: deltas("response.output_text.delta", "response.refusal.delta"),
    reasoning: deltas("response.reasoning_summary_text.delta").join(""),
    toolCalls,
    usage: usage ? { input: usage.input_tokens, output: usage.output_tokens } : null,
    stopReason: end === undefined ? null : incomplete?.reason ?? ownReason(items, chunks),
    // The provider keeps its texts too: both are named, not repeated.
    memory: items.filter(({ type }) => type === "reasoning" || type === "message")
      .map(({ id }) => id),
    complete: end !== undefined,
    failed:
      chunks.some((chunk) =>
        chunk === null || chunk.type === "error" || chunk.type === "response.failed"
      ) || items.some(({ type }) => type === "mcp_approval_request"),
  };
}

function itemsOf(chunks: readonly (Chunk | null)[]): Item[] {
  return chunks.flatMap((chunk) =>
    chunk?.type === "response.output_item.done" ? chunk.item ?? [] : []
  );
}

/** A message with the text that its deltas add up to: some recordings are abridged. */
function asStreamed(item: Item, chunks: readonly (Chunk | null)[]): Item {
  if (item.type !== "message") return item;
  const content = item.content?.map((part, index) => {
    const deltas = chunks.flatMap((chunk) =>
      chunk?.item_id === item.id && chunk?.content_index === index && chunk?.delta || []
    );
    // Under other names, as one provider has it, nothing is found.
    return deltas.length === 0 ? part : { ...part, text: deltas.join("") };
  });
  return { ...item, content };
}

/** This API has no word for an end as it should be: the client finds one. */
function ownReason(items: readonly Item[], chunks: readonly (Chunk | null)[]): string {
  if (items.some(({ type }) => CALLS_WITH_REASON.has(type))) return "tool-calls";
  const refused = chunks.some((chunk) => chunk?.type.startsWith("response.refusal."));
  return refused ? "content-filter" : "stop";
}

const CALLS_WITH_REASON = new Set([
  "function_call",
  "custom_tool_call",
  "apply_patch_call",
  "computer_call",
]);

function toolCallsOf(item: Item): RecordedCall[] {
  const { type, id: itemId = "", call_id, name = "", arguments: text = "" } = item;
  const id = call_id ?? itemId;
  switch (type) {
    case "function_call":
      return name === "parallel" ? expand(id, text) : [
        { id, name, arguments: parseArguments(text) },
      ];
    case "custom_tool_call":
      return [{ id, name, arguments: null }];
    case "apply_patch_call":
    case "local_shell_call":
    case "shell_call":
    case "computer_call":
      return [{ id, name: type.replace(/_call$/, ""), arguments: null }];
    case "tool_search_call":
      return item.execution === "client" ? [{ id, name: "tool_search", arguments: null }] : [];
    default:
      // Messages, reasoning, and what the provider executes itself.
      return [];
  }
}

/** Models of OpenAI wrap several calls into one of a function that nobody has declared. */
function expand(id: string, text: string): RecordedCall[] {
  const { tool_uses: uses } = JSON.parse(text) as {
    tool_uses: { recipient_name: string; parameters: Record<string, unknown> }[];
  };
  return uses.map(({ recipient_name: name, parameters }, index) => ({
    id: `${id}_${index}`,
    name: name.replace(/^functions\./, ""),
    arguments: parameters,
  }));
}
