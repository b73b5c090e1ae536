/** What arrives from a model beside its answer, as the bus is told of it: reasoning, and the tools that its provider executes. */

import type { LanguageModelV4Content, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { isRecord } from "../../core/json.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import { type AgentEvent, toolComplete, toolStart } from "../state/events.ts";
import { liftFiles } from "../state/lift_files.ts";
import type { Arguments, ToolCall } from "../state/messages.ts";
import { report } from "../state/report.ts";
import type { Channel } from "./bus_bridge.ts";

/** The span of an agent, as far as it is told here. */
export interface ToldSpan {
  readonly hasContent: boolean;
  stream(channel: Channel, text: string): void;
  readonly tools: { open(call: ToolCall): unknown };
  publish(event: AgentEvent): void;
}

/** Tells the bus what one model call brings beside its answer. */
export class ModelParts {
  readonly #span: ToldSpan;
  /** The calls that the provider is at work on, and since when. */
  readonly #open = new Map<string, { readonly call: ToolCall; readonly startedAt: number }>();

  constructor(span: ToldSpan) {
    this.#span = span;
  }

  /** Never throws: what the bus cannot be told is not what the answer depends on. */
  hear(part: LanguageModelV4StreamPart | LanguageModelV4Content): void {
    try {
      this.#tell(part);
    } catch (error) {
      report("a part of a model's answer could not be published", error);
    }
  }

  #tell(part: LanguageModelV4StreamPart | LanguageModelV4Content): void {
    switch (part.type) {
      case "reasoning-delta":
        return this.#stream("reasoning", part.delta);
      case "tool-input-delta":
        return this.#stream("tool_input", part.delta);
      case "tool-call":
        if (part.providerExecuted) this.#begin(part.toolCallId, part.toolName, part.input);
        return;
      case "tool-result": {
        if (part.preliminary) return;
        const { json } = liftFiles(part.result, []);
        const text = typeof json === "string" ? json : JSON.stringify(json) ?? "";
        return part.isError
          ? this.#end(part.toolCallId, null, defaultRedactor().preview(text, MAX_ERROR_LENGTH))
          : this.#end(part.toolCallId, text, null);
      }
      case "tool-approval-request":
        // What comes after the answer is a call of its own.
        return this.#end(part.toolCallId, "Asks for approval", null);
    }
  }

  /** Ends what the provider will not end any more, because the call has failed. */
  fail(): void {
    for (const id of this.#open.keys()) this.#end(id, null, "cancelled");
  }

  #stream(channel: Channel, text: string): void {
    if (this.#span.hasContent) this.#span.stream(channel, text);
  }

  #begin(id: string, name: string, input: string): void {
    if (this.#open.has(id)) return;
    const args = readArguments(input);
    const call = { id, name, arguments: args };
    this.#open.set(id, { call, startedAt: performance.now() });
    this.#span.tools.open(call);
    this.#span.publish(toolStart(call, args));
  }

  #end(id: string, result: string | null, error: string | null): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    const duration_ms = performance.now() - open.startedAt;
    this.#span.publish(toolComplete(open.call, { result, error, duration_ms }));
  }
}

const MAX_ERROR_LENGTH = 240;

function readArguments(input: string): Arguments {
  try {
    const value: unknown = JSON.parse(input);
    return isRecord(value) ? value as Arguments : {};
  } catch {
    return {};
  }
}
