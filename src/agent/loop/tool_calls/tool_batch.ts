/** The tool calls of one turn, and what came of each. */

import {
  type AskingCall,
  type CallMemory,
  decide,
  type Execute,
  keyOf,
  type OpenCall,
  type PausedBatch,
  type PreparedCall,
  recordCalls,
  settled,
} from "./tool_plan.ts";
import { CallPlanner } from "./call_planner.ts";
import { type AgentEvent, toolComplete, toolStart } from "../../state/events.ts";
import type { Failure } from "../feature.ts";
import type { Question } from "../../tools/question.ts";
import type { ToolCall } from "../../state/messages.ts";
import type { ModelResponse } from "../../model/response.ts";
import type { SpanPlace } from "../../spans/tool_spans.ts";
import type { RunSegment } from "../run_segment.ts";
import { finish, type Steps } from "../../state/steps.ts";
import { executeTool } from "./tool_call.ts";
import {
  cancelled,
  copied,
  failed,
  limited,
  notExecuted,
  refused,
  replaced,
  type ToolOutcome,
} from "../../tools/outcome.ts";
import { errorText } from "../../state/texts.ts";
import { isUnstopped } from "../../tools/kept.ts";

export class ToolBatch {
  readonly run: RunSegment;
  readonly response: ModelResponse;
  readonly prepared: PreparedCall[];
  readonly outcomes: (ToolOutcome | undefined)[];
  /** What a hook threw that is to end the run, once the calls that have begun are complete. */
  failure: Failure = null;
  /** The calls that run; null once they were waited for: what has been done by the end of them has to be known. */
  running: Promise<unknown> | null = null;
  /** Whether it will go on when its question is answered. */
  isPaused = false;
  readonly #planner: CallPlanner;
  /** What is asked, by the index of the call, in the order in which it was. */
  readonly #questions = new Map<number, Question>();
  readonly #memories: CallMemory[] = [];
  readonly #completed = new Set<number>();
  readonly #controller = new AbortController();
  readonly #abort = (): void => this.#controller.abort(this.run.signal.reason);

