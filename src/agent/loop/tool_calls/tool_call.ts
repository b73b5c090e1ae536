/** One tool call: reading its arguments, and running the tool's body. */

import { abortable, deadline } from "../../../core/waits.ts";
import { endOpen } from "../../../core/run/open_work.ts";
import { type Run, withinRun } from "../../../core/run/run_context.ts";
import type { ToolSpan } from "../../spans/tool_spans.ts";
import { isPromiseLike } from "../../../runtime/promise_like.ts";
import { ToolTimeoutError } from "../../state/errors.ts";
import { InterruptSignal, type Question, readQuestion } from "../../tools/question.ts";
import { frozenCopy, plainCopy } from "../../../core/json.ts";
import type { ToolCall } from "../../state/messages.ts";
import type { RunSegment } from "../run_segment.ts";
import { type Steps, until } from "../../state/steps.ts";
import {
  cancelled,
  failed,
  notExecuted,
  stoppedByQuestion,
  succeeded,
  type ToolOutcome,
} from "../../tools/outcome.ts";
import { KEPT, type Kept } from "../../tools/kept.ts";
import type { InterruptRequest, ToolContext } from "../../tools/context.ts";
import { errorText, resultContent } from "../../state/texts.ts";
import { describeIssues } from "../../../events/standard_schema.ts";
import type { Tool } from "../../tools/tool.ts";
import type { CallMemory } from "./tool_plan.ts";

/** Arguments that have passed, or why they have not. */
export type CheckedArguments =
  | { readonly value: unknown; readonly plain: Readonly<Record<string, unknown>> }
  | { readonly error: string };

/**
 * Checks a call's arguments. Never rejects, and does not wait for a schema once the signal is aborted.
 *
 * @param problem Why they could not even be read.
 */
export function* checkArguments(
  tool: Tool,
  args: Readonly<Record<string, unknown>>,
  problem: string | null,
  signal: AbortSignal,
): Steps<CheckedArguments> {
  if (problem !== null) return invalid(problem);
  try {
    // A copy of its own for the body, which may change what it gets; the call itself is frozen.
    const validated = tool.schema["~standard"].validate(plainCopy(args));
    const checked = isPromiseLike(validated)
      ? yield* until(abortable(validated, signal))
      : validated;
    if (checked.issues !== undefined) return invalid(describeIssues(checked.issues));
    return {
      value: checked.value,
      plain: frozenCopy(checked.value) as Record<string, unknown>,
    };
  } catch (error) {
    return { error: signal.aborted ? "cancelled" : errorText(error) };
  }
}

// Not redacted: the names of parameters look like those of secrets, and the model needs to read them.
function invalid(problem: string): { error: string } {
  return { error: `ToolValidationError: ${problem}` };
}

export interface Execution {
  readonly run: RunSegment;
  readonly tool: Tool;
  readonly call: ToolCall;
  readonly args: unknown;
  readonly span: ToolSpan | null;
  /** Aborted when the run is, and when another call of the turn asks a person. */
  readonly signal: AbortSignal;
  readonly memory: CallMemory;
}

/**
 * Runs a tool's body. Never rejects, and never waits for a body that ignores its signal.
 *
 * @returns How it ended, or what it asks a person.
 */
export async function executeTool(execution: Execution): Promise<ToolOutcome | Question> {
  const { run, tool, signal } = execution;
  if (signal.aborted) return run.signal.aborted ? notExecuted() : stoppedByQuestion();
  const call = new CallInProgress(execution);
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  let pending: PromiseLike<unknown> | null = null;
  try {
    let value = call.body();
    if (isPromiseLike(value)) value = await call.wait(pending = value);
    else run.signal.throwIfAborted();
    if (call.question !== null) return call.question;
    return toOutcome(tool, value, elapsed(), call.isTerminal());
  } catch (error) {
    if (call.question !== null) return call.question;
    if (run.signal.aborted) return cancelled(elapsed());
    if (signal.aborted && pending !== null) {
      // Another call asks. What comes to its end all the same was done, and must not be done again.
      const late = await settledSoon(pending, run.signal);
      if (call.question !== null) return call.question;
      if (late !== null && "value" in late) {
        return toOutcome(tool, late.value, elapsed(), call.isTerminal());
      }
      return run.signal.aborted ? cancelled(elapsed()) : stoppedByQuestion(late === null);
    }
    return failed(errorText(call.aborted ? call.signal.reason : error), elapsed());
  } finally {
    call.close();
  }
}

