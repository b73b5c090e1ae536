import { isRecord } from "../../core/describe.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import type { WireEvent } from "../../sse/encoder.ts";
import { type Fields, textIn } from "../../view/payload.ts";
import { addToSummary, createRunSummary, type RunSummary } from "../../view/run_summary.ts";
import type { SpanReading } from "../../view/span_reading.ts";
import { ownerIn, RunReader } from "../run_reader.ts";
import { type Channel, type Screen, type ScreenWriter, type ShownSpan, textOf } from "../screen.ts";
import type { AgUiEvent, AgUiOutcome } from "./events.ts";
import { Questions } from "./questions.ts";
import { Steps } from "./steps.ts";
import { TokenUsage } from "./token_usage.ts";

/**
 * A run as AG-UI, valid from whichever event on.
 *
 * AG-UI has no run that waits: it finishes there, and what comes after an answer is another run of the same id.
 */
export class AgUiWriter implements Screen, ScreenWriter<AgUiEvent> {
  readonly #threadId: string | undefined;
  readonly #reader: RunReader = new RunReader(this);
  readonly #usage = new TokenUsage();
  #summary: RunSummary | null = null;
  #state: "new" | "open" | "finished" = "new";
  #out: AgUiEvent[] = [];
  readonly #steps = new Steps();
  readonly #questions = new Questions();
  #answer = "";
  /** Whether arguments are published, which is right after a call began. */
  #hasContent = false;
  /** The call whose arguments are awaited. */
  #calling: ShownSpan | null = null;

  constructor(threadId: string | undefined) {
    this.#threadId = threadId;
  }

  write(event: WireEvent): AgUiEvent[] {
    const { event_type: type, run_id: runId, timestamp } = event;
    const data: Fields = isRecord(event.data) ? event.data : {};
    this.#out = [];
    this.#summary ??= createRunSummary(runId);
    addToSummary(this.#summary, { ...event, data } as StreamEvent);
    if (type === "bus.end") this.#finish();
    else if (this.#state === "open" || !NO_NEWS.has(type)) {
      // Delivery starts over: the same ids may come again.
      if (type === "bus.gap" && RESTARTS.has(data.reason)) this.#finish();
      if (this.#state !== "open") this.#start(data);
      if (type === "span.content") this.#hasContent = true;
      else this.#endCall();
      this.#reader.read(event);
      if (type === "run.completed") this.#finish();
    }
    const at = Date.parse(timestamp);
    if (!Number.isNaN(at)) { for (const written of this.#out) written.timestamp = at; }
    return this.#out;
  }

  finish(): AgUiEvent[] {
    this.#out = [];
    if (this.#summary !== null) this.#finish();
    return this.#out;
  }

  fail(correlationId: string): AgUiEvent[] {
    const message = `The server failed to go on (${correlationId})`;
    return [{ type: "RUN_ERROR", message, code: "stream_failed" }];
  }

  begin(span: ShownSpan): void {
    if (span.kind === "tool") {
      this.#say(span, {
        type: "TOOL_CALL_START",
        toolCallId: span.id,
        toolCallName: span.name || "tool",
      });
      this.#calling = span;
      if (!this.#hasContent) this.#endCall();
    } else if (span.kind === "step") {
      const stepName = this.#steps.start(span);
      this.#say(span, { type: "STEP_STARTED", stepName });
    } else if (span.kind === "agent" && span.isInner) {
      const tool = toolAround(span);
      this.#out.push({
        type: "SUBAGENT_STARTED",
        subagentRunId: span.id,
        name: span.name || "agent",
        ...span.owner !== null && { parentSubagentRunId: span.owner.id },
        ...tool !== null && { parentToolCallId: tool.id },
      });
    }
  }

  end(span: ShownSpan, reading: SpanReading | undefined): void {
    if (span.kind === "tool") {
      if (reading === undefined) return;
      const content = span.output === undefined || reading.state === "failed"
        ? reading.result
        : textOf(span.output);
      const messageId = `${span.id}-result`;
      this.#say(span, {
        type: "TOOL_CALL_RESULT",
        messageId,
        toolCallId: span.id,
        content,
        role: "tool",
      });
    } else if (span.kind === "step") {
      this.#say(span, { type: "STEP_FINISHED", stepName: this.#steps.end(span) });
    } else if (span.kind === "agent" && span.isInner) this.#endAgent(span, reading);
  }

  beginText(span: ShownSpan, channel: Channel): void {
    if (isAside(span)) return;
    if (channel === "text") {
      return this.#say(span, { type: "TEXT_MESSAGE_START", messageId: span.id, role: "assistant" });
    }
    const messageId = thoughtsOf(span);
    this.#say(span, { type: "REASONING_START", messageId });
    this.#say(span, { type: "REASONING_MESSAGE_START", messageId, role: "reasoning" });
  }

  addText(span: ShownSpan, channel: Channel, delta: string): void {
    if (isAside(span)) return;
    const [type, messageId] = channel === "text"
      ? ["TEXT_MESSAGE_CONTENT" as const, span.id]
      : ["REASONING_MESSAGE_CONTENT" as const, thoughtsOf(span)];
    this.#say(span, { type, messageId, delta });
  }