  constructor(run: RunSegment, response: ModelResponse, paused?: PausedBatch) {
    this.run = run;
    this.response = response;
    this.prepared = [...paused?.prepared ?? []];
    this.outcomes = [...paused?.outcomes ?? []];
    for (const index of this.outcomes.keys()) {
      if (this.outcomes[index] !== undefined) this.#completed.add(index);
    }
    for (const { index, question, answers, kept, attempts = 0 } of paused?.open ?? []) {
      if (question !== null) this.#questions.set(index, question);
      this.#memories[index] = { answers: [...answers], value: kept, attempts };
    }
    this.#planner = new CallPlanner(run, response, this.#controller.signal);
    if (run.signal.aborted) this.#abort();
    else run.signal.addEventListener("abort", this.#abort, { once: true });
  }

  get isAsking(): boolean {
    return this.#questions.size > 0;
  }

  get calls(): readonly ToolCall[] {
    return this.response.tool_calls;
  }

  /** Whether the run was cancelled, a call asks a person, or a hook failed: nothing new shall begin. */
  get stopped(): boolean {
    return this.#controller.signal.aborted || this.failure !== null || this.isAsking;
  }

  /** The calls that have begun and have no outcome, in their order. */
  get open(): readonly number[] {
    return [...this.prepared.keys()].filter((index) => this.outcomes[index] === undefined);
  }

  /** Reads the next call. @returns Its `tool_start` event. */
  *prepare(): Steps<AgentEvent> {
    const prepared = yield* this.#planner.read(this.calls[this.prepared.length]!);
    this.prepared.push(prepared);
    return toolStart(prepared.call, prepared.args);
  }

  /** Decides what is to be done about the call that was read last. Never rejects. */
  *admit(): Steps<void> {
    const earlier = this.prepared.slice(0, -1);
    const prepared = this.prepared.at(-1)!;
    try {
      this.prepared[earlier.length] = yield* this.#planner.plan(prepared, earlier);
    } catch (error) {
      if (this.run.signal.aborted) return;
      this.failure ??= { error };
      this.prepared[earlier.length] = { ...prepared, plan: settled(failed(errorText(error))) };
    }
  }

  /** Goes on with the calls that waited, as spans. @param place Where they were. */
  reopen(calls: readonly OpenCall[], place: SpanPlace | null): void {
    for (const { index, spanId, attempts = 0 } of calls) {
      const prepared = this.prepared[index]!;
      const { call, args } = prepared;
      const span = this.run.span?.tools.reopen(call, args, place, spanId) ?? null;
      if (span !== null) span.attempt += attempts;
      this.prepared[index] = { ...prepared, span };
    }
  }

  /** Takes the answer to a call. It is the tool's own, unless it is what lets the tool be called. */
  answer({ index }: AskingCall, answer: unknown): void {
    const prepared = this.prepared[index]!;
    const { plan, span } = prepared;
    if (span !== null) this.run.span?.tools.tellAnswer(span, answer);
    this.#questions.delete(index);
    if (plan.kind === "approve") {
      this.prepared[index] = { ...prepared, plan: decide(plan, answer) };
    } else this.#memoryOf(index).answers.push(answer);
  }

  /** Carries out what was decided. Never rejects; notes the outcome, unless the call has to wait for a person. */
  async execute(index: number): Promise<void> {
    const prepared = this.prepared[index]!;
    const { plan } = prepared;
    if (plan.kind === "settled") return void (this.outcomes[index] = plan.outcome);
    if (plan.kind === "copy") {
      // That of one that waits is not known yet.
      const original = this.outcomes[plan.of];
      if (original !== undefined) this.outcomes[index] = copied(original);
      return;
    }
    if (this.failure !== null) return void (this.outcomes[index] = notExecuted());
    if (plan.kind === "approve") {
      // Asks when the other calls are done, so nothing of them is stopped half-way.
      this.#questions.set(index, plan.question);
      return;
    }
    const { run } = this;
    // Another call asks: this one is made when that is answered.
    if (this.#controller.signal.aborted && !run.signal.aborted) return;
    const { ended, failure } = await this.#executeReviewed(index, plan);
    this.failure ??= failure;
    if ("question" in ended) {
      this.#questions.set(index, ended);
      this.#controller.abort(new DOMException("Another tool call asks a person", "AbortError"));
      return;
    }
    let kept: ToolOutcome | null = null;
    for (const feature of run.features.keepResult) {
      kept ??= await feature.keepResult(run, prepared, ended);
    }
    this.outcomes[index] = kept ?? limited(ended, run.settings.maxToolResultLength);
  }

  complete(index: number): AgentEvent {
    const { run } = this;
    const prepared = this.prepared[index]!;
    const { call, plan } = prepared;
    const outcome = this.outcomes[index]!;
    this.#completed.add(index);
    run.counters.toolCalls++;
    for (const feature of run.features.toolCompleted) {
      feature.toolCompleted(run, prepared, outcome, keyOf(plan));
    }
    return toolComplete(call, outcome);
  }

  /**
   * Runs a tool's body, has its outcome reviewed by the features, and runs it again if they ask for it. Never rejects.
   *
   * @returns How it ended, or what it asks a person; and what ends the run.
   */
  async #executeReviewed(
    index: number,
    { tool, value, input }: Execute,
  ): Promise<{ ended: ToolOutcome | Question; failure: Failure }> {
    const { run } = this;
    const prepared = this.prepared[index]!;
    const { call, span } = prepared;
    const { signal } = isUnstopped(tool) ? run : this.#controller;
    const memory = this.#memoryOf(index);
    const breaker = run.settings.circuitBreaker;
    // No body ran: there is nothing to review.
    if (breaker?.isOpen(tool.name)) return { ended: refused(tool.name), failure: null };
    let args = value;
    for (let attempt = memory.attempts + 1;; attempt = ++memory.attempts + 1) {
      const ended = await executeTool({ run, tool, call, args, span, signal, memory });
      if ("question" in ended || ended.cancelled) return { ended, failure: null };
      breaker?.record(tool.name, ended.error === null);
      let outcome = ended;
      let retry = false;
      let failure: Failure = null;
      for (const feature of run.features.afterToolCall) {
        const pending = feature.afterToolCall(run, prepared, outcome, attempt);
        if (pending === null) continue;
        const reviewed = await pending;
        outcome = replaced(outcome, reviewed.value);
        retry ||= reviewed.retry;
        failure ??= reviewed.failure;
      }
      // What was not reviewed to its end is not shown.
      if (failure !== null && run.signal.aborted) {
        return { ended: cancelled(ended.duration_ms), failure: null };
      }
      const isLast = attempt > MAX_RETRIES || signal.aborted || failure !== null ||
        breaker?.isOpen(tool.name) === true;
      if (isLast || !retry) return { ended: outcome, failure };
      // Made anew: the body may have changed what it got.
      const again = await finish(this.#planner.check(call, input, null));
      if ("error" in again) return { ended: failed(again.error), failure: null };
      args = again.value;
      if (span !== null) span.attempt++;
    }
  }

  /** What has an outcome that was not told yet: first what was done, then what was stopped. */
  get untold(): readonly number[] {
    const untold = [...this.prepared.keys()].filter((index) =>
      this.outcomes[index] !== undefined && !this.#completed.has(index)
    );
    const wasStopped = (index: number) => Number(this.outcomes[index]!.cancelled);
    return untold.sort((a, b) => wasStopped(a) - wasStopped(b));
  }

  /** Nobody will be asked any more, and nothing that waits will be done. */
  withdraw(): void {
    for (const index of this.open) {
      const { answers, question } = this.#openCall(index);
      const hasBegun = question !== null || answers.length > 0;
      const isBody = this.prepared[index]!.plan.kind === "execute";
      this.outcomes[index] = hasBegun && isBody ? cancelled() : notExecuted();
    }
    this.#questions.clear();
  }

  /** What is needed to go on; null if nothing is asked. From then on the turn waits. */
  pause(): PausedBatch | null {
    const calls = this.open.map((index) => this.#openCall(index));
    const [first] = this.#questions.keys();
    const asking = calls.find((call): call is AskingCall => call.index === first);
    if (asking === undefined) return null;
    this.isPaused = true;
    const { response, prepared, outcomes } = this;
    const others = calls.filter((call) => call !== asking);
    return { response, prepared, outcomes, open: [asking, ...others] };
  }

  #openCall(index: number): OpenCall {
    const question = this.#questions.get(index) ?? null;
    const { value: kept, ...memory } = this.#memoryOf(index);
    return { index, question, kept, ...memory, spanId: this.prepared[index]!.span?.id ?? null };
  }

  #memoryOf(index: number): CallMemory {
    return this.#memories[index] ??= { value: undefined, answers: [], attempts: 0 };
  }

  #commit(): void {
    const { run } = this;
    const { messages, executions } = recordCalls(this.calls, this.prepared, this.outcomes);
    run.update({
      messages: [...run.state.messages, ...messages],
      tool_executions: [...run.state.tool_executions, ...executions],
    });
    run.terminalResult = this.outcomes.find((outcome) => outcome?.terminal)?.result ?? null;
  }

  /**
   * The only way out of the turn, however it ends: notes what was done, unless it waits for a person, and lets go of
   * the run's signal and of whatever still runs. If the consumer left while something runs, the run does it at its end:
   * a generator that is left cannot wait inside of another one.
   */
  close(): void {
    if (this.running !== null) return void (this.run.leftBatch = this);
    if (!this.isPaused) {
      this.withdraw();
      this.#commit();
    }
    this.run.signal.removeEventListener("abort", this.#abort);
    // Only if a call is still running: creating an abort reason is expensive.
    if (this.prepared.some((_, index) => this.outcomes[index] === undefined)) {
      this.#controller.abort();
    }
  }
}

const MAX_RETRIES = 3;
