/**
 * Requests as the provider accepts them: the one place that knows what a provider refuses, finds out the rest, and
 * remembers it.
 */

import type {
  JSONSchema7,
  LanguageModelV4FilePart,
  LanguageModelV4ToolResultOutput,
} from "@ai-sdk/provider";
import { type Dialect, isCyclic } from "../json_schema/dialects.ts";
import type { JsonSchema } from "../json_schema/json_schema.ts";
import { toPortable } from "../json_schema/portable.ts";
import type { ChatModel } from "./chat_model.ts";
import { chainOf } from "./failures.ts";
import type { ModelRequest, PromptMessage, ResponseFormat, UserPart } from "./request.ts";
import { type FileContent, labelOf } from "../state/files.ts";

/**
 * What may be asked of a provider, and is given up when it is refused: that it holds the arguments of tools to their
 * schemas; a form of the answer, in calls with tools and in others; the files that tools return.
 */
type Term = "strictTools" | "formatWithTools" | "format" | "toolFiles";

type Terms = ReadonlySet<Term>;

/**
 * The model, asked only for what its provider accepts. A request that is refused for what it asks, not for what it
 * says, is asked again for less; what helped is remembered for all calls that follow.
 */
export function withAcceptedRequests(model: ChatModel): ChatModel {
  let refused: Terms = new Set();

  async function ask<T>(
    request: ModelRequest,
    call: (request: ModelRequest) => PromiseLike<T>,
  ): Promise<T> {
    let without = refused;
    let refusal: unknown;
    while (true) {
      const sent = toAccepted(request, model.provider, without);
      try {
        const answer = await call(sent);
        // Another call may have learned something meanwhile.
        if (without !== refused) refused = new Set([...refused, ...without]);
        return answer;
      } catch (error) {
        const isForFiles = !without.has("toolFiles") && refusesFiles(error) &&
          hasToolFiles(request.prompt);
        const next = request.abortSignal.aborted
          ? null
          : isForFiles
          ? "toolFiles"
          : isRefusal(error)
          ? nextOf(sent)
          : null;
        // The first refusal says what is wrong with the request as it was meant.
        if (next === null) throw isRefusal(error) ? refusal ?? error : error;
        refusal ??= error;
        without = new Set([...without, next]);
      }
    }
  }

  const { stream } = model;
  return {
    ...model,
    generate: (request) => ask(request, model.generate),
    stream: stream === null ? null : (request) => ask(request, stream),
  };
}

/** The next thing to give up; null if nothing is left of what providers refuse. */
function nextOf({ tools, responseFormat }: ModelRequest): Term | null {
  if (tools?.some((tool) => tool.type === "function" && tool.strict)) return "strictTools";
  if (responseFormat === undefined) return null;
  return tools === undefined ? "format" : "formatWithTools";
}

/** Whether the provider did not like what it was asked for. A prompt that is too long is another matter. */
function isRefusal(error: unknown): boolean {
  const [first] = chainOf(error);
  if (first === undefined) return false;
  const { statusCode, message } = first;
  const text = typeof message === "string" ? message : "";
  if (/context|too long|token/i.test(text)) return false;
  if (statusCode === 400 || statusCode === 422) {
    return /schema|format|strict|json|tool|function|structured|grammar|unsupported|support/i.test(
      text,
    );
  }
  return statusCode === undefined && /response.?format|structured output|json.?schema/i.test(text);
}

/** Whether the provider, or its client, did not like a file. */
function refusesFiles(error: unknown): boolean {
  const [first] = chainOf(error);
  if (first === undefined) return false;
  const { statusCode, name, message } = first;
  const isRefused = name === "AI_UnsupportedFunctionalityError" ||
    [400, 413, 415, 422].includes(statusCode as number);
  return isRefused &&
    /\b(?:images?|image_url|files?|media|modalit(?:y|ies)|vision|documents?|audio)\b/i
      .test(typeof message === "string" ? message : "");
}

function toAccepted(request: ModelRequest, provider: string, refused: Terms): ModelRequest {
  const { tools, responseFormat: format, ...rest } = request;
  const dialect = dialectOf(provider);
  const isAllowed = !refused.has(tools === undefined ? "format" : "formatWithTools");
  const sent: ModelRequest = {
    ...rest,
    prompt: placeToolFiles(rest.prompt, provider, !refused.has("toolFiles")),
  };
  if (tools !== undefined) {
    sent.tools = tools.map((tool) => {
      if (tool.type === "provider") return tool;
      const strict = dialect === "strict" && !refused.has("strictTools")
        ? portable(tool.inputSchema, "strict")
        : null;
      return strict !== null ? { ...tool, inputSchema: strict, strict: true } : {
        ...tool,
        inputSchema: portable(tool.inputSchema, dialect === "google" ? "google" : "plain")!,
      };
    });
  }
  if (format !== undefined && isAllowed) Object.assign(sent, toFormat(format, provider, rest));
  return sent;
}

