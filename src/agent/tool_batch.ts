/** The tool calls of one turn: what is to be done about each, and what came of it. */

import { decide } from "./approval.ts";
import { blockCompletion, noteVerification } from "./completion.ts";
import { type AgentEvent, createEvent } from "./events.ts";
import type { HookFailure } from "./hooks/hook_chain.ts";
import type { Question } from "./interrupt.ts";
import { idempotencyKey } from "./idempotency.ts";
import { type Message, type ToolCall, toolMessage } from "./messages.ts";
import type { ModelResponse } from "./model/response.ts";
import type { RunHandle } from "./run_handle.ts";
import { executeWithHooks } from "./tool_attempts.ts";
import { checkArguments, type CheckedArguments } from "./tool_call.ts";
import {
  cancelled,
  cancelledByHook,
  contentFor,
  copied,
  failed,
  limited,
  stoppedBySibling,
  toExecution,
  type ToolOutcome,
} from "./tool_outcome.ts";
import { bounded } from "./tool_result.ts";
import { errorText } from "./tools/result_text.ts";
import { type Arguments, type PausedBatch, type PreparedCall, settled } from "./tool_plan.ts";
import type { ToolExecution } from "./state.ts";

/** The tool calls of one turn. */
export class ToolBatch {
  readonly run: RunHandle;
  readonly response: ModelResponse;
  readonly prepared: PreparedCall[];
  readonly outcomes: (ToolOutcome | undefined)[];
  /** The call that asks a person, if one does. */
  asking: { readonly index: number; readonly question: Question } | null = null;
  /** What a hook threw that is to end the run, once the calls that have begun are complete. */
  failure: HookFailure = null;
  #checked: CheckedArguments = { error: "cancelled" };
  readonly #firstByKey = new Map<string, number>();
  readonly #controller = new AbortController();
  readonly #abort = (): void => this.#controller.abort(this.run.signal.reason);

