/** One tool call: reading its arguments, and running the tool's body. */

import { abortable } from "@std/async";
import type { Run } from "../core/run_context.ts";
import { enterSpan } from "../core/span.ts";
import { ToolTimeoutError } from "./errors.ts";
import { InterruptSignal, type Question, readQuestion } from "./interrupt.ts";
import { frozenCopy } from "./json.ts";
import type { ToolCall } from "./messages.ts";
import type { RunHandle } from "./run_handle.ts";
import {
  cancelled,
  failed,
  stoppedBySibling,
  succeeded,
  type ToolOutcome,
} from "./tool_outcome.ts";
import type { InterruptRequest, ToolContext } from "./tools/context.ts";
import { errorText, resultText } from "./tools/result_text.ts";
import { describeIssues } from "./tools/schema.ts";
import type { Tool } from "./tools/tool.ts";

/** Arguments that have passed, or why they have not. */
export type CheckedArguments =
  | { readonly value: unknown; readonly plain: Readonly<Record<string, unknown>> }
  | { readonly error: string };

/**
 * Checks a call's arguments. Never rejects, and does not wait for a schema once the signal is aborted.
 *
 * @param problem Why they could not even be read.
 */
export async function checkArguments(
  tool: Tool,
  args: Readonly<Record<string, unknown>>,
  problem: string | undefined,
  signal: AbortSignal,
): Promise<CheckedArguments> {
  if (problem !== undefined) return invalid(problem);
  try {
    // A copy of its own for the body, which may change what it gets; the call itself is frozen.
    const validated = tool.schema["~standard"].validate(structuredClone(args));
    const checked = validated instanceof Promise ? await abortable(validated, signal) : validated;
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

/** A call that is to be executed. */
export interface Execution {
  readonly run: RunHandle;
  readonly tool: Tool;
  readonly call: ToolCall;
  readonly args: unknown;
  /** Aborted when the run is, and when another call of the turn asks a person. */
  readonly signal: AbortSignal;
  /** What people have answered this call so far. */
  readonly answers: readonly unknown[];
}

/**
 * Runs a tool's body. Never rejects, and never waits for a body that does not heed its signal.
 *
 * @returns How it ended, or what it asks a person.
 */
export async function executeTool(execution: Execution): Promise<ToolOutcome | Question> {
  const { run, tool, signal } = execution;
  if (signal.aborted) return stopped(run, 0);
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const timeoutMs = tool.timeoutMs ?? run.config.toolTimeoutMs;
  const timer = timeoutMs === null
    ? undefined
    : setTimeout(() => controller.abort(new ToolTimeoutError(tool.name, timeoutMs)), timeoutMs);

  const call = new CallInProgress(execution, controller);
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  try {
    const value = await abortable(call.body(), controller.signal);
    if (call.question !== null) return call.question;
    return told(tool, value, elapsed(), call.isTerminal());
  } catch (error) {
    if (call.question !== null) return call.question;
    if (signal.aborted) return stopped(run, elapsed());
    return failed(
      errorText(controller.signal.aborted ? controller.signal.reason : error),
      elapsed(),
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

/** What the body returned, as text; a failure if it cannot be told. */
function told(tool: Tool, value: unknown, durationMs: number, isTerminal: boolean): ToolOutcome {
  try {
    return succeeded(resultText(value), durationMs, isTerminal);
  } catch (error) {
    const reason = errorText(error);
    return failed(`ToolResultError: what ${tool.name} returned is no text: ${reason}`, durationMs);
  }
}

function stopped(run: RunHandle, durationMs: number): ToolOutcome {
  return run.signal.aborted ? cancelled(durationMs) : stoppedBySibling();
}

class CallInProgress {
  /** What the body asks a person; then nothing else that it does counts. */
  question: Question | null = null;
  readonly #execution: Execution;
  readonly #controller: AbortController;
  #asked = 0;
  #terminationPrevented = false;

  constructor(execution: Execution, controller: AbortController) {
    this.#execution = execution;
    this.#controller = controller;
  }

  // Async, so that a body that throws at once rejects like any other.
  async body(): Promise<unknown> {
    const { run, call, tool, args } = this.#execution;
    const execute = (inner?: Run) => tool.execute(args, this.#context(inner));
    // What the body publishes is part of the call: its span is the one that `agent.tool.started` opens.
    return await (run.busRun === undefined ? execute() : enterSpan(run.busRun, call.id, execute));
  }

  isTerminal(): boolean {
    const { run, tool } = this.#execution;
    return run.config.terminalTools.has(tool.name) && !this.#terminationPrevented;
  }

  #context(busRun: Run | undefined): ToolContext {
    const { run, call } = this.#execution;
    const { state } = run;
    return {
      toolName: call.name,
      toolCallId: call.id,
      agentId: state.agent_id,
      runId: state.run_id,
      iteration: state.iteration - 1,
      state,
      signal: this.#controller.signal,
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
    const { answers } = this.#execution;
    if (this.#asked < answers.length) return answers[this.#asked++] as Answer;
    this.question ??= readQuestion(request, metadata);
    // Also ends the wait for a body that catches what is thrown here.
    const signal = new InterruptSignal(this.question.question);
    this.#controller.abort(signal);
    throw signal;
  }
}