/** The form of the answer; nothing where the provider holds no model to such a form. */
function toFormat(
  { strict, ...format }: ResponseFormat,
  provider: string,
  { providerOptions }: Partial<ModelRequest>,
): Partial<ModelRequest> {
  const dialect = dialectOf(provider);
  if (dialect === "google") {
    return { responseFormat: { ...format, schema: portable(format.schema, "google")! } };
  }
  const exact = strict || /anthropic/.test(provider) ? portable(format.schema, "strict") : null;
  const plain = portable(format.schema, "plain")!;
  if (/anthropic/.test(provider)) {
    // Its client closes every object, also those that must stay open.
    return exact === null || isCyclic(plain as JsonSchema)
      ? {}
      : { responseFormat: { ...format, schema: plain } };
  }
  const responseFormat = { ...format, schema: exact ?? plain };
  if (exact !== null || dialect !== "strict") return { responseFormat };
  // Its client asks for strictness unless it is told not to.
  const openai = { strictJsonSchema: false, ...providerOptions?.openai };
  return { responseFormat, providerOptions: { ...providerOptions, openai } };
}

/** By the names that the packages of the AI SDK give themselves. */
function dialectOf(provider: string): Dialect {
  if (/^(?:openai|azure)\b(?!-)/.test(provider)) return "strict";
  // Anthropic's models are run by Google, too.
  return /^(?:google|vertex)(?!.*anthropic)/.test(provider) ? "google" : "plain";
}

const known = new WeakMap<object, Partial<Record<Dialect, JSONSchema7 | null>>>();

/** Made once for each schema: those of tools are frozen. */
function portable(schema: JSONSchema7, dialect: Dialect): JSONSchema7 | null {
  const forms = known.get(schema) ?? {};
  known.set(schema, forms);
  forms[dialect] ??= toPortable(schema as JsonSchema, dialect) as JSONSchema7 | null;
  return forms[dialect] ?? null;
}

type ContentOutput = Extract<LanguageModelV4ToolResultOutput, { type: "content" }>;

export function hasToolFiles(prompt: readonly PromptMessage[]): boolean {
  return prompt.some(({ role, content }) =>
    role === "tool" &&
    content.some((part) => part.type === "tool-result" && part.output.type === "content")
  );
}

/**
 * The prompt with the files of tools where the provider takes them: in the result, or behind the results in a message of
 * the user, because many clients would write base64 into the text of a result.
 *
 * @param isSent Whether the model takes such files at all; else the result says what they were.
 */
export function placeToolFiles(
  prompt: readonly PromptMessage[],
  provider: string,
  isSent: boolean,
): PromptMessage[] {
  if (!hasToolFiles(prompt)) return [...prompt];
  const placed: PromptMessage[] = [];
  let moved: UserPart[] = [];
  const giveBack = () => {
    if (moved.length > 0) placed.push({ role: "user", content: moved });
    moved = [];
  };
  for (const message of prompt) {
    if (message.role === "user" && moved.length > 0) {
      placed.push({ ...message, content: [...moved, ...message.content] });
      moved = [];
      continue;
    }
    giveBack();
    if (message.role !== "tool") {
      placed.push(message);
      continue;
    }
    const content = message.content.map((part): typeof part => {
      if (part.type !== "tool-result") return part;
      const { output, toolName } = part;
      if (output.type !== "content" || (isSent && takesInResult(provider, output))) return part;
      const files = output.value.filter((piece) => piece.type === "file");
      if (isSent) {
        const text = `The ${files.length === 1 ? "file" : "files"} that ${toolName} returned:`;
        moved.push({ type: "text", text }, ...files as LanguageModelV4FilePart[]);
      }
      return { ...part, output: { type: "text", value: toText(output) } };
    });
    placed.push({ role: "tool", content });
  }
  giveBack();
  return placed;
}

/** By the names that the packages of the AI SDK give themselves, and what their clients do. */
function takesInResult(provider: string, { value }: ContentOutput): boolean {
  return /^(?:anthropic|openai\.responses|azure.*\.responses|amazon-bedrock|google)/.test(
    provider,
  ) &&
    value.every((part) =>
      part.type === "text" ||
      part.type === "file" && part.data.type === "data" && part.mediaType.startsWith("image")
    );
}

function toText({ value }: ContentOutput): string {
  return value.map((part) =>
    part.type === "text" ? part.text : part.type === "file" ? labelOf(part as FileContent) : ""
  ).join("\n");
}
