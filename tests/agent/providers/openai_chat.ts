/** The Chat Completions API of OpenAI, as many other providers speak it too. */

import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { type Answer, openAiFrames, parseArguments, parseLines, type Wire } from "./wire.ts";

/** `openai-chat.*`. */
export const openAiChat: Wire = {
  name: "openai-chat",
  path: "/chat/completions",
  clients: [
    {
      name: "@ai-sdk/openai",
      // OpenAI's own models do not show it here, so their client does not look for it.
      readsThinking: false,
      // Nor does it take content in parts, or tool calls without an index.
      accepts: (lines) =>
        deltasOf(lines).every(({ content, tool_calls }) =>
          !Array.isArray(content) && (tool_calls ?? []).every(({ index }) => index !== undefined)
        ),
      model: (baseURL, modelId, fetch) =>
        createOpenAI({ baseURL, apiKey: "test", fetch }).chat(modelId),
    },
    {
      name: "@ai-sdk/openai-compatible",
      readsThinking: true,
      model: (baseURL, modelId, fetch) =>
        createOpenAICompatible({
          name: "recorded",
          baseURL,
          apiKey: "test",
          includeUsage: true,
          fetch,
        }).chatModel(modelId),
    },
  ],
  frames: openAiFrames,
  read,
  body(lines) {
    const { chunk, texts, reasoning, toolCalls, finishReason, usage } = assemble(lines);
    const { id, created, model } = chunk;
    const message = {
      role: "assistant",
      content: texts.join("") || null,
      reasoning_content: reasoning || null,
      tool_calls: toolCalls.map(({ id, function: called }) => ({
        id,
        type: "function",
        function: called,
      })),
    };
    const choices = [{ index: 0, message, finish_reason: finishReason }];
    return { id, object: "chat.completion", created, model, choices, usage };
  },
  readRequest(body) {
    const { messages } = body as { messages: RequestMessage[] };
    return {
      toolCalls: messages.flatMap(({ tool_calls = [] }) =>
        tool_calls.map(({ id, function: { name, arguments: text } }) => ({
          id: id ?? "",
          name,
          arguments: parseArguments(text),
        }))
      ),
      results: messages.filter(({ role }) => role === "tool")
        .map(({ tool_call_id: id = "", content }) => ({ id, text: content ?? "" })),
      memory: messages.flatMap(({ reasoning_content: text }) => text ? [text] : []),
    };
  },
  say: (text) =>
    [
      { choices: [{ index: 0, delta: { role: "assistant", content: text } }] },
      { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
      { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
    ].map((chunk) =>
      JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model: "m", ...chunk })
    ),
  fail: (message) => JSON.stringify({ error: { message, type: "server_error", code: null } }),
};

interface Chunk {
  id: string;
  created: number;
  model: string;
  error?: unknown;
  choices?: { delta?: Delta; finish_reason?: string | null }[];
  usage?: Usage | null;
}

interface Delta {
  content?: string | ContentPart[] | null;
  refusal?: string | null;
  reasoning_content?: string | null;
  reasoning?: string | null;
  tool_calls?: ToolCall[] | null;
}

interface ContentPart {
  type: string;
  text?: string;
  thinking?: { text?: string }[];
}

interface ToolCall {
  index?: number;
  id?: string | null;
  function: { name: string; arguments: string };
}

interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
}

interface RequestMessage {
  role: string;
  content: string | null;
  reasoning_content?: string;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
}

function read(lines: readonly string[]): Answer {
  const { chunk, texts, reasoning, toolCalls, finishReason, usage, failed } = assemble(lines);
  const complete = finishReason !== null;
  return {
    model: chunk.model,
    texts,
    reasoning,
    // Before the end, what there is of the arguments may not be JSON yet.
    toolCalls: complete
      ? toolCalls.map(({ id, function: { name, arguments: text } }) => ({
        id: id ?? "",
        name,
        arguments: parseArguments(text),
      }))
      : [],
    usage: usage && { input: usage.prompt_tokens, output: usage.completion_tokens },
    stopReason: finishReason,
    memory: reasoning === "" ? [] : [reasoning],
    complete,
    failed,
  };
}

function assemble(lines: readonly string[]) {
  const chunks = parseLines<Chunk>(lines);
  const usable = chunks.filter((chunk) => chunk !== null);
  const texts: string[] = [];
  const toolCalls: ToolCall[] = [];
  let reasoning = "";
  for (const { content, refusal, ...delta } of deltasOf(lines)) {
    reasoning += delta.reasoning_content ?? delta.reasoning ?? "";
    for (const part of partsOf(content)) {
      if (part.text) texts.push(part.text);
      reasoning += (part.thinking ?? []).map(({ text }) => text ?? "").join("");
    }
    if (refusal) texts.push(refusal);
    for (const { index, id, function: called } of delta.tool_calls ?? []) {
      // A place may be taken again, by a call with an id of its own.
      let call = toolCalls.findLast((call) => call.index === index && (!id || call.id === id));
      if (call === undefined) {
        call = { index, id, function: { name: "", arguments: "" } };
        toolCalls.push(call);
      }
      call.function.name ||= called.name ?? "";
      call.function.arguments += called.arguments ?? "";
    }
  }
  return {
    chunk: usable.find(({ model }) => model) ?? { id: "", created: 0, model: "" },
    texts,
    reasoning,
    toolCalls,
    finishReason: usable.findLast(({ choices }) => choices?.[0]?.finish_reason)
      ?.choices?.[0]?.finish_reason ?? null,
    usage: usable.findLast(({ usage }) => usage)?.usage ?? null,
    failed: chunks.some((chunk) => chunk === null || chunk.error !== undefined),
  };
}

function deltasOf(lines: readonly string[]): Delta[] {
  return parseLines<Chunk>(lines).flatMap((chunk) => chunk?.choices?.[0]?.delta ?? []);
}

function partsOf(content: Delta["content"]): ContentPart[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content ?? [];
}
