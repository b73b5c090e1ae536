import { ModelChunks } from "../../content/model_chunks.ts";
import { recordBeside, type RecordedCall } from "../../agent/spans/conversation_recorder.ts";
import type { ContentMessage } from "../../events/catalogue/content.ts";
import type { SpanContent } from "../../events/catalogue/span.ts";
import type { RecordedAgent } from "./recorded_agent.ts";
import { type Place, previewOf, readEnding } from "./recorded_span.ts";
import { RecordedWork } from "./recorded_work.ts";
import type { ModelUsage, SpanBeginning, SpanEnding } from "./span_options.ts";

/** What a model streams: the text of its answer, its thoughts, or the arguments of a tool. */
export type DeltaChannel = "text" | "reasoning" | "tool_input";

/** One attempt of a model call. */
export class RecordedModel extends RecordedWork {
  readonly #agent: RecordedAgent | null;
  /** What it streams; null before it does. */
  #chunks: ModelChunks | null = null;
  readonly #at = { span_id: this.id };
  /** The start of what was streamed. */
  #text = "";
  #firstTokenMs: number | null = null;
  #hasCalls = false;
  #recorded: RecordedCall | null = null;

  constructor(place: Place, beginning: SpanBeginning, agent: RecordedAgent | null) {
    super(place, beginning);
    this.#agent = agent;
  }

  delta(text: string, channel: DeltaChannel): void {
    this.#firstTokenMs ??= this.elapsedMs;
    const chunks = this.#chunks ??= new ModelChunks(this.run);
    if (channel === "text") {
      if (this.#text.length < MAX_TEXT) this.#text += text.slice(0, MAX_TEXT);
      return chunks.push(text, this.#at);
    }
    if (channel === "tool_input") this.#sayCalls();
    if (text !== "" && this.run.content) chunks.pushBeside(channel, text, this.#at);
  }

  override content(
    direction: SpanContent["direction"],
    kind: SpanContent["kind"],
    value: unknown,
  ): void {
    if (kind !== "messages" || !this.run.content) return super.content(direction, kind, value);
    const messages = value as readonly ContentMessage[];
    if (direction === "output") messages.forEach((message) => this.#recorded?.answer(message));
    else {
      this.#recorded = this.#agent === null
        ? recordBeside(this.run, this.id, messages)
        : this.#agent.conversation.record(this.run, this.id, messages);
    }
  }

  override end(ending: SpanEnding): void {
    const { toolCalls = 0, finish = null, rawFinish = finish, usage = {} } = ending;
    const { error } = readEnding(ending);
    const preview = previewOf(this.#text || ending.text || "");
    this.#chunks?.finish();
    const hasCalls = this.#hasCalls || toolCalls > 0;
    if (this.#firstTokenMs !== null) this.#emitChunk(true, hasCalls);
    if (error === null) {
      this.run.emit("agent.model.completed", {
        content_preview: preview,
        tool_call_count: toolCalls,
        stop_reason: rawFinish,
        ...this.#at,
      });
      this.#tellTokens(usage);
    }
    const known = { first_token_ms: this.#firstTokenMs, finish_reason: finish, ...counts(usage) };
    super.end({ ...ending, attributes: { ...error === null ? known : {}, ...ending.attributes } });
    this.#agent?.thought(error === null ? preview : null, toolCalls);
  }

  /** The answer holds calls of tools; their arguments are content. */
  #sayCalls(): void {
    if (this.#hasCalls) return;
    this.#hasCalls = true;
    this.#chunks?.finish();
    this.#emitChunk(false, true);
  }

  #emitChunk(done: boolean, has_tool_calls: boolean): void {
    this.run.emit("agent.model.chunk", { content_preview: "", done, has_tool_calls, ...this.#at });
  }

  #tellTokens(usage: ModelUsage): void {
    const { input, output, total } = usage;
    if (input === undefined && output === undefined && total === undefined) return;
    const { cached_input_tokens, cache_write_tokens, reasoning_tokens } = counts(usage);
    this.run.emit("agent.tokens.used", {
      prompt_tokens: input ?? 0,
      completion_tokens: output ?? 0,
      total_tokens: total ?? (input ?? 0) + (output ?? 0),
      model: this.name,
      ...cached_input_tokens !== null && { cached_input_tokens },
      ...cache_write_tokens !== null && { cache_write_tokens },
      ...reasoning_tokens !== null && { reasoning_tokens },
      ...this.#at,
    });
  }
}

function counts({ input, output, cached, cacheWrite, reasoning }: ModelUsage) {
  return {
    input_tokens: input ?? null,
    output_tokens: output ?? null,
    cached_input_tokens: cached ?? null,
    cache_write_tokens: cacheWrite ?? null,
    reasoning_tokens: reasoning ?? null,
  };
}

// Only its beginning is shown, but a secret may end behind that.
const MAX_TEXT = 4096;
