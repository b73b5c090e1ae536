/** The tool calls of one turn, and what came of each. */

import {
  type AskingCall,
  Conversations,
  decide,
  type OpenCall,
  type PausedBatch,
  type Plan,
  type PreparedCall,
  recordCalls,
  settled,
} from "./tool_plan.ts";
import { CallPlanner } from "./call_planner.ts";
import { type AgentEvent, toolComplete, toolStart } from "../../state/events.ts";
import type { Failure } from "../feature.ts";
import type { ToolCall } from "../../state/messages.ts";
import type { ModelResponse } from "../../model/response.ts";
import type { SpanPlace } from "../../spans/tool_spans.ts";
import type { RunSegment } from "../run_segment.ts";
import { executeReviewed } from "./tool_attempts.ts";
import {
  cancelled,
  copied,
  failed,
  limited,
  notExecuted,
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
  /** Whether it will go on when its question is answered. */
  isPaused = false;
  readonly #planner: CallPlanner;
  readonly #people: Conversations;
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
    this.#people = new Conversations(paused);
    this.#planner = new CallPlanner(run, response, this.#controller.signal);
    if (run.signal.aborted) this.#abort();
    else run.signal.addEventListener("abort", this.#abort, { once: true });
  }

  get isAsking(): boolean {
    return this.#people.questions.size > 0;
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
  async prepare(): Promise<AgentEvent> {
    const prepared = await this.#planner.read(this.calls[this.prepared.length]!);
    this.prepared.push(prepared);
    return toolStart(prepared.call, prepared.args);
  }

  /** Decides what is to be done about the call that was read last. Never rejects. */
  async admit(): Promise<void> {
    const earlier = this.prepared.slice(0, -1);
    const prepared = this.prepared.at(-1)!;
    try {
      this.prepared[earlier.length] = await this.#planner.plan(prepared, earlier);
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
    this.#people.questions.delete(index);
    if (plan.kind === "approve") {
      this.prepared[index] = { ...prepared, plan: decide(plan, answer) };
    } else this.#people.addAnswer(index, answer);
  }

  /** Carries out what was decided. Never rejects; notes the outcome, unless the call has to wait for a person. */
  async execute(index: number): Promise<void> {
    const prepared = this.prepared[index]!;
    const { call, plan } = prepared;
    if (plan.kind === "settled") this.outcomes[index] = plan.outcome;
    if (plan.kind === "settled") return;
    if (plan.kind === "copy") {
      // That of one that waits is not known yet.
      const original = this.outcomes[plan.of];
      if (original !== undefined) this.outcomes[index] = copied(original);
      return;
    }
    if (this.failure !== null) {
      this.outcomes[index] = notExecuted();
      return;
    }
    if (plan.kind === "approve") {
      // Asks when the other calls are done, so nothing of them is stopped half-way.
      this.#people.questions.set(index, plan.question);
      return;
    }
    const { tool, value, input } = plan;
    const { run } = this;
    // Another call asks: this one is made when that is answered.
    if (this.#controller.signal.aborted && !run.signal.aborted) return;
    const { signal } = isUnstopped(tool) ? run : this.#controller;
    const { ended, failure } = await executeReviewed({
      run,
      tool,
      prepared,
      value,
      signal,
      answers: this.#people.answersTo(index),
      kept: this.#people.keptBy(index),
      // Made anew: the body may have changed what it got.
      renew: () => this.#planner.check(call, input, null),
    });
    this.failure ??= failure;
    if ("question" in ended) {
      this.#people.questions.set(index, ended);
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
    this.#people.questions.clear();
  }

  /** What is needed to go on; null if nothing is asked. From then on the turn waits. */
  pause(): PausedBatch | null {
    const open = this.#people.inOrder(this.open.map((index) => this.#openCall(index)));
    if (open === null) return null;
    this.isPaused = true;
    const { response, prepared, outcomes } = this;
    return { response, prepared, outcomes, open };
  }

  #openCall(index: number): OpenCall {
    return this.#people.openCall(index, this.prepared[index]!.span?.id ?? null);
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
   * the run's signal and of whatever still runs.
   */
  close(): void {
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

/** Under which the outcome of a call is shared; null if it is not. */
function keyOf(plan: Plan): string | null {
  return plan.kind === "execute" ? plan.key : plan.kind === "approve" ? plan.then.key : null;
}
