/** One answer of a model, put together from its parts as they come. */

import { randomHex } from "../../core/random_hex.ts";
import type {
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4ToolCall,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from "@ai-sdk/provider";
import { ModelResponseError } from "../state/errors.ts";
import { deepFreeze, isDeeper, isRecord } from "../../core/json.ts";
import { APPROVAL_TOOL, type Source, type ToolCall } from "../state/messages.ts";
import type { AssistantPart } from "./request.ts";
import { readUsage, type TokenUsage } from "./chat_model.ts";

export interface ModelResponse {
  readonly content: string | null;
  readonly reasoning: string | null;
  /** The calls that are ours to execute. */
  readonly tool_calls: readonly ToolCall[];
  /** By tool call id: why its arguments could not be read, or are not whole. */
  readonly argumentErrors: ReadonlyMap<string, string>;
  readonly usage: TokenUsage | null;
  readonly stop_reason: string | null;
  /** The answer to hand back; null where `content` and `tool_calls` say all of it. */
  readonly parts: readonly AssistantPart[] | null;
  /** What else the provider said of it; not kept with a run that waits. */
  readonly report?: ModelReport;
}

export interface ModelReport {
  /** Why the model stopped, in the AI SDK's word for it. */
  readonly finishReason: string | null;
  /** When the first of a streamed answer came, on the clock of `performance.now()`. */
  readonly firstTokenAt: number | null;
  readonly id: string | null;
  /** The model that answered, in the provider's word: it may be more precise than what was asked for. */
  readonly model: string | null;
  readonly sources: readonly Source[];
}

export interface ModelFinish {
  finishReason?: LanguageModelV4FinishReason;
  usage?: LanguageModelV4Usage;
  response?: { id?: string; modelId?: string };
}

interface TextBlock {
  type: "text" | "reasoning";
  text: string;
  providerOptions?: SharedV4ProviderMetadata;
}

export class ResponseBuilder {
  readonly #parts: AssistantPart[] = [];
  // Text and reasoning blocks that a stream has begun, by type and id.
  readonly #open = new Map<string, TextBlock>();
  readonly #calls: ToolCall[] = [];
  readonly #sources: Source[] = [];
  readonly #argumentErrors = new Map<string, string>();
  /** When the first part of a stream came, on the clock of `performance.now()`. */
  firstTokenAt: number | null = null;
  response: ModelFinish["response"];

  /** Adds to a block of a stream; begins it if need be. */
  addText(
    type: TextBlock["type"],
    id: string,
    delta: string,
    metadata: SharedV4ProviderMetadata | undefined,
  ): void {
    const key = `${type} ${id}`;
    let block = this.#open.get(key);
    if (block === undefined) {
      block = { type, text: "" };
      this.#open.set(key, block);
      this.#parts.push(block);
    }
    block.text += delta;
    // The last word wins: a signature comes when the block is complete.
    if (metadata !== undefined) block.providerOptions = bounded(metadata, undefined);
  }

  /** Ends a block of a stream; the same id may begin another one. */
  endText(type: TextBlock["type"], id: string, metadata?: SharedV4ProviderMetadata): void {
    if (metadata !== undefined) this.addText(type, id, "", metadata);
    this.#open.delete(`${type} ${id}`);
  }

  /** Adds a whole part. @returns The tool call, if it is one that is ours to execute. */
  add(part: LanguageModelV4Content): ToolCall | null {
    const providerOptions = bounded(part.providerMetadata, undefined);
    switch (part.type) {
      case "text":
      case "reasoning":
        this.#parts.push({ type: part.type, text: part.text, providerOptions });
        return null;
      case "tool-call":
        return this.#addCall(part);
      case "tool-result": {
        const { toolCallId, toolName, isError, preliminary } = part;
        if (preliminary) return null;
        const value = bounded(part.result, "[a result that is nested too deep]");
        const output = { type: isError ? "error-json" as const : "json" as const, value };
        this.#parts.push({ type: "tool-result", toolCallId, toolName, output, providerOptions });
        return null;
      }
      case "file":
      case "reasoning-file": {
        const { type, data, mediaType } = part;
        this.#parts.push({ type, data, mediaType, providerOptions });
        return null;
      }
      case "custom":
        this.#parts.push({ type: "custom", kind: part.kind, providerOptions });
        return null;
      case "tool-approval-request":
        return this.#askApproval(part.approvalId, part.toolCallId);
      case "source":
        // No provider wants them back.
        this.#sources.push(toSource(part));
        return null;
      default:
        return null;
    }
  }

  /** The whole answer. @throws {ModelResponseError} If the model says that it failed. */
  build({ finishReason, usage, response = this.response }: ModelFinish): ModelResponse {
    // Not in the types of the first versions: "interrupted".
    const unified: string | undefined = finishReason?.unified;
    const stopReason = finishReason?.raw ?? unified ?? null;
    if (unified === "error" || unified === "interrupted") {
      throw new ModelResponseError(`The model broke off its answer: ${stopReason}`);
    }
    const parts = this.#parts.filter((part) =>
      part.type !== "text" || part.text !== "" || part.providerOptions !== undefined
    );
    if (unified === "length" || unified === "content-filter") this.#markCutOff(unified, parts);
    return {
      content: this.#join("text"),
      reasoning: this.#join("reasoning"),
      tool_calls: this.#calls,
      argumentErrors: this.#argumentErrors,
      usage: readUsage(usage),
      stop_reason: stopReason,
      parts: parts.every(isPlain) ? null : parts,
      report: {
        finishReason: unified ?? null,
        firstTokenAt: this.firstTokenAt,
        id: response?.id ?? null,
        model: response?.modelId ?? null,
        sources: this.#sources,
      },
    };
  }

  /** What an answer ends with is not whole if it was cut off; what a filter stopped, nobody should act upon. */
  #markCutOff(reason: keyof typeof CUT_OFF, parts: readonly AssistantPart[]): void {
    const last = parts.at(-1);
    for (const { id } of this.#calls) {
      const isLast = last?.type === "tool-call" && last.toolCallId === id;
      if (isLast || reason === "content-filter") this.#argumentErrors.set(id, CUT_OFF[reason]);
    }
  }

  #join(type: TextBlock["type"]): string | null {
    let text = "";
    for (const part of this.#parts) if (part.type === type) text += part.text;
    return text === "" ? null : text;
  }

  #addCall(part: LanguageModelV4ToolCall): ToolCall | null {
    const { providerExecuted } = part;
    const providerOptions = bounded(part.providerMetadata, undefined);
    // Where it is missing or no text, the conversation could not be read again.
    const toolName = String(part.toolName ?? "");
    const [input, problem] = parseArguments(part.input);
    const toolCallId = providerExecuted ? part.toolCallId : this.#uniqueId(part.toolCallId);
    this.#parts.push({
      type: "tool-call",
      toolCallId,
      toolName,
      input,
      providerExecuted,
      providerOptions,
    });
    if (providerExecuted) return null;
    const call = deepFreeze({ id: toolCallId, name: toolName, arguments: input });
    this.#calls.push(call);
    if (problem !== null) this.#argumentErrors.set(call.id, problem);
    return call;
  }

  /** A person is asked by a tool of ours. */
  #askApproval(approvalId: string, toolCallId: string): ToolCall {
    const asking = this.#parts.find((part) =>
      part.type === "tool-call" && part.toolCallId === toolCallId
    );
    const { toolName: tool = "", input = {} } = asking?.type === "tool-call" ? asking : {};
    const args = { tool, input } as ToolCall["arguments"];
    const call = deepFreeze({ id: approvalId, name: APPROVAL_TOOL, arguments: args });
    this.#calls.push(call);
    return call;
  }

  /** Calls are matched to results by id, and not every server gives each call one of its own. */
  #uniqueId(given: string): string {
    const id = String(given ?? "");
    return id && !this.#calls.some((call) => call.id === id) ? id : createCallId();
  }
}