/** What a body comes to that was told to stop; null if that is not known after a while. */
async function settledSoon(
  pending: PromiseLike<unknown>,
  signal: AbortSignal,
): Promise<{ readonly value: unknown } | { readonly error: unknown } | null> {
  try {
    const settled = pending.then((value) => ({ value }), (error: unknown) => ({ error }));
    return await deadline(settled, GRACE_MS, { signal });
  } catch {
    return null;
  }
}

/** How long a question waits for bodies that ignore their signal. */
const GRACE_MS = 100;

/** The return value as text and files, or a failure if it cannot be converted. */
function toOutcome(
  tool: Tool,
  value: unknown,
  durationMs: number,
  isTerminal: boolean,
): ToolOutcome {
  try {
    const { text, files } = resultContent(value);
    return succeeded(text, durationMs, isTerminal, files);
  } catch (error) {
    const reason = errorText(error);
    return failed(
      `ToolResultError: what ${tool.name} returned cannot be made text: ${reason}`,
      durationMs,
    );
  }
}

class CallInProgress {
  /** What the body asks a person; then nothing else that it does counts. */
  question: Question | null = null;
  readonly #execution: Execution;
  // Made when somebody wants its signal: a body that returns at once needs none.
  #controller: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #asked = 0;
  #terminationPrevented = false;
  readonly #abort = (): void => {
    const { run, signal, span } = this.#execution;
    this.#controller?.abort(signal.reason);
    // Nothing that the body still does counts: what is open inside of it ends before the call.
    if (span !== null && run.signal.aborted) endOpen(span.run, true);
  };

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  /** Aborted with the turn, when the time is up, and when the body asks a person. */
  get signal(): AbortSignal {
    return this.#abortable().signal;
  }

  get aborted(): boolean {
    return this.#controller !== null && this.#controller.signal.aborted;
  }

  body(): unknown {
    const { tool, args, span } = this.#execution;
    const execute = (inner?: Run) => tool.execute(args, this.#context(inner));
    // What the body publishes is part of the call: its span is the one that `agent.tool.started` opens.
    return span === null ? execute() : withinRun(span.run, () => execute(span.run));
  }

  /** Waits for what the body returned, as long as it may take. */
  wait(pending: PromiseLike<unknown>): Promise<unknown> {
    const { tool, run } = this.#execution;
    const controller = this.#abortable();
    const timeoutMs = tool.timeoutMs ?? run.settings.toolTimeoutMs;
    if (timeoutMs !== null) {
      this.#timer = setTimeout(
        () => controller.abort(new ToolTimeoutError(tool.name, timeoutMs)),
        timeoutMs,
      );
    }
    return abortable(Promise.resolve(pending), controller.signal);
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#controller !== null) {
      this.#execution.signal.removeEventListener("abort", this.#abort);
    }
  }

  isTerminal(): boolean {
    const { run, tool } = this.#execution;
    return run.settings.terminalTools.has(tool.name) && !this.#terminationPrevented;
  }

  #context(busRun: Run | undefined): ToolContext & { readonly [KEPT]: Kept } {
    const { run, call, memory } = this.#execution;
    const { state } = run;
    const readSignal = () => this.signal;
    return {
      toolName: call.name,
      toolCallId: call.id,
      [KEPT]: memory,
      agentId: state.agent_id,
      runId: state.run_id,
      iteration: state.iteration - 1,
      state,
      get signal() {
        return readSignal();
      },
      run: busRun,
      getMetadata: (key, fallback) =>
        Object.hasOwn(state.metadata, key) ? state.metadata[key] : fallback,
      interrupt: (request, metadata) => this.#interrupt(request, metadata),
      preventTermination: () => {
        this.#terminationPrevented = true;
      },
    };
  }

  #interrupt<Answer>(
    request: string | InterruptRequest,
    metadata: Readonly<Record<string, unknown>> | undefined,
  ): Answer {
    const { answers } = this.#execution.memory;
    if (this.#asked < answers.length) return answers[this.#asked++] as Answer;
    this.question ??= readQuestion(request, metadata);
    // Also ends the wait for a body that catches what is thrown here.
    const signal = new InterruptSignal(this.question.question);
    this.#abortable().abort(signal);
    throw signal;
  }

  #abortable(): AbortController {
    if (this.#controller !== null) return this.#controller;
    const { signal } = this.#execution;
    this.#controller = new AbortController();
    if (signal.aborted) this.#abort();
    else if (!this.#isOver) signal.addEventListener("abort", this.#abort, { once: true });
    return this.#controller;
  }
}
