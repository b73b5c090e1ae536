import { type Fields, fieldsOf, listOf, numberIn, textIn } from "../recorder/fields.ts";
import type { SpanRecorder } from "../recorder/recorder.ts";
import type { ModelUsage } from "../recorder/span_options.ts";

/** A model call that is being told: by its parts, or by the blocks of its answer. */
interface ModelCall {
  readonly id: string;
  readonly key: object;
  readonly streams: boolean;
  usage: Fields;
  stopReason: string | undefined;
  text: string;
  /** The calls of tools in the answer. */
  calls: number;
  /** What is to be told when the call is over: its tools begin after it. */
  readonly then: (() => void)[];
}

/** The model calls of one session: each agent has one at a time. */
export class ModelCalls {
  readonly #recorder: SpanRecorder;
  readonly #open = new Map<string, ModelCall>();
  /** The message that each agent's last call was: its blocks may come after its end. */
  readonly #last = new Map<string, string>();

  constructor(recorder: SpanRecorder) {
    this.#recorder = recorder;
  }

  /** A part of an answer that streams. */
  see(agent: string, event: unknown): void {
    const { type, message, delta, content_block, usage } = fieldsOf(event);
    if (type === "message_start") return void this.#begin(agent, message, true);
    const call = this.#open.get(agent);
    if (call === undefined) return;
    if (type === "content_block_start") {
      if (/tool_use$/.test(textIn(content_block, "type") ?? "")) {
        this.#recorder.delta(call.key, "", "tool_input");
      }
    } else if (type === "content_block_delta") this.#delta(call, delta);
    else if (type === "message_delta") {
      call.stopReason = textIn(delta, "stop_reason");
      call.usage = { ...call.usage, ...fieldsOf(usage) };
    } else if (type === "message_stop") this.end(agent);
  }

  /** A block of an answer: each is a message of its own, with the same id. @param then Tells of a tool's call. */
  block(agent: string, message: unknown, then: readonly (() => void)[]): void {
    const id = textIn(message, "id") ?? "";
    let call = this.#open.get(agent);
    if (call?.id !== id && this.#last.get(agent) !== id) {
      call = this.#begin(agent, message, false);
    }
    if (call?.id !== id) return then.forEach((tell) => tell());
    call.calls += then.length;
    if (call.streams) return void call.then.push(...then);
    for (const block of listOf(fieldsOf(message).content)) {
      if (textIn(block, "type") === "text") call.text += textIn(block, "text") ?? "";
    }
    then.forEach((tell) => tell());
  }

  /** An agent's model call is over, if there is one. */
  end(agent: string, error?: Error): void {
    const call = this.#open.get(agent);
    if (call === undefined) return;
    this.#open.delete(agent);
    const { id, key, text, calls, stopReason, usage, streams, then } = call;
    this.#recorder.close(key, {
      error,
      text,
      toolCalls: calls,
      finish: stopReason === undefined ? null : FINISH[stopReason] ?? "stop",
      rawFinish: stopReason ?? null,
      // Where it does not stream, what is said of its tokens is not final.
      usage: streams && stopReason !== undefined ? usageIn(usage) : undefined,
      attributes: { response_id: id },
    });
    then.forEach((tell) => tell());
  }

  /** Forgets the agents that are over: a session may have any number of them. */
  prune(): void {
    for (const agent of this.#last.keys()) {
      if (this.#recorder.has(agent)) continue;
      this.#open.delete(agent);
      this.#last.delete(agent);
    }
  }

  #begin(agent: string, message: unknown, streams: boolean): ModelCall {
    this.end(agent);
    const id = textIn(message, "id") ?? "";
    const name = textIn(message, "model") ?? "model";
    const usage = fieldsOf(fieldsOf(message).usage);
    const call: ModelCall = {
      id,
      key: {},
      streams,
      usage,
      stopReason: undefined,
      text: "",
      calls: 0,
      then: [],
    };
    this.#open.set(agent, call);
    this.#last.set(agent, id);
    const attributes = { model: name, provider: "anthropic" };
    this.#recorder.open("model", call.key, { name, parent: agent, attributes });
    return call;
  }

  #delta({ key }: ModelCall, delta: unknown): void {
    const text = (name: string) => textIn(delta, name) ?? "";
    switch (textIn(delta, "type")) {
      case "text_delta":
        return this.#recorder.delta(key, text("text"));
      case "thinking_delta":
        return this.#recorder.delta(key, text("thinking"), "reasoning");
      case "input_json_delta":
        return this.#recorder.delta(key, text("partial_json"), "tool_input");
    }
  }
}

/** Tokens that were cached are counted apart. */
function usageIn(usage: Fields): ModelUsage {
  const cached = numberIn(usage, "cache_read_input_tokens") ?? 0;
  const cacheWrite = numberIn(usage, "cache_creation_input_tokens") ?? 0;
  return {
    input: (numberIn(usage, "input_tokens") ?? 0) + cached + cacheWrite,
    output: numberIn(usage, "output_tokens"),
    cached,
    cacheWrite,
  };
}

const FINISH: Readonly<Record<string, string>> = { tool_use: "tool-calls", max_tokens: "length" };
