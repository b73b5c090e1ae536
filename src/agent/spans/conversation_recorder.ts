/** What the model calls of an agent's run were told and answered, each message once. */

import { publishContent, publishMessages } from "../../content/publish_content.ts";
import type { Run } from "../../core/run/run_context.ts";
import type { ContentMessage } from "../../events/catalogue/content.ts";
import type { Source } from "../state/messages.ts";
import { isSameJson } from "../../core/same_json.ts";
import { type PromptMessage, toModelTools } from "../model/request.ts";
import type { Tool } from "../tools/tool.ts";
import { toContentMessages } from "./content_messages.ts";

/** A model call whose messages were published. */
export interface RecordedCall {
  /** Publishes what it answered, and from what. */
  answer(message: ContentMessage | null, sources?: readonly Source[]): void;
}

/** A call as the next one is compared with it. */
interface Base {
  readonly runId: string;
  readonly spanId: string;
  /** What it was told, and then what it answered. */
  readonly messages: ContentMessage[];
}

/**
 * Publishes the messages of model calls: of each call only those that differ from the call before it, which it names.
 * So an answer is not repeated, and a retry costs nothing; what a hook rewrote, or a compaction, costs what comes after
 * the first difference.
 */
export class ConversationRecorder {
  #base: Base | null = null;

  /**
   * Publishes what a call of the conversation is told.
   *
   * @param run Where to.
   * @param messages As they are sent. They are compared before secrets are taken out.
   */
  record(run: Run, spanId: string, messages: readonly ContentMessage[]): RecordedCall {
    // Another run knows nothing of this one's spans.
    const base = this.#base?.runId === run.id ? this.#base : null;
    const same = base === null ? 0 : countSame(base.messages, messages);
    const own: Base = { runId: run.id, spanId, messages: [...messages] };
    this.#base = own;
    publishMessages(
      run,
      { span_id: spanId, direction: "input" },
      messages.slice(same),
      { base_span_id: same === 0 ? null : base!.spanId, from_index: same },
    );
    return {
      answer: (message) => {
        if (message === null) return;
        own.messages.push(message);
        publishAnswer(run, spanId, message);
      },
    };
  }
}

/** Publishes what a call beside the conversation is told: all of it. */
export function recordBeside(
  run: Run,
  spanId: string,
  messages: readonly ContentMessage[],
): RecordedCall {
  publishMessages(run, { span_id: spanId, direction: "input" }, messages);
  return {
    answer: (message) => {
      if (message !== null) publishAnswer(run, spanId, message);
    },
  };
}

function publishAnswer(run: Run, spanId: string, message: ContentMessage): void {
  publishMessages(run, { span_id: spanId, direction: "output" }, [message]);
}

function countSame(a: readonly ContentMessage[], b: readonly ContentMessage[]): number {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && isSameJson(a[count], b[count])) count++;
  return count;
}

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
