/** Everything that belongs to one run and to no other: its state, its limits, its way to be stopped. */

import type { Run } from "../../core/run/run_context.ts";
import type { StopReason } from "../../events/stop_reason.ts";
import type { ConversationRecorder } from "../spans/conversation_recorder.ts";
import type { AgentSpan, Outcome, SpannedRun } from "../spans/agent_span.ts";
import { initialCounters, initialState, type RunSettings } from "./run_settings.ts";
import type {
  KeptRun,
  PausedRun,
  RunCounters,
  RunParts,
  RunPersistence,
} from "./run_persistence.ts";
import { type RunLook, TIME_IS_UP } from "./stop_checks.ts";
import { MAX_TIMER_MS } from "../../core/option_values.ts";
import {
  type Feature,
  type FeatureContext,
  type FeatureList,
  featureList,
  type SideQuestion,
} from "./feature.ts";
import { type CallingRun, callModel } from "./model_call.ts";
import { sideCall } from "./side_call.ts";
import type { Steps } from "../state/steps.ts";
import { type ResponseFormat, toPromptWithoutTools } from "../model/request.ts";
import type { ChatModel } from "../model/chat_model.ts";
import type { ModelResponse } from "../model/response.ts";
import {
  type AgentState,
  appendMessages,
  type ToolExecution,
  updateState,
} from "../state/state.ts";
import { type Message, systemMessage } from "../state/messages.ts";
import type { ReadPrompt } from "../state/read_prompt.ts";
import type { Tool } from "../tools/tool.ts";

/** What a segment of a run begins with: a prompt, or the answer to a run that waits. */
export type RunStart =
  | ReadPrompt
  /** Null if the run is in its thread. */
  | { readonly paused: PausedRun | null; readonly response: unknown };

/** What a run needs of the agent that it belongs to. */
export interface RunHome {
  readonly settings: RunSettings;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly persistence: RunPersistence;
  createFeatures(): readonly Feature[];
  /** Notes that a run is under way, by what stops it. @returns Forgets it. */
  register(stop: AbortController): () => void;
}

export interface RunRequest {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal | undefined;
  readonly streaming: boolean;
  /** Where its events are published. */
  readonly busRun: Run | undefined;
  /** Whether it looks for a run when its first event is asked for, if there is none before. */
  readonly findsRun: boolean;
  /** The conversation that it belongs to; null if that is not kept. */
  readonly threadId: string | null;
  /** Who gave the answer that it goes on with; null if nobody knows. */
  readonly answeredBy: string | null;
}

export interface SegmentEnd {
  readonly stop_reason: StopReason;
  readonly message: string | null;
  readonly error: string | null;
  readonly durationMs: number;
  readonly completed_at: string;
}

/** Tool calls that still run: they are waited for, and then closed. */
export interface LeftBatch {
  running: Promise<unknown> | null;
  close(): void;
}

type Culprit = "model" | "hook";

export class RunSegment implements FeatureContext, CallingRun, SpannedRun, KeptRun, RunLook {
  readonly settings: RunSettings;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly persistence: RunPersistence;
  features: FeatureList;
  readonly start: RunStart;
  readonly streaming: boolean;
  /** Where it publishes; undefined if nobody watches. */
  busRun: Run | undefined;
  /** What it publishes there, once it has begun. */
  span: AgentSpan | null = null;
  /** What publishes the messages of its model calls; null if nobody asks for them. */
  recorder: ConversationRecorder | null = null;
  /** How it ended, as the bus is told. */
  outcome: Outcome | null = null;
  /** Why the model stopped that answered last, in the AI SDK's word for it. */
  finishReason: string | null = null;
  readonly findsRun: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly threadId: string | null;
  readonly answeredBy: string | null;
  /** The turn that has begun and not ended; null while one waits for a person. */
  openTurn: number | null = null;
  counters: RunCounters = initialCounters();
  state: AgentState;
  /** The result text of a terminal tool that ended the latest turn. */
  terminalResult: string | null = null;
  ended: SegmentEnd | null = null;
  /** The tool calls of a turn that was left while they ran. */
  leftBatch: LeftBatch | null = null;
  /** Whether nothing of the segment is left to do. */
  isOver = false;
  readonly #controller = new AbortController();
  readonly #callerSignal: AbortSignal | undefined;
  readonly #register: RunHome["register"];
  #forget: () => void = () => {};
  #openedAt: number | null = null;
  #clock: ReturnType<typeof setTimeout> | undefined;
  #culprit: { readonly error: unknown; readonly kind: Culprit } | null = null;

