/** Everything that belongs to one run and to no other: its state, its limits, its way to be stopped. */

import type { Run } from "../core/run_context.ts";
import type { ActiveRuns } from "./active_runs.ts";
import { RunCheckpoints } from "./checkpoint/run_checkpoints.ts";
import { isSuccess, type StopReason } from "../events/stop_reason.ts";
import type { AgentConfig } from "./config.ts";
import { HookRunner } from "./hooks/hook_runner.ts";
import { initialProgress, initialState, limitsOf } from "./initial_state.ts";
import type { PausedBatch } from "./tool_plan.ts";
import type { ToolOutcome } from "./tool_outcome.ts";
import { CausalChain } from "./reasoning/causal/causal_chain.ts";
import type { GrowingChain } from "./reasoning/causal/growing_chain.ts";
import { type GsarOutcome, NOT_JUDGED } from "./reasoning/gsar/gsar.ts";
import type { GroundingReport } from "./reasoning/grounding_score.ts";
import { AgentResult, readMetrics } from "./result.ts";
import { type AgentState, appendMessages, updateState } from "./state.ts";
import { type Message, systemMessage } from "./messages.ts";
import type { PausedRuns } from "./interrupt.ts";
import type { Tool } from "./tools/tool.ts";

/** What a run carries from one segment to the next, beside its state. */
export interface Progress {
  /** Time spent so far, without waiting for a person. */
  elapsedMs: number;
  /** How many `tool_complete` events there were. */
  toolCalls: number;
  /** Where this run's messages begin in the conversation. */
  firstMessage: number;
  /** Where this run's tool calls begin in the list of executions. */
  firstExecution: number;
  /** Outcomes of idempotent tools, by name and canonical arguments. */
  readonly idempotent: Map<string, ToolOutcome>;
  /** What the latest check of an answer came to; null if there was none. */
  grounding:
    | Pick<GroundingReport, "score" | "ungrounded_claims"> & { readonly evaluations: number }
    | null;
  /** What brought about what; null until something was looked at. */
  causes: GrowingChain | null;
  /** How often the run was reflected on. */
  reflexionEvaluations: number;
  /** Work was written that no tool has checked since. */
  unverifiedWrite: boolean;
}

/** A run that waits for a person. */
export interface PausedRun {
  readonly state: AgentState;
  readonly progress: Progress;
  readonly batch: PausedBatch;
}

/** What a segment of a run begins with: a prompt, or the answer to a run that waits. */
export type RunStart =
  | { readonly prompt: string }
  | { readonly paused: PausedRun; readonly response: unknown }
  /** The run is in its thread; undefined means whatever is asked there. */
  | { readonly interruptId: string | undefined; readonly response: unknown };

/** What a run needs of the agent that it belongs to. */
export interface RunHome {
  readonly config: AgentConfig;
  /** The tools as they were when the run was called for. */
  readonly tools: ReadonlyMap<string, Tool>;
  readonly active: ActiveRuns;
  readonly paused: PausedRuns;
}

/** What a caller asks of one run. */
export interface RunRequest {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal | undefined;
  readonly streaming: boolean;
  /** Where its events are published. */
  readonly busRun: Run | undefined;
  /** The conversation that it belongs to; null if that is not kept. */
  readonly threadId: string | null;
}

/** One run, or one segment of it. */
export class RunHandle implements RunHome {
  readonly config: AgentConfig;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly active: ActiveRuns;
  readonly paused: PausedRuns;
  readonly start: RunStart;
  readonly streaming: boolean;
  readonly busRun: Run | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly threadId: string | null;
  /** Null if the agent has no checkpointer. */
  readonly checkpoints: RunCheckpoints | null;
  readonly hooks: HookRunner = new HookRunner(this);
  progress: Progress = initialProgress();
  state: AgentState;
  /** The result text of a terminal tool that ended the latest turn. */
  terminalResult: string | null = null;
  /** What its answer was read as, where the agent has an output schema. */
  output: Pick<AgentResult, "parsed" | "parse_error"> = { parsed: null, parse_error: null };
  /** What its answer was judged to be worth. */
  gsar: GsarOutcome = NOT_JUDGED;
  /** Set when the segment is over; null if its consumer left before. */
  result: AgentResult | null = null;
  #ending:
    | Pick<AgentResult, "stop_reason" | "error"> & {
      readonly message: string | null;
      readonly durationMs: number;
      readonly completed_at: string;
    }
    | null = null;
  readonly #controller = new AbortController();
  readonly #callerSignal: AbortSignal | undefined;
  #openedAt = 0;

