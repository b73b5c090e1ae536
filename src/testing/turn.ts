/** What a scripted model says when it is called, and how that becomes an answer of the AI SDK. */

import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import { checkOptions, describe } from "../core/options.ts";
import { isError } from "../runtime/realm.ts";

/**
 * One answer of a {@linkcode scriptedModel}: a text, an error that the call fails with, an object that says more,
 * or a function that decides when it is asked.
 */
export type Turn =
  | string
  | ScriptedTurn
  | Error
  | ((call: LanguageModelV4CallOptions, index: number) => Turn | Promise<Turn>);

/** One answer, in the order in which its parts are streamed. */
export interface ScriptedTurn {
  /** What the model thinks. A string streams word by word, an array in these pieces. */
  reasoning?: string | readonly string[];
  /** What the model says. A string streams word by word, an array in these pieces. */
  text?: string | readonly string[];
  /** The tools that it calls. */
  toolCalls?: readonly ScriptedToolCall[];
  /** Other parts of an answer of the AI SDK: sources, files, what the provider executed. */
  content?: readonly LanguageModelV4Content[];
  /** Why the model stops. @default {"tool-calls" with tool calls, else "stop"} */
  finishReason?: LanguageModelV4FinishReason["unified"] | LanguageModelV4FinishReason;
  /** What it cost. @default {10 tokens in, 5 out} */
  usage?: ScriptedUsage;
  /** Fails after the parts: a stream breaks there, a call that does not stream is rejected. */
  error?: Error;
}

/** A call of a tool. */
export interface ScriptedToolCall {
  /** The tool's name. */
  toolName: string;
  /** The arguments. A string is sent as it is, also if it is not JSON. @default {{}} */
  input?: unknown;
  /** Told from other calls by it. @default {call_1_1: the model call, and which tool call of it} */
  toolCallId?: string;
}

/** Token counts. */
export interface ScriptedUsage {
  /** Of the prompt, those of the cache included. @default {10} */
  inputTokens?: number;
  /** Of the answer, the reasoning included. @default {5} */
  outputTokens?: number;
  /** Read from the provider's cache. @default {0} */
  cacheReadTokens?: number;
  /** Written to the provider's cache. @default {0} */
  cacheWriteTokens?: number;
  /** Spent on thinking. @default {0} */
  reasoningTokens?: number;
}

/** An answer, as the AI SDK wants it, whole or streamed. */
export interface Answer {
  readonly content: LanguageModelV4Content[];
  /** The same, but for the finish. */
  readonly parts: LanguageModelV4StreamPart[];
  readonly finishReason: LanguageModelV4FinishReason;
  readonly usage: LanguageModelV4Usage;
  readonly error: Error | undefined;
}

/** @throws {TypeError} If it is not a turn. */
export function toAnswer(turn: unknown, index: number): Answer {
  const owner = `scriptedModel(): turn ${index + 1}`;
  const said: ScriptedTurn = typeof turn === "string" ? { text: turn } : checkTurn(owner, turn);
  const pieces = [
    ...said.reasoning === undefined ? [] : [ofText("reasoning", said.reasoning)],
    ...said.text === undefined ? [] : [ofText("text", said.text)],
    ...(said.toolCalls ?? []).map((call, at) => ofCall(owner, call, `call_${index + 1}_${at + 1}`)),
    ...(said.content ?? []).map((content, at) => ofContent(content, `content-${at}`)),
  ];
  const hasCalls = pieces.some(({ content }) =>
    content.type === "tool-call" && !content.providerExecuted
  );
  const { finishReason: reason = hasCalls ? "tool-calls" : "stop" } = said;
  return {
    content: pieces.map(({ content }) => content),
    parts: pieces.flatMap(({ parts }) => parts),
    finishReason: typeof reason === "string" ? { unified: reason, raw: reason } : reason,
    usage: toUsage(owner, said.usage),
    error: said.error,
  };
}

function checkTurn(owner: string, turn: unknown): ScriptedTurn {
  if (typeof turn !== "object" || turn === null || Array.isArray(turn)) {
    throw new TypeError(
      `${owner} must be a string, an Error, an object or a function, got ${describe(turn)}`,
    );
  }
  checkOptions(owner, turn, TURN);
  const { error } = turn as ScriptedTurn;
  if (error !== undefined && !isError(error)) {
    throw new TypeError(`${owner}: "error" must be an Error, got ${describe(error)}`);
  }
  return turn;
}

const TURN = ["reasoning", "text", "toolCalls", "content", "finishReason", "usage", "error"];

interface Piece {
  readonly content: LanguageModelV4Content;
  readonly parts: readonly LanguageModelV4StreamPart[];
}

function ofText(type: "reasoning" | "text", said: string | readonly string[]): Piece {
  const deltas = typeof said === "string" ? said.match(/\s*\S+\s*$|\s*\S+|\s+/g) ?? [] : said;
  return toPiece({ type, text: deltas.join("") }, type, deltas);
}

function ofCall(owner: string, call: ScriptedToolCall, id: string): Piece {
  checkOptions(`${owner}: a tool call`, call, ["toolName", "input", "toolCallId"]);
  const { toolName, input = {}, toolCallId = id } = call;
  if (typeof toolName !== "string") {
    throw new TypeError(`${owner}: "toolName" must be a string, got ${describe(toolName)}`);
  }
  const text = typeof input === "string" ? input : JSON.stringify(input);
  const content = { type: "tool-call", toolCallId, toolName, input: text } as const;
  return {
    content,
    parts: [
      { type: "tool-input-start", id: toolCallId, toolName },
      ...(text.match(/[^]{1,12}/g) ?? []).map((delta) => (
        { type: "tool-input-delta", id: toolCallId, delta } as const
      )),
      { type: "tool-input-end", id: toolCallId },
      content,
    ],
  };
}

function ofContent(content: LanguageModelV4Content, id: string): Piece {
  if (content.type !== "text" && content.type !== "reasoning") return { content, parts: [content] };
  return toPiece(content, id, [content.text]);
}

function toPiece(
  content: Extract<LanguageModelV4Content, { type: "text" | "reasoning" }>,
  id: string,
  deltas: readonly string[],
): Piece {
  const { type, providerMetadata } = content;
  return {
    content,
    parts: [
      { type: `${type}-start`, id },
      ...deltas.map((delta): LanguageModelV4StreamPart => ({ type: `${type}-delta`, id, delta })),
      { type: `${type}-end`, id, ...providerMetadata && { providerMetadata } },
    ],
  };
}

function toUsage(owner: string, usage: ScriptedUsage = {}): LanguageModelV4Usage {
  checkOptions(`${owner}: "usage"`, usage, USAGE);
  const { inputTokens = 10, outputTokens = 5, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
  const { reasoningTokens = 0 } = usage;
  return {
    inputTokens: {
      total: inputTokens,
      noCache: inputTokens - cacheReadTokens - cacheWriteTokens,
      cacheRead: cacheReadTokens,
      cacheWrite: cacheWriteTokens,
    },
    outputTokens: {
      total: outputTokens,
      text: outputTokens - reasoningTokens,
      reasoning: reasoningTokens,
    },
  };
}

const USAGE = [
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheWriteTokens",
  "reasoningTokens",
];
