/** What a run of an agent publishes of what goes in and comes out, where that is asked for. */

import { publishContent } from "../../content/publish_content.ts";
import type { Run } from "../../core/run/run.ts";
import { type PromptMessage, toModelTools } from "../model/request.ts";
import type { Tool } from "../tools/tool.ts";
import {
  type ConversationRecorder,
  recordBeside,
  type RecordedCall,
} from "./conversation_recorder.ts";
import { toContentMessages } from "./content_messages.ts";

/** Publishes the content of one agent span and of what is inside it. */
export class AgentContent {
  readonly #run: Run;
  readonly #spanId: string;
  readonly #recorder: ConversationRecorder;

  constructor(run: Run, spanId: string, recorder: ConversationRecorder) {
    this.#run = run;
    this.#spanId = spanId;
    this.#recorder = recorder;
  }

  /** The tools that its models can call, by the shape of `gen_ai.tool.definitions`. */
  tools(tools: Iterable<Tool>): void {
    const definitions = toModelTools(tools).map((tool) => {
      if (tool.type === "provider") return { type: tool.id, name: tool.name, args: tool.args };
      const { type, name, description, inputSchema: parameters } = tool;
      return { type, name, description, parameters };
    });
    if (definitions.length === 0) return;
    publishContent(this.#run, this.#at(this.#spanId, "input"), "tools", definitions);
  }

  /** What the agent is asked. */
  prompt(prompt: string): void {
    publishContent(this.#run, this.#at(this.#spanId, "input"), "text", prompt);
  }

  /** What it says at its end. */
  message(message: string): void {
    publishContent(this.#run, this.#at(this.#spanId, "output"), "text", message);
  }

  /** What a model call is told. @param isBeside Whether it stays out of the conversation. */
  modelCall(spanId: string, prompt: readonly PromptMessage[], isBeside: boolean): RecordedCall {
    const messages = toContentMessages(prompt);
    const call = isBeside
      ? recordBeside(this.#run, spanId, messages)
      : this.#recorder.record(this.#run, spanId, messages);
    return {
      answer: (message, sources = []) => {
        call.answer(message);
        if (sources.length === 0) return;
        const documents = sources.map(({ id, url, title, filename, media_type }) => ({
          id: url ?? filename ?? id,
          score: null,
          text: title ?? "",
          metadata: { media_type },
        }));
        const place = { ...this.#at(spanId, "input"), used_by: "citation" as const };
        publishContent(this.#run, place, "documents", documents);
      },
    };
  }

  /** What a tool is called with. */
  toolArguments(spanId: string, args: unknown): void {
    publishContent(this.#run, this.#at(spanId, "input"), "arguments", args);
  }

  /** What it returned. */
  toolResult(spanId: string, result: string): void {
    publishContent(this.#run, this.#at(spanId, "output"), "result", result);
  }

  /** What a person answered. @param by Who; null if nobody knows. */
  answer(spanId: string, answer: unknown, by: string | null): void {
    publishContent(this.#run, { ...this.#at(spanId, "input"), by }, "answer", answer);
  }

  #at<D extends "input" | "output">(spanId: string, direction: D) {
    return { span_id: spanId, direction };
  }
}
