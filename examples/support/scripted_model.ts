/**
 * A language model that says what it is told to, so that the examples run without a key. With one, use
 * `openai("gpt-5")` of `@ai-sdk/openai` or any other model of the AI SDK in its place.
 *
 * @module
 */
import type {
  LanguageModelV4,
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";

/** One reply: a text, or calls of tools by their names, each with its arguments. */
export type Reply = string | Readonly<Record<string, object>>;

/** A model that gives one reply after another, and the last one from then on. */
export function scriptedModel(...replies: [Reply, ...Reply[]]): LanguageModelV4 {
  let turn = 0;
  const next = (): Reply => replies[Math.min(turn++, replies.length - 1)]!;
  return {
    specificationVersion: "v4",
    provider: "example",
    modelId: "scripted",
    supportedUrls: {},
    doGenerate() {
      const reply = next();
      return Promise.resolve({ content: contentOf(reply, turn), ...endOf(reply), warnings: [] });
    },
    doStream() {
      const reply = next();
      const parts: LanguageModelV4StreamPart[] = [
        { type: "stream-start", warnings: [] },
        ...contentOf(reply, turn).flatMap(toParts),
        { type: "finish", ...endOf(reply) },
      ];
      return Promise.resolve({ stream: ReadableStream.from(parts) });
    },
  };
}

function contentOf(reply: Reply, turn: number): LanguageModelV4Content[] {
  if (typeof reply === "string") return [{ type: "text", text: reply }];
  return Object.entries(reply).map(([toolName, input], index) => ({
    type: "tool-call",
    toolCallId: `call_${turn}_${index}`,
    toolName,
    input: JSON.stringify(input),
  }));
}

/** A text streams word by word. */
function toParts(content: LanguageModelV4Content): LanguageModelV4StreamPart[] {
  if (content.type !== "text") return [content as LanguageModelV4StreamPart];
  const words = content.text.match(/\s*\S+/g) ?? [];
  return [
    { type: "text-start", id: "0" },
    ...words.map((delta) => ({ type: "text-delta", id: "0", delta }) as const),
    { type: "text-end", id: "0" },
  ];
}

function endOf(reply: Reply) {
  const unified: LanguageModelV4FinishReason["unified"] = typeof reply === "string"
    ? "stop"
    : "tool-calls";
  return {
    finishReason: { unified, raw: unified },
    usage: {
      inputTokens: { total: 12, noCache: 12, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 8, text: 8, reasoning: 0 },
    },
  };
}
