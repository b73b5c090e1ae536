/**
 * A model of LangChain without a network, and graphs that use it, for the tests of its bridge.
 *
 * @module
 */
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { type StructuredToolInterface, tool } from "@langchain/core/tools";
import { z } from "zod";

/** A call of a tool. */
export interface ToolCall {
  id: string;
  name: string;
  args: Record<string, unknown>;
  type: "tool_call";
}

/** One answer of a model: a text, calls of tools, or an error to fail with. */
export type Turn = string | readonly ToolCall[] | Error;

/** A call of a tool. */
export function call(id: string, name: string, args: ToolCall["args"] = {}): ToolCall {
  return { id, name, args, type: "tool_call" };
}

const usage_metadata = {
  input_tokens: 5,
  output_tokens: 3,
  total_tokens: 8,
  input_token_details: { cache_read: 2 },
};

/** A model that answers turn by turn, the last one again and again, and streams word by word if it is asked to. */
export class FakeModel extends BaseChatModel {
  readonly #turns: readonly Turn[];
  readonly #onWord: (word: string) => void;
  #asked = 0;

  constructor(turns: readonly Turn[], onWord: (word: string) => void = () => {}) {
    super({ maxRetries: 0 });
    this.#turns = turns;
    this.#onWord = onWord;
  }

  _llmType(): string {
    return "fake";
  }

  override bindTools(): this {
    return this;
  }

  _generate(): Promise<ChatResult> {
    return Promise.resolve().then(() => {
      const turn = this.#next();
      const isText = typeof turn === "string";
      const message = new AIMessage({
        content: isText ? turn : "",
        tool_calls: isText ? [] : [...turn],
        usage_metadata,
        response_metadata: { finish_reason: isText ? "stop" : "tool_calls" },
      });
      return { generations: [{ text: isText ? turn : "", message }] };
    });
  }

  override async *_streamResponseChunks(
    _messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    run?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const turn = this.#next();
    const isText = typeof turn === "string";
    const pieces = isText
      ? turn.split(/(?<= )/).map((content) => ({ content }))
      : turn.map(({ args, ...call }, index) => ({
        content: "",
        tool_call_chunks: [
          { ...call, index, args: JSON.stringify(args), type: "tool_call_chunk" as const },
        ],
      }));
    for (const piece of pieces) {
      this.#onWord(piece.content);
      options.signal?.throwIfAborted();
      const chunk = chunkOf(piece);
      yield chunk;
      await run?.handleLLMNewToken(piece.content, undefined, undefined, undefined, undefined, {
        chunk,
      });
    }
    const finish_reason = isText ? "stop" : "tool_calls";
    yield chunkOf({ content: "", usage_metadata, response_metadata: { finish_reason } });
  }

  #next(): Exclude<Turn, Error> {
    const turn = this.#turns[Math.min(this.#asked++, this.#turns.length - 1)]!;
    if (turn instanceof Error) throw turn;
    return turn;
  }
}

function chunkOf(fields: ConstructorParameters<typeof AIMessageChunk>[0]): ChatGenerationChunk {
  const message = new AIMessageChunk(fields);
  return new ChatGenerationChunk({ text: String(message.content), message });
}

/** The usual loop of a model and its tools. */
export function loop(
  model: FakeModel,
  tools: StructuredToolInterface[],
  options: Parameters<StateGraph<typeof MessagesAnnotation.spec>["compile"]>[0] = {},
) {
  return new StateGraph(MessagesAnnotation)
    .addNode("model", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addNode("tools", new ToolNode(tools))
    .addEdge(START, "model")
    .addConditionalEdges(
      "model",
      ({ messages }) => (messages.at(-1) as AIMessage).tool_calls?.length ? "tools" : END,
    )
    .addEdge("tools", "model")
    .compile({ name: "agent", ...options });
}

/** What they are asked. */
export const hi = { messages: [{ role: "user", content: "hi" }] };

/** A tool. */
export const weather = tool(({ city }: { city: string }) => `${city} 18`, {
  name: "weather",
  schema: z.object({ city: z.string() }),
});

/** One that fails. */
export const broken = tool((): string => {
  throw new TypeError("tool broke");
}, { name: "broken", schema: z.object({}) });

/** One that is a graph of its own, to which nothing is handed on. */
export const sub = tool(async ({ q }: { q: string }) => {
  const graph = loop(new FakeModel([[call("c1", "weather", { city: q })], `sub ${q}`]), [weather], {
    name: "helper",
  });
  const { messages } = await graph.invoke({ messages: [{ role: "user", content: q }] });
  return messages.at(-1)!.content;
}, { name: "sub", schema: z.object({ q: z.string() }) });
