import { ConversationRecorder } from "../../agent/spans/conversation_recorder.ts";
import { isSuccess, toStopReason } from "../../events/stop_reason.ts";
import { firstOf, type Place, previewOf, readEnding } from "./recorded_span.ts";
import { RecordedWork } from "./recorded_work.ts";
import type { SpanBeginning, SpanEnding } from "./span_options.ts";

/** An agent at work: what it counts, and how it ends or waits. */
export class RecordedAgent extends RecordedWork {
  readonly conversation: ConversationRecorder;
  /** How many tool calls are over. */
  toolCalls = 0;
  /** The questions that it waits for answers to. */
  readonly questions: string[] = [];
  readonly #parentId: string | null;
  readonly #workedMs: number = 0;
  #turns = 0;
  #lastText = "";
  #hasModelFailed = false;
  #waitsSince = 0;

  /** @param waited The same agent before it waited. */
  constructor(place: Place, beginning: SpanBeginning, waited: RecordedAgent | undefined) {
    const { id: runId, spanId } = place.outer;
    const isSame = waited?.outer.id === runId && waited.#parentId === spanId;
    const resumes = waited && { run_id: waited.outer.id, span_id: waited.id };
    super(
      place,
      isSame || !resumes
        ? beginning
        : { ...beginning, attributes: { ...beginning.attributes, resumes } },
      isSame ? { span_id: waited.id, parent_span_id: spanId } : undefined,
    );
    this.#parentId = spanId;
    this.conversation = waited?.conversation ?? new ConversationRecorder();
    if (waited === undefined) return;
    this.#sayAnswered(waited, beginning.answers ?? []);
    if (!isSame) return;
    waited.parent?.children.delete(waited);
    this.#turns = waited.#turns;
    this.toolCalls = waited.toolCalls;
    this.#workedMs = waited.#workedMs + waited.#waitsSince - waited.startedAt;
  }

  /** A model call is over. @param text The start of what it said; null if it failed. */
  thought(text: string | null, toolCalls: number): void {
    this.#hasModelFailed = text === null;
    if (text === null) return;
    if (text !== "") this.#lastText = text;
    this.run.emit("agent.think", {
      iteration: this.#turns++,
      reasoning_preview: text,
      has_tool_calls: toolCalls > 0,
      tool_call_count: toolCalls,
      span_id: this.id,
    });
  }

  ask(id: string, question: string, options: readonly string[] | null): void {
    this.questions.push(id);
    this.run.emit("agent.interrupt", {
      interrupt_id: id,
      question_preview: previewOf(question),
      options: options && firstOf(options).map(previewOf),
      span_id: this.id,
    });
  }

  /** The agent waits for a person: its span stays open. */
  suspend(): void {
    this.#waitsSince = performance.now();
    if (this.#parentId === null) this.outer.setOutcome("waiting");
  }

  override end(ending: SpanEnding): void {
    const { error, isCancelled } = readEnding(ending);
    const otherwise = isCancelled ? "cancelled" : error === null ? "complete" : "error";
    const { reason = otherwise } = ending;
    const success = error === null && isSuccess(toStopReason(reason));
    const why = success ? null : error ?? `stopped: ${reason}`;
    const failed = this.#hasModelFailed ? "model" : "internal";
    const limit = reason === "interrupted" ? null : "limit";
    const kind = isCancelled ? "cancelled" : error === null ? limit : failed;
    if (ending.text) this.content("output", "text", ending.text);
    this.run.emit("agent.terminate", {
      reason,
      iterations_used: this.#turns,
      final_confidence: 0,
      total_tool_calls: this.toolCalls,
      final_message_preview: ending.text ? previewOf(ending.text) : this.#lastText,
      success,
      error,
      error_kind: success ? null : ending.errorKind ?? kind,
      duration_ms: this.elapsedMs,
      span_id: this.id,
    });
    super.end({ ...ending, error: why ?? undefined });
    // At the top it says how its run ended, where nobody throws.
    if (this.#parentId !== null) return;
    if (success) this.outer.setOutcome("ok");
    else this.outer.setOutcome(isCancelled ? "cancelled" : "error", why);
  }

  protected override get elapsedMs(): number {
    return this.#workedMs + super.elapsedMs;
  }

  #sayAnswered(waited: RecordedAgent, answers: readonly string[]): void {
    for (const interrupt_id of waited.questions) {
      if (!answers.includes(interrupt_id)) continue;
      this.run.emit("agent.interrupt.answered", {
        interrupt_id,
        by: null,
        waited_ms: performance.now() - waited.#waitsSince,
        span_id: this.id,
      });
    }
  }
}