  constructor(run: RunHandle, response: ModelResponse, paused?: PausedBatch) {
    this.run = run;
    this.response = response;
    this.prepared = [...paused?.prepared ?? []];
    this.outcomes = [...paused?.outcomes ?? []];
    if (run.signal.aborted) this.#abort();
    else run.signal.addEventListener("abort", this.#abort, { once: true });
  }

  get calls(): readonly ToolCall[] {
    return this.response.tool_calls;
  }

  /** Whether the run was cancelled, a call asks a person, or a hook failed: nothing new shall begin. */
  get stopped(): boolean {
    return this.#controller.signal.aborted || this.failure !== null || this.asking !== null;
  }

  /** Reads the next call. @returns Its `tool_start` event. */
  async prepare(): Promise<AgentEvent> {
    const call = this.calls[this.prepared.length]!;
    const checked = await this.#check(call, call.arguments);
    const args = "plain" in checked ? checked.plain : call.arguments;
    this.#checked = checked;
    // Until it is admitted, it is a call that was stopped before it was made.
    this.prepared.push({ call, args, plan: settled(cancelled()) });
    return createEvent("tool_start", {
      tool_name: call.name,
      tool_call_id: call.id,
      arguments: args,
    });
  }

  /** Asks the hooks about the call that was read last, and decides what is to be done. Never rejects. */
  async admit(): Promise<void> {
    const index = this.prepared.length - 1;
    const { call, args } = this.prepared[index]!;
    let input = call.arguments;
    let question: Question | null = null;
    try {
      const before = await this.run.hooks.beforeToolCall(call, args);
      const event = before?.event;
      question = before?.approval() ?? null;
      if (event?.cancelled) {
        const outcome = this.#limited(cancelledByHook(event.cancelReason ?? ""));
        this.prepared[index] = { call, args, plan: settled(outcome) };
        return;
      }
      if (event !== undefined && event.arguments !== args) {
        input = event.arguments;
        this.#checked = await this.#check(call, input, null);
      }
    } catch (error) {
      if (this.run.signal.aborted) return;
      this.failure ??= { error };
      this.prepared[index] = { call, args, plan: settled(failed(errorText(error))) };
      return;
    }
    const planned = this.#plan(call, index, input);
    const { plan } = planned;
    this.prepared[index] = question === null || plan.kind !== "execute"
      ? planned
      : { ...planned, plan: { kind: "approve", question, then: plan } };
  }

  /** Takes the answer to a call that needs a person's word. @returns Whether it was one. */
  decide(index: number, answer: unknown): boolean {
    const prepared = this.prepared[index]!;
    const { plan } = prepared;
    if (plan.kind !== "approve") return false;
    this.prepared[index] = { ...prepared, plan: decide(plan, answer) };
    return true;
  }

  /** Carries out what was decided. Never rejects; notes the outcome, unless the call asks a person. */
  async execute(index: number, answers: readonly unknown[] = []): Promise<void> {
    const { call, args, plan } = this.prepared[index]!;
    if (plan.kind === "settled") this.outcomes[index] = plan.outcome;
    if (plan.kind === "settled" || plan.kind === "copy") return;
    if (this.failure !== null) {
      this.outcomes[index] = cancelled();
      return;
    }
    if (plan.kind === "approve") {
      // Asks when the other calls are done, so nothing of them is stopped half-way.
      if (this.asking !== null) this.outcomes[index] = stoppedBySibling();
      else this.asking = { index, question: plan.question };
      return;
    }
    const { tool, value, input, key } = plan;
    const { run } = this;
    const { signal } = this.#controller;
    const { ended, failure } = await executeWithHooks({
      run,
      tool,
      call,
      args,
      value,
      signal,
      answers,
      // Made anew: the body may have changed what it got.
      renew: () => this.#check(call, input, null),
    });
    this.failure ??= failure;
    if ("question" in ended) {
      // The first one asks; a second one has lost, like any other sibling.
      if (this.asking !== null) this.outcomes[index] = stoppedBySibling();
      else {
        this.asking = { index, question: ended };
        this.#controller.abort(new DOMException("Another tool call asks a person", "AbortError"));
      }
      return;
    }
    const outcome = await bounded(run, tool, call, ended);
    if (key !== null && !outcome.cancelled) run.progress.idempotent.set(key, outcome);
    this.outcomes[index] = outcome;
  }

  /** Notes the outcome of a copy, once that of its original is known. */
  copy(index: number): void {
    const { plan } = this.prepared[index]!;
    if (plan.kind === "copy") {
      const original = this.outcomes[plan.of];
      this.outcomes[index] = original === undefined ? stoppedBySibling() : copied(original);
    }
  }

  /** The `tool_complete` event of a call whose outcome is known. */
  complete(index: number): AgentEvent {
    const { call } = this.prepared[index]!;
    const { result, error, duration_ms } = this.outcomes[index]!;
    this.run.progress.toolCalls++;
    noteVerification(this.run, call.name, this.outcomes[index]!);
    return createEvent("tool_complete", {
      tool_name: call.name,
      tool_call_id: call.id,
      result,
      error,
      duration_ms,
    });
  }

  /** Writes the outcomes into the run's state, in the order of the calls. */
  commit(): void {
    const { run } = this;
    const timestamp = new Date().toISOString();
    const executions: ToolExecution[] = [];
    const messages: Message[] = [];
    for (const [index, call] of this.calls.entries()) {
      // A call that was never begun, because the turn was stopped before it, has no outcome.
      const outcome = this.outcomes[index];
      if (outcome === undefined) continue;
      const args = this.prepared[index]?.args ?? call.arguments;
      executions.push(toExecution(call, args, outcome, timestamp));
      messages.push(toolMessage(call, contentFor(outcome), outcome.error !== null));
    }
    run.update({
      messages: [...run.state.messages, ...messages],
      tool_executions: [...run.state.tool_executions, ...executions],
    });
    run.terminalResult = this.outcomes.find((outcome) => outcome?.terminal)?.result ?? null;
  }

  /** Lets go of the run's signal, and of whatever still runs. */
  close(): void {
    this.run.signal.removeEventListener("abort", this.#abort);
    // Only if something is: making the reason of an abort is dear.
    if (this.prepared.some((_, index) => this.outcomes[index] === undefined)) {
      this.#controller.abort();
    }
  }

  /** Reads arguments. @param problem Why they could not even be read, if the model wrote them. */
  async #check(
    call: ToolCall,
    args: Arguments,
    problem: string | null = this.response.argumentErrors.get(call.id) ?? null,
  ): Promise<CheckedArguments> {
    const tool = this.run.tools.get(call.name);
    if (tool === undefined) return { error: `Unknown tool: ${call.name}` };
    return await checkArguments(tool, args, problem ?? undefined, this.#controller.signal);
  }

  #plan(call: ToolCall, index: number, input: Arguments): PreparedCall {
    const { run } = this;
    const checked = this.#checked;
    const tool = run.tools.get(call.name);
    if ("error" in checked || tool === undefined) {
      const error = "error" in checked ? checked.error : "";
      return { call, args: input, plan: settled(this.#limited(failed(error))) };
    }
    const { value, plain: args } = checked;
    const refusal = blockCompletion(run, call, this.prepared.slice(0, index));
    if (refusal !== null) return { call, args, plan: settled(this.#limited(refusal)) };
    if (!tool.idempotent) {
      return { call, args, plan: { kind: "execute", tool, value, input, key: null } };
    }

    const key = idempotencyKey(tool.name, args);
    const known = run.progress.idempotent.get(key);
    if (known !== undefined) return { call, args, plan: settled(copied(known)) };
    const first = this.#firstByKey.get(key);
    if (first !== undefined) return { call, args, plan: { kind: "copy", of: first } };
    this.#firstByKey.set(key, index);
    return { call, args, plan: { kind: "execute", tool, value, input, key } };
  }

  #limited(outcome: ToolOutcome): ToolOutcome {
    return limited(outcome, this.run.config.maxToolResultLength);
  }
}
