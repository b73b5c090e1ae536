/** A language model of the AI SDK that says what a test has written down for it. */

import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCall,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";

/** What a reply is made of: text, text that streams in pieces, or any part of the interface. */
export type ReplyPart = string | { readonly deltas: readonly string[] } | LanguageModelV4Content;

/** One answer, with what it is not worth to write down each time. */
export interface Reply {
  readonly content: readonly ReplyPart[];
  readonly usage?: LanguageModelV4Usage;
  readonly finishReason?: LanguageModelV4FinishReason;
}

/** A streamed answer, part by part. */
export interface StreamReply {
  readonly stream: readonly LanguageModelV4StreamPart[];
}

/** An answer: its parts, the whole of it, an error to reject with, or a function that decides. */
export type Script =
  | readonly ReplyPart[]
  | Reply
  | StreamReply
  | Error
  | ((options: LanguageModelV4CallOptions) => Script | Promise<Script>);

/** A tool call, as a part of a reply. */
export function toolCall(id: string, name: string, args: unknown): LanguageModelV4ToolCall {
  return { type: "tool-call", toolCallId: id, toolName: name, input: JSON.stringify(args) };
}

/** A usage report; 5 and 3 tokens unless said. */
export function usage(input = 5, output = 3): LanguageModelV4Usage {
  return {
    inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: output, text: output, reasoning: undefined },
  };
}

/** Gives one answer of its script for each call, streaming and not; rejects when none are left. */
export class ScriptedModel implements LanguageModelV4 {
  readonly specificationVersion = "v4";
  readonly provider = "scripted";
  readonly modelId = "scripted";
  readonly supportedUrls = {};
  /** What it was asked, call by call. */
  readonly calls: LanguageModelV4CallOptions[] = [];
  readonly #script: readonly Script[];

  constructor(...script: Script[]) {
    this.#script = script;
  }

  async doGenerate(options: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
    const reply = await this.#next(options);
    if ("stream" in reply) throw new Error("This reply is written down for streaming only");
    const { content, usage, finishReason } = reply;
    return { content: content.map(toContent), usage, finishReason, warnings: [] };
  }

  async doStream(
    options: LanguageModelV4CallOptions,
  ): Promise<{ stream: ReadableStream<LanguageModelV4StreamPart> }> {
    const reply = await this.#next(options);
    if ("stream" in reply) return { stream: streamOf(reply.stream) };
    const { content, usage, finishReason } = reply;
    return {
      stream: streamOf([
        { type: "stream-start", warnings: [] },
        ...content.flatMap(toStreamParts),
        { type: "finish", usage, finishReason },
      ]),
    };
  }

  async #next(options: LanguageModelV4CallOptions): Promise<Required<Reply> | StreamReply> {
    let script = this.#script[this.calls.push(options) - 1];
    while (typeof script === "function") script = await script(options);
    if (script === undefined) throw new Error(`No reply is written down for this call`);
    if (script instanceof Error) throw script;
    if ("stream" in script) return script;
    const reply = "content" in script ? script : { content: script };
    return { usage: usage(), finishReason: { unified: "stop", raw: "stop" }, ...reply };
  }
}

/** A stream of these parts, one for each read. */
export function streamOf(
  parts: readonly LanguageModelV4StreamPart[],
  onCancel?: (reason: unknown) => void,
): ReadableStream<LanguageModelV4StreamPart> {
  const rest = [...parts];
  return new ReadableStream({
    pull(controller) {
      const part = rest.shift();
      if (part === undefined) controller.close();
      else controller.enqueue(part);
    },
    cancel: onCancel,
  }, { highWaterMark: 0 });
}

function toContent(part: ReplyPart): LanguageModelV4Content {
  if (typeof part === "string") return { type: "text", text: part };
  return "deltas" in part ? { type: "text", text: part.deltas.join("") } : part;
}

function toStreamParts(part: ReplyPart, index: number): LanguageModelV4StreamPart[] {
  const id = String(index);
  if (typeof part === "string") return textParts("text", id, [part]);
  if ("deltas" in part) return textParts("text", id, part.deltas);
  if (part.type !== "text" && part.type !== "reasoning") return [part];
  return textParts(part.type, id, [part.text], part.providerMetadata);
}

function textParts(
  type: "text" | "reasoning",
  id: string,
  deltas: readonly string[],
  providerMetadata?: LanguageModelV4Content["providerMetadata"],
): LanguageModelV4StreamPart[] {
  return [
    { type: `${type}-start`, id },
    ...deltas.map((delta): LanguageModelV4StreamPart => ({ type: `${type}-delta`, id, delta })),
    { type: `${type}-end`, id, providerMetadata },
  ];
}