function toSource(part: Extract<LanguageModelV4Content, { type: "source" }>): Source {
  const { id, sourceType: type, title = null } = part;
  return deepFreeze(
    part.sourceType === "url"
      ? { id, type, url: part.url, title, media_type: null, filename: null }
      : { id, type, url: null, title, media_type: part.mediaType, filename: part.filename ?? null },
  );
}

const CUT_OFF = {
  length: "your answer was cut off here because it was too long, so the call was not made; " +
    "make it again, with shorter arguments or alone",
  "content-filter": "your answer was cut off by a filter, so the call was not made",
};

/** No schema asks for more, and whatever walks through arguments has a stack that ends. */
const MAX_DEPTH = 200;

/** What a provider sends; `instead` if it is nested deeper than is kept. */
function bounded<T, U>(value: T, instead: U): T | U {
  return isDeeper(value, MAX_DEPTH) ? instead : value;
}

function createCallId(): string {
  return `call_${randomHex(12)}`;
}

function parseArguments(input: string): [Record<string, unknown>, string | null] {
  // Models that call a tool without arguments often write nothing at all.
  if (input.trim() === "") return [{}, null];
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch (error) {
    return [{}, `the arguments are not valid JSON: ${(error as Error).message}`];
  }
  if (!isRecord(value)) return [{}, "the arguments must be a JSON object"];
  return isDeeper(value, MAX_DEPTH) ? [{}, "the arguments are nested too deep"] : [value, null];
}

function isPlain(part: AssistantPart): boolean {
  if (part.providerOptions !== undefined) return false;
  return part.type === "text" || (part.type === "tool-call" && !part.providerExecuted);
}