  endText(span: ShownSpan, channel: Channel): void {
    if (isAside(span)) return;
    if (channel === "text") {
      return this.#say(span, { type: "TEXT_MESSAGE_END", messageId: span.id });
    }
    const messageId = thoughtsOf(span);
    this.#say(span, { type: "REASONING_MESSAGE_END", messageId });
    this.#say(span, { type: "REASONING_END", messageId });
  }

  discard(): void {
    // AG-UI takes nothing back: the next attempt is a message of its own.
  }

  callWith(span: ShownSpan, args: unknown): void {
    const toolCallId = span.id;
    if (this.#calling !== span) {
      this.#say(span, { type: "TOOL_CALL_START", toolCallId, toolCallName: span.name || "tool" });
    }
    this.#calling = span;
    this.#say(span, { type: "TOOL_CALL_ARGS", toolCallId, delta: textOf(args) });
    this.#endCall();
  }

  tell({ event_type: type }: WireEvent, data: Fields, span: ShownSpan | null): void {
    const owner = ownerIn(span);
    switch (type) {
      case "run.completed":
        return;
      case "agent.tokens.used":
        return this.#usage.add(data, span?.name ?? "");
      case "agent.terminate":
        if (owner !== null) return;
        this.#answer = textOf(span?.output ?? textIn(data, "final_message_preview"));
        return;
      case "agent.interrupt":
        return this.#questions.add(data, owner);
      case "agent.interrupt.answered":
        this.#questions.delete(data);
    }
    this.#out.push(tagged(owner, { type: "CUSTOM", name: type, value: data }));
  }

  #start(data: Fields): void {
    this.#state = "open";
    this.#questions.clear();
    this.#answer = "";
    const parentRunId = textIn(data, "parent_run_id");
    this.#out.push({
      type: "RUN_STARTED",
      ...this.#ids(),
      ...parentRunId !== "" && { parentRunId },
    });
  }

  #finish(): void {
    if (this.#state === "finished") return;
    if (this.#state === "new") this.#start({});
    this.#endCall();
    this.#reader.endAll();
    this.#state = "finished";
    const { state, error, reason } = this.#summary!;
    const usage = this.#usage.take();
    if (state === "failed" || state === "stopped") {
      const code = state === "stopped" && reason !== null ? { code: reason } : {};
      const message = error ?? (reason === null ? "failed" : `stopped: ${reason}`);
      this.#out.push({ type: "RUN_ERROR", message, ...code, ...usage });
      return;
    }
    const outcome = this.#outcome();
    this.#out.push({
      type: "RUN_FINISHED",
      ...this.#ids(),
      ...outcome !== null && { outcome },
      ...this.#answer !== "" && { result: this.#answer },
      ...usage,
    });
  }

  /** How the run finished; null if nobody said. */
  #outcome(): AgUiOutcome | null {
    const { state } = this.#summary!;
    if (state === "done") return { type: "success" };
    if (state === "cancelled") return { type: "cancelled" };
    const interrupts = this.#questions.all();
    return state === "waiting" && interrupts.length > 0 ? { type: "interrupt", interrupts } : null;
  }

  #endAgent(span: ShownSpan, reading: SpanReading | undefined): void {
    const subagentRunId = span.id;
    if (reading?.state === "failed") {
      const message = reading.result || "failed";
      this.#out.push({ type: "SUBAGENT_ERROR", subagentRunId, message });
      return;
    }
    const interruptIds = this.#questions.of(span);
    const waits = reading === undefined && interruptIds.length > 0;
    this.#out.push({
      type: "SUBAGENT_FINISHED",
      subagentRunId,
      ...waits && { outcome: { type: "suspended", interruptIds } },
    });
  }

  #endCall(): void {
    const span = this.#calling;
    this.#calling = null;
    if (span !== null) this.#say(span, { type: "TOOL_CALL_END", toolCallId: span.id });
  }

  #ids(): { threadId: string; runId: string } {
    const { run_id: runId } = this.#summary!;
    return { threadId: this.#threadId ?? runId, runId };
  }

  #say({ owner }: ShownSpan, event: AgUiEvent): void {
    this.#out.push(tagged(owner, event));
  }
}

/** Left out for the run itself: null would end the stream of a client. */
function tagged(owner: ShownSpan | null, event: AgUiEvent): AgUiEvent {
  return owner === null ? event : { ...event, subagentRunId: owner.id };
}

/** Whether a model call is inside of a tool, where no agent is that its text could be shown as. */
function isAside(span: ShownSpan): boolean {
  return span.isInner && span.owner === null;
}

function thoughtsOf(span: ShownSpan): string {
  return `${span.id}-thoughts`;
}

/** The call that a nested agent works for. */
function toolAround({ parent, owner }: ShownSpan): ShownSpan | null {
  while (parent !== null && parent !== owner && parent.kind !== "tool") ({ parent } = parent);
  return parent?.kind === "tool" ? parent : null;
}

/** Control events that say nothing of the run. */
const NO_NEWS: ReadonlySet<string> = new Set(["bus.live", "bus.error"]);
const RESTARTS: ReadonlySet<unknown> = new Set(["new_epoch", "unknown_cursor"]);