  constructor(home: RunHome, start: RunStart, request: RunRequest) {
    this.settings = home.settings;
    this.tools = home.tools;
    this.persistence = home.persistence;
    this.#register = home.register;
    this.start = start;
    this.streaming = request.streaming;
    this.busRun = request.busRun;
    this.findsRun = request.findsRun;
    this.#callerSignal = request.signal;
    this.metadata = request.metadata;
    this.threadId = request.threadId;
    this.answeredBy = request.answeredBy;
    this.state = initialState(home.settings, request.metadata);
    this.features = NO_FEATURES;
    if ("prompt" in start) this.features = featureList(home.createFeatures());
    else if (start.paused !== null) this.takeUp(start.paused);
    // Only the thread knows which run it is.
    else this.update({ run_id: "" });
  }

  takeUp({ state, counters, features, recorder = null }: PausedRun): void {
    this.recorder = recorder;
    this.counters = { ...counters };
    this.features = featureList(features);
    this.state = updateState(state, {
      ...this.settings.limits,
      metadata: Object.freeze({ ...state.metadata, ...this.metadata }),
    });
    this.#startClock();
  }

  /** Aborted when the run is cancelled, its time is up, or its consumer leaves. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  open(): void {
    this.#openedAt = performance.now();
    this.#callerSignal?.addEventListener("abort", this.#onCallerAbort);
    if (this.#callerSignal?.aborted) this.#onCallerAbort();
    this.#forget = this.#register(this.#controller);
    this.#startClock();
  }

  /** Whatever it waits for then, the run ends when its time is up. */
  #startClock(): void {
    const { timeBudgetSeconds } = this.settings;
    if (timeBudgetSeconds === null || this.#openedAt === null) return;
    clearTimeout(this.#clock);
    const left = timeBudgetSeconds * 1000 - this.elapsedMs();
    // What is further away than timers reach is as good as no limit.
    if (left <= MAX_TIMER_MS) this.#clock = setTimeout(() => this.cancel(TIME_IS_UP), left);
  }

  /** Ends the segment: nothing of it is left running, and nothing holds it any more. */
  close(): void {
    this.#callerSignal?.removeEventListener("abort", this.#onCallerAbort);
    this.#forget();
    clearTimeout(this.#clock);
    // Clients that reject may leave their connection open until their signal says so.
    this.cancel(overReason ??= new DOMException("The run is over", "AbortError"));
  }

  /** The consumer of the events is gone: nobody will see what comes. */
  leave(): void {
    if (this.ended !== null) return;
    this.cancel(new DOMException("The consumer of the run left", "AbortError"));
  }

  cancel(reason: unknown): void {
    this.#controller.abort(reason);
  }

  elapsedMs(): number {
    const now = performance.now();
    return this.counters.elapsedMs + now - (this.#openedAt ?? now);
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
    const [before] = messages;
    const isReplaced = before?.role === "system" && before.metadata.is_given !== true;
    const rest = isReplaced ? messages.slice(1) : messages;
    // Providers refuse empty messages.
    const first = instructions === "" ? [] : [systemMessage(instructions)];
    this.update({ messages: [...first, ...rest] });
  }

  end(reason: StopReason, message: string | null, error: string | null = null): void {
    this.ended = {
      stop_reason: reason,
      message,
      error,
      durationMs: this.elapsedMs(),
      completed_at: new Date().toISOString(),
    };
  }

  blame(kind: Culprit, error: unknown): void {
    this.#culprit = { error, kind };
  }

  culpritOf(error: unknown): Culprit | "internal" {
    return this.#culprit?.error === error ? this.#culprit!.kind : "internal";
  }

  get isWaiting(): boolean {
    return this.ended?.stop_reason === "interrupted";
  }

  get executions(): readonly ToolExecution[] {
    return this.state.tool_executions.slice(this.counters.firstExecution);
  }

  get firstMessage(): number {
    return this.counters.firstMessage;
  }

  get prompt(): string | null {
    return "prompt" in this.start ? this.start.prompt : null;
  }

  parts(): RunParts {
    return { state: this.state, counters: this.counters, features: this.features.all };
  }

  get auxiliaryModel(): ChatModel {
    return this.settings.auxiliaryModel;
  }

  callModel(responseFormat?: ResponseFormat): Steps<ModelResponse> {
    return callModel(this, this.settings.model, {
      messages: this.state.messages,
      toPrompt: toPromptWithoutTools,
      responseFormat,
      isOptional: true,
    });
  }

  ask(model: ChatModel, question: SideQuestion, format?: ResponseFormat): Promise<string> {
    return sideCall(this, model, question, format);
  }

  blameHook(error: unknown): void {
    this.blame("hook", error);
  }

  readonly #onCallerAbort = (): void => this.cancel(this.#callerSignal?.reason);
}

// Until a run is taken out of its thread.
const NO_FEATURES = featureList([]);

// Shared by all runs: creating an error with a stack is expensive, and this one carries no details.
let overReason: DOMException | undefined;