  constructor(home: RunHome, start: RunStart, request: RunRequest) {
    this.config = home.config;
    this.tools = home.tools;
    this.active = home.active;
    this.paused = home.paused;
    this.start = start;
    this.streaming = request.streaming;
    this.busRun = request.busRun;
    this.#callerSignal = request.signal;
    this.metadata = request.metadata;
    this.threadId = request.threadId;
    const { checkpointer } = home.config;
    this.checkpoints = checkpointer === null
      ? null
      : new RunCheckpoints(this, checkpointer, request.threadId);
    this.state = initialState(home.config, request.metadata);
    if ("paused" in start) this.takeUp(start.paused);
    // Only the thread knows which run it is.
    if ("interruptId" in start) this.update({ run_id: "" });
  }

  /** Goes on with a run that waited for a person. */
  takeUp({ state, progress }: PausedRun): void {
    this.progress = { ...progress };
    this.state = updateState(state, {
      ...limitsOf(this.config),
      metadata: Object.freeze({ ...state.metadata, ...this.metadata }),
    });
  }

  /** Aborted when the run is cancelled, or its consumer leaves. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Begins the segment. */
  open(): void {
    this.#openedAt = performance.now();
    this.#callerSignal?.addEventListener("abort", this.#onCallerAbort);
    if (this.#callerSignal?.aborted) this.#onCallerAbort();
    this.active.add(this);
  }

  /** Ends the segment: nothing of it is left running, and nothing holds it any more. */
  close(): void {
    this.#callerSignal?.removeEventListener("abort", this.#onCallerAbort);
    this.active.delete(this);
    // Clients that reject may leave their connection open until their signal says so.
    this.cancel(overReason ??= new DOMException("The run is over", "AbortError"));
  }

  /** The consumer of the events is gone: nobody will see what comes. */
  leave(): void {
    if (this.#ending !== null) return;
    this.cancel(new DOMException("The consumer of the run left", "AbortError"));
  }

  /** Stops the run as soon as what it does can be left. */
  cancel(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Time spent in the run so far, in milliseconds. */
  elapsedMs(): number {
    return this.progress.elapsedMs + (performance.now() - this.#openedAt);
  }

  update(changes: Partial<AgentState>): void {
    this.state = updateState(this.state, changes);
  }

  append(...messages: Message[]): void {
    this.state = appendMessages(this.state, ...messages);
  }

  /** Puts the instructions in front, in the place of those of the thread's last run. */
  instruct(instructions: string): void {
    const { messages } = this.state;
    const rest = messages[0]?.role === "system" ? messages.slice(1) : messages;
    // Providers refuse empty messages.
    const first = instructions === "" ? [] : [systemMessage(instructions)];
    this.update({ messages: [...first, ...rest] });
  }

  /** Notes how the segment ended. */
  end(reason: StopReason, message: string | null, error: string | null = null): void {
    this.#ending = {
      stop_reason: reason,
      message,
      error,
      durationMs: this.elapsedMs(),
      completed_at: new Date().toISOString(),
    };
  }

  /** Whether the segment ended as it should. */
  get success(): boolean {
    return this.#ending !== null && isSuccess(this.#ending.stop_reason);
  }

  /** The text that the segment ended with. */
  get finalMessage(): string | null {
    return this.#ending?.message ?? null;
  }

  /** Puts the result together, if the segment came to its end. */
  conclude(): void {
    if (this.#ending === null) return;
    const { message, durationMs, ...ending } = this.#ending;
    this.result = new AgentResult({
      ...ending,
      ...this.output,
      grounding_score: this.progress.grounding?.score ?? null,
      ungrounded_claims: this.progress.grounding?.ungrounded_claims ?? [],
      ...this.gsar,
      causal_chain: this.config.causal === null ? null : this.#causalChain(),
      message: message ?? "",
      state: this.state,
      metrics: readMetrics(this.state, this.progress, durationMs),
      started_at: this.state.started_at,
    });
  }

  /** A copy: a run that waits for a person goes on with its own. */
  #causalChain(): CausalChain {
    const { causes } = this.progress;
    return causes === null ? new CausalChain() : CausalChain.fromJSON(causes.toJSON());
  }

  readonly #onCallerAbort = (): void => this.cancel(this.#callerSignal?.reason);
}

// One for all runs: with its stack it is dear, and it says nothing of any of them.
let overReason: DOMException | undefined;
