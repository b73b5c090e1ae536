/** A model that refuses whatever conversation one of the real providers refuses. */

import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import { isDeepStrictEqual as equal } from "node:util";
import { type Script, ScriptedModel, type StreamReply } from "./scripted_model.ts";

type Answer = readonly LanguageModelV4Content[];
type Next = Answer | StreamReply;

/**
 * Gives the answers of its script, and checks what it is asked:
 *
 * - no message and no text is empty; instructions come first, and the person before the model;
 * - each call has its result in the message after it, in the order of the calls, and no result is without a call;
 * - no two calls of the conversation have the same id;
 * - what it said comes back in its order and with all its parts: reasoning with signature, metadata of calls.
 */
export class StrictModel implements LanguageModelV4 {
  readonly specificationVersion = "v4";
  readonly provider = "strict";
  readonly modelId = "strict";
  readonly supportedUrls = {};
  /** What was refused; the calls themselves fail as well. */
  readonly refused: string[] = [];
  readonly #script: ScriptedModel;
  readonly #given: Answer[] = [];

  /** @param next Its answers; a stream is one that breaks off. */
  constructor(next: (options: LanguageModelV4CallOptions) => Next | Promise<Next>) {
    const script: Script = async (options) => {
      const content = await next(options);
      if (!("stream" in content)) this.#given.push(content);
      return content;
    };
    this.#script = new ScriptedModel(...Array<Script>(500).fill(script));
  }

  /** What it was asked, call by call. */
  get calls(): readonly LanguageModelV4CallOptions[] {
    return this.#script.calls;
  }

  async doGenerate(options: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
    this.#check(options.prompt);
    return await this.#script.doGenerate(options);
  }

  async doStream(
    options: LanguageModelV4CallOptions,
  ): Promise<{ stream: ReadableStream<LanguageModelV4StreamPart> }> {
    this.#check(options.prompt);
    return await this.#script.doStream(options);
  }

  #check(prompt: LanguageModelV4Prompt): void {
    const why = problemOf(prompt) ?? this.#lost(prompt);
    if (why === null) return;
    this.refused.push(why);
    throw Object.assign(new Error(`400: ${why}`), { statusCode: 400 });
  }

  /** What of its answers does not come back as it was. */
  #lost(prompt: LanguageModelV4Prompt): string | null {
    let from = 0;
    for (const [index, { role, content }] of prompt.entries()) {
      if (role !== "assistant") continue;
      const said = content.map(withoutId);
      const found = this.#given.findIndex((answer, i) =>
        i >= from && equal(said, answer.map(asSent).map(withoutId))
      );
      if (found === -1) {
        return `messages.${index}: the model did not say this: ${JSON.stringify(content)}`;
      }
      from = found + 1;
    }
    return null;
  }
}

/** What is wrong with the form of a conversation; null if nothing is. */
export function problemOf(prompt: LanguageModelV4Prompt): string | null {
  const ids = new Set<string>();
  let open: readonly string[] = [];
  const rest = prompt.slice(prompt.findIndex(({ role }) => role !== "system"));
  if (rest[0]?.role !== "user") return "messages.0: must be the user's";
  if (rest.at(-1)!.role === "assistant") return "the last message must not be the assistant's";
  for (const [index, message] of rest.entries()) {
    const here = `messages.${index}`;
    const { role, content } = message;
    if (role === "system") return `${here}: instructions must come first`;
    if (content.length === 0) return `${here}: content must not be empty`;
    if (role === "tool") {
      const results = content.map((part) => part.type === "tool-result" ? part.toolCallId : "");
      if (!equal(results, open)) return `${here}: results ${results} for the calls ${open}`;
      open = [];
      continue;
    }
    if (open.length > 0) return `${here}: no results for the calls ${open}`;
    if (rest[index - 1]?.role === role) return `${here}: two messages of the ${role}`;
    const calls: string[] = [];
    for (const part of content) {
      if (part.type === "text" && part.text.trim() === "") return `${here}: empty text`;
      if (part.type !== "tool-call") continue;
      if (ids.has(part.toolCallId)) return `${here}: the id ${part.toolCallId} was used before`;
      ids.add(part.toolCallId);
      calls.push(part.toolCallId);
    }
    open = calls;
  }
  return null;
}

/** A part as it has to come back. */
function asSent(part: LanguageModelV4Content): unknown {
  if (part.type === "tool-call") {
    const { providerMetadata, input, ...rest } = part;
    return { ...rest, input: JSON.parse(input), providerOptions: providerMetadata };
  }
  const { providerMetadata, ...rest } = part;
  return { ...rest, providerOptions: providerMetadata };
}

function withoutId(part: unknown): unknown {
  const { toolCallId: _, ...rest } = part as Record<string, unknown>;
  return JSON.parse(JSON.stringify(rest));
}
