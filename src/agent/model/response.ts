/** One answer of a model, put together from its parts as they come. */

import { randomHex } from "../../core/random_hex.ts";
import type {
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4ToolCall,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from "@ai-sdk/provider";
import { ModelResponseError } from "../errors.ts";
import { deepFreeze, isRecord } from "../json.ts";
import type { ToolCall } from "../messages.ts";
import type { AssistantPart } from "./request.ts";
import { readUsage, type TokenUsage } from "./usage.ts";

/** What a model call came to. */
export interface ModelResponse {
  /** The text; null if there is none. */
  readonly content: string | null;
  /** The thinking that the model shows; null if it shows none. */
  readonly reasoning: string | null;
  /** The calls that are ours to execute. */
  readonly tool_calls: readonly ToolCall[];
  /** By tool call id: why its arguments could not be read. */
  readonly argumentErrors: ReadonlyMap<string, string>;
  readonly usage: TokenUsage | null;
  readonly stop_reason: string | null;
  /** The answer to hand back; null where `content` and `tool_calls` say all of it. */
  readonly parts: readonly AssistantPart[] | null;
}

/** How a model ended its answer. */
export interface ModelFinish {
  finishReason?: LanguageModelV4FinishReason;
  usage?: LanguageModelV4Usage;
}

interface TextBlock {
  type: "text" | "reasoning";
  text: string;
  providerOptions?: SharedV4ProviderMetadata;
}

/** Collects the parts of one answer. */
export class ResponseBuilder {
  readonly #parts: AssistantPart[] = [];
  // Text and reasoning blocks that a stream has begun, by type and id.
  readonly #open = new Map<string, TextBlock>();
  readonly #calls: ToolCall[] = [];
  readonly #argumentErrors = new Map<string, string>();

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
    if (metadata !== undefined) block.providerOptions = metadata;
  }

  /** Ends a block of a stream; the same id may begin another one. */
  endText(type: TextBlock["type"], id: string, metadata?: SharedV4ProviderMetadata): void {
    if (metadata !== undefined) this.addText(type, id, "", metadata);
    this.#open.delete(`${type} ${id}`);
  }

  /** Adds a whole part. @returns The tool call, if it is one that is ours to execute. */
  add(part: LanguageModelV4Content): ToolCall | null {
    const providerOptions = part.providerMetadata;
    switch (part.type) {
      case "text":
      case "reasoning":
        this.#parts.push({ type: part.type, text: part.text, providerOptions });
        return null;
      case "tool-call":
        return this.#addCall(part);
      case "tool-result": {
        const { toolCallId, toolName, result: value, isError, preliminary } = part;
        if (preliminary) return null;
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
        throw new ModelResponseError(
          "The model asks for approval of a tool that its provider executes, which an agent cannot give",
        );
      default:
        // Sources: no provider wants them back.
        return null;
    }
  }

  /**
   * The whole answer.
   *
   * @throws {ModelResponseError} If the model says that it failed.
   */
  build({ finishReason, usage }: ModelFinish): ModelResponse {
    const unified = finishReason?.unified;
    const stopReason = finishReason?.raw ?? unified ?? null;
    if (unified === "error" || unified === "interrupted") {
      throw new ModelResponseError(`The model broke off its answer: ${stopReason}`);
    }
    const parts = this.#parts.filter((part) =>
      part.type !== "text" || part.text !== "" || part.providerOptions !== undefined
    );
    return {
      content: this.#join("text"),
      reasoning: this.#join("reasoning"),
      tool_calls: this.#calls,
      argumentErrors: this.#argumentErrors,
      usage: readUsage(usage),
      stop_reason: stopReason,
      parts: parts.every(isPlain) ? null : parts,
    };
  }

  #join(type: TextBlock["type"]): string | null {
    let text = "";
    for (const part of this.#parts) if (part.type === type) text += part.text;
    return text === "" ? null : text;
  }

  #addCall(part: LanguageModelV4ToolCall): ToolCall | null {
    const { toolName, providerExecuted, providerMetadata: providerOptions } = part;
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

  /** Calls are matched to results by id, and not every server gives each call one of its own. */
  #uniqueId(id: string): string {
    return id && !this.#calls.some((call) => call.id === id) ? id : createCallId();
  }
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
  return isRecord(value) ? [value, null] : [{}, "the arguments must be a JSON object"];
}

function isPlain(part: AssistantPart): boolean {
  if (part.providerOptions !== undefined) return false;
  return part.type === "text" || (part.type === "tool-call" && !part.providerExecuted);
}
