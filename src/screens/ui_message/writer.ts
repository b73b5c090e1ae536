import { isRecord } from "../../core/describe.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import type { WireEvent } from "../../sse/encoder.ts";
import { type Fields, numberIn, textIn } from "../../view/payload.ts";
import { addToSummary, createRunSummary, type RunSummary } from "../../view/run_summary.ts";
import type { SpanReading } from "../../view/span_reading.ts";
import { RunReader } from "../run_reader.ts";
import type { Channel, Screen, ScreenWriter, ShownSpan } from "../screen.ts";
import type { InterruptData, UiMessageStreamChunk } from "./chunks.ts";

/** A run as one message of the AI SDK: a step for each turn of its agent; what nested agents do is data. */
export class UiMessageWriter implements Screen, ScreenWriter<UiMessageStreamChunk> {
  readonly #messageId: string | undefined;
  readonly #reader: RunReader = new RunReader(this);
  readonly #questions = new Map<string, InterruptData>();
  readonly #partIds = new WeakMap<ShownSpan, string>();
  #out: UiMessageStreamChunk[] = [];
  #summary: RunSummary | null = null;
  #isOver = false;
  #hasStep = false;
  /** The model call that the current step is of, as long as nothing else is in it. */
  #alone: ShownSpan | null = null;
  #parts = 0;

  constructor(messageId: string | undefined) {
    this.#messageId = messageId;
  }

  write(event: WireEvent): UiMessageStreamChunk[] {
    this.#out = [];
    if (this.#isOver) return [];
    const data: Fields = isRecord(event.data) ? event.data : {};
    if (this.#summary === null) {
      this.#summary = createRunSummary(event.run_id);
      this.#out.push({ type: "start", messageId: this.#messageId ?? event.run_id });
    }
    addToSummary(this.#summary, { ...event, data } as StreamEvent);
    if (event.event_type === "bus.end") this.#finish();
    else this.#reader.read(event);
    return this.#out;
  }

  finish(): UiMessageStreamChunk[] {
    this.#out = [];
    if (this.#summary !== null && !this.#isOver) this.#finish();
    return this.#out;
  }

  fail(correlationId: string): UiMessageStreamChunk[] {
    return [{ type: "error", errorText: `The server failed to go on (${correlationId})` }];
  }

  begin(span: ShownSpan): void {
    const { id, kind, name, isInner } = span;
    if (kind === "agent" && isInner) {
      this.#add({ type: "data-agent", id, data: { name, state: "running" } });
    } else if (isInner) return;
    else if (kind === "tool") this.callWith(span, {});
    else if (kind === "model") {
      if (this.#hasStep) this.#out.push({ type: "finish-step" });
      this.#hasStep = true;
      this.#out.push({ type: "start-step" });
      this.#alone = span;
    }
  }

  end(span: ShownSpan, reading: SpanReading | undefined): void {
    const { id, kind, name, isInner } = span;
    if (kind === "agent" && isInner) {
      const data = reading?.state === "failed"
        ? { name, state: "failed" as const, error: reading.result }
        : { name, state: "done" as const };
      this.#add({ type: "data-agent", id, data });
    } else if (kind === "tool" && !isInner && reading !== undefined) {
      this.#add(
        reading.state === "failed"
          ? { type: "tool-output-error", toolCallId: id, errorText: reading.result, dynamic: true }
          : {
            type: "tool-output-available",
            toolCallId: id,
            output: span.output ?? reading.result,
            dynamic: true,
          },
      );
    }
  }

  beginText(span: ShownSpan, channel: Channel): void {
    if (span.isInner) return;
    if (span !== this.#alone) this.#alone = null;
    const id = `part-${++this.#parts}`;
    this.#partIds.set(span, id);
    this.#out.push({ type: `${channel}-start`, id });
  }

  addText(span: ShownSpan, channel: Channel, delta: string): void {
    if (span.isInner) return;
    this.#out.push({ type: `${channel}-delta`, id: this.#partIds.get(span)!, delta });
  }

  endText(span: ShownSpan, channel: Channel): void {
    if (span.isInner) return;
    this.#out.push({ type: `${channel}-end`, id: this.#partIds.get(span)! });
  }

  discard(span: ShownSpan): void {
    // What else is in the step would be gone as well.
    if (span === this.#alone) this.#out.push({ type: "reset-step" });
  }

  callWith({ id, name, isInner }: ShownSpan, input: unknown): void {
    if (isInner) return;
    const toolName = name || "tool";
    this.#add({ type: "tool-input-available", toolCallId: id, toolName, input, dynamic: true });
  }

  tell(event: WireEvent, data: Fields): void {
    const id = textIn(data, "interrupt_id");
    switch (event.event_type) {
      case "agent.interrupt": {
        const options = Array.isArray(data.options) ? data.options : null;
        const question = textIn(data, "question_preview");
        return this.#ask(id, { question, options, state: "waiting" });
      }
      case "agent.interrupt.answered": {
        const asked = this.#questions.get(id);
        if (asked !== undefined) this.#ask(id, { ...asked, state: "answered" });
        return;
      }
      case "bus.gap": {
        const count = numberIn(data, "count") ?? 0;
        this.#add({ type: "data-gap", id: event.event_id, data: { count } });
      }
    }
  }

  #ask(id: string, data: InterruptData): void {
    if (data.state === "waiting") this.#questions.set(id, data);
    else this.#questions.delete(id);
    this.#add({ type: "data-interrupt", id, data });
  }

  #finish(): void {
    this.#isOver = true;
    this.#reader.endAll();
    if (this.#hasStep) this.#out.push({ type: "finish-step" });
    const { state, error } = this.#summary!;
    if (state === "cancelled") this.#out.push({ type: "abort" });
    else if (state === "failed") this.#out.push({ type: "error", errorText: error ?? "failed" });
    else this.#out.push({ type: "finish", finishReason: state === "done" ? "stop" : "other" });
  }

  #add(chunk: UiMessageStreamChunk): void {
    this.#alone = null;
    this.#out.push(chunk);
  }
}
