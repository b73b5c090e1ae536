/** The Messages API of Anthropic. */

import { createAnthropic } from "@ai-sdk/anthropic";
import {
  type Answer,
  parseArguments,
  parseLines,
  type RecordedCall,
  type RecordedUsage,
  type Wire,
} from "./wire.ts";

/** `anthropic-messages.*`: one event a chunk, named after its type. */
export const anthropicMessages: Wire = {
  name: "anthropic-messages",
  path: "/messages",
  clients: [{
    name: "@ai-sdk/anthropic",
    readsThinking: true,
    model: (baseURL, modelId, fetch) =>
      createAnthropic({ baseURL, apiKey: "test", fetch })(modelId),
  }],
  frames: (lines) =>
    parseLines<Chunk>(lines).map((chunk, index) =>
      `event: ${chunk?.type ?? "unknown"}\ndata: ${lines[index]}\n\n`
    ),
  read,
  body: (lines) => assemble(lines).message,
  readRequest(body) {
    const blocks = (body as { messages: { content: string | Block[] }[] }).messages
      .flatMap(({ content }) => typeof content === "string" ? [] : content);
    return {
      toolCalls: toolCallsIn(blocks),
      results: blocks.filter(({ type }) => type === "tool_result")
        .map(({ tool_use_id: id = "", content }) => ({ id, text: textOf(content) })),
      memory: blocks.filter(isThinking),
    };
  },
  say: (text) =>
    [
      {
        type: "message_start",
        message: {
          ...{ id: "msg_1", type: "message", role: "assistant", model: "m", content: [] },
          usage: { input_tokens: 1, output_tokens: 1 },
        },
      },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
      { type: "message_stop" },
    ].map((chunk) => JSON.stringify(chunk)),
  fail: (message) =>
    JSON.stringify({ type: "error", error: { type: "overloaded_error", message } }),
};

/** The lines of a recording, with the thinking that begins another one before all that it says. */
export function withThinkingOf(lines: readonly string[], thinker: readonly string[]): string[] {
  const thoughts = parseLines<Chunk>(thinker).filter((chunk) => chunk?.index === 0);
  const [start, ...rest] = parseLines<Chunk>(lines).map((chunk) =>
    chunk?.index === undefined ? chunk : { ...chunk, index: chunk.index + 1 }
  );
  return [start, ...thoughts, ...rest].map((chunk) => JSON.stringify(chunk));
}

interface Chunk {
  type: string;
  index?: number;
  message?: Message;
  content_block?: Block;
  delta?: Delta & { stop_reason?: string | null };
  usage?: Usage;
}

interface Message {
  id: string;
  model: string;
  content: Block[];
  stop_reason: string | null;
  usage: Usage;
}

interface Block {
  type: string;
  id?: string;
  name?: string;
  text?: string;
  thinking?: string;
  signature?: string;
  data?: string;
  input?: Record<string, unknown> | null;
  content?: unknown;
  tool_use_id?: string;
  citations?: unknown[] | null;
}

interface Delta {
  type?: string;
  text?: string;
  thinking?: string;
  signature?: string;
  partial_json?: string;
  content?: string | null;
  citation?: unknown;
}

interface Usage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  iterations?: (Usage & { type: string })[] | null;
}

interface Assembled {
  message: Message;
  texts: string[];
  complete: boolean;
  failed: boolean;
}

function read(lines: readonly string[]): Answer {
  const { message, texts, complete, failed } = assemble(lines);
  const { model, content, stop_reason: stopReason, usage } = message;
  return {
    model,
    texts,
    reasoning: content.map(({ thinking }) => thinking ?? "").join(""),
    toolCalls: toolCallsIn(content),
    usage: complete ? countTokens(usage) : null,
    stopReason,
    memory: content.filter(isThinking),
    complete,
    failed,
  };
}

/** Puts the message together that the chunks are of. */
function assemble(lines: readonly string[]): Assembled {
  const result: Assembled = {
    message: { id: "", model: "", content: [], stop_reason: null, usage: {} },
    texts: [],
    complete: false,
    failed: false,
  };
  const blocks = new Map<number | undefined, { block: Block; json: string }>();
  for (const chunk of parseLines<Chunk>(lines)) {
    const { message } = result;
    switch (chunk?.type) {
      case "message_start":
        // A proxy may send it twice; that of another message cannot come before this one's end.
        if (message.id === chunk.message!.id) break;
        if (message.id !== "" && !result.complete) return { ...result, failed: true };
        result.complete = false;
        result.message = structuredClone(chunk.message!);
        result.message.content.unshift(...message.content);
        break;
      case "content_block_start": {
        const block = structuredClone(chunk.content_block!);
        blocks.set(chunk.index, { block, json: "" });
        message.content.push(block);
        break;
      }
      case "content_block_delta": {
        const open = blocks.get(chunk.index)!;
        const { delta = {} } = chunk;
        open.json += delta.partial_json ?? "";
        append(open.block, delta);
        if (delta.type === "text_delta" && delta.text) result.texts.push(delta.text);
        // The client tells the summary of a compacted conversation as text.
        if (delta.type === "compaction_delta" && delta.content) result.texts.push(delta.content);
        break;
      }
      case "content_block_stop": {
        const { block, json } = blocks.get(chunk.index)!;
        if (json !== "") block.input = parseArguments(json);
        break;
      }
      case "message_delta":
        message.stop_reason = chunk.delta!.stop_reason ?? null;
        for (const [key, value] of Object.entries(chunk.usage ?? {})) {
          if (value !== null) Object.assign(message.usage, { [key]: value });
        }
        break;
      case "message_stop":
        result.complete = true;
        break;
      case "ping":
        break;
      case "error":
      case undefined:
        return { ...result, failed: true };
      default:
        throw new Error(`anthropic-messages: nobody has told this reader of "${chunk?.type}"`);
    }
  }
  return result;
}

function append(block: Block, { text, thinking, signature, citation, content }: Delta): void {
  if (text !== undefined) block.text = (block.text ?? "") + text;
  if (thinking !== undefined) block.thinking = (block.thinking ?? "") + thinking;
  if (signature !== undefined) block.signature = signature;
  if (typeof content === "string") block.content = content;
  if (citation !== undefined) block.citations = [...block.citations ?? [], citation];
}

function toolCallsIn(blocks: readonly Block[]): RecordedCall[] {
  return blocks.filter(({ type }) => type === "tool_use")
    .map(({ id = "", name = "", input = {} }) => ({ id, name, arguments: input }));
}

function isThinking({ type }: Block): boolean {
  return type === "thinking" || type === "redacted_thinking";
}

/** Where the server went through several rounds, those that the model itself took are billed. */
function countTokens(usage: Usage): RecordedUsage {
  const rounds = usage.iterations ?? [];
  const own = rounds.some(({ type }) => type === "fallback_message")
    ? []
    : rounds.filter(({ type }) => type === "message" || type === "compaction");
  const counted = own.length > 0 ? own : [usage];
  const sum = (key: "input_tokens" | "output_tokens") =>
    counted.reduce((total, counts) => total + (counts[key] ?? 0), 0);
  return {
    input: sum("input_tokens") + (usage.cache_creation_input_tokens ?? 0) +
      (usage.cache_read_input_tokens ?? 0),
    output: sum("output_tokens"),
  };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return (content as { text: string }[]).map(({ text }) => text).join("");
}
