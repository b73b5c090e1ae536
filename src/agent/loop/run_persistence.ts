/** Where a run is while it does not run. */

import type { ConversationRecorder } from "../spans/conversation_recorder.ts";
import type { AgentSpan } from "../spans/agent_span.ts";
import type { SpanPlace } from "../spans/tool_spans.ts";
import type { AgentState } from "../state/state.ts";
import type { Feature } from "./feature.ts";
import type { PausedBatch } from "./tool_calls/tool_plan.ts";

/** What the loop counts for a run, beside its state. */
export interface RunCounters {
  elapsedMs: number;
  toolCalls: number;
  firstMessage: number;
  firstExecution: number;
}

export interface RunParts {
  readonly state: AgentState;
  readonly counters: RunCounters;
  readonly features: readonly Feature[];
}

/** A run that waits for a person. Its features wait with it. */
export interface PausedRun extends RunParts {
  readonly batch: PausedBatch;
  readonly waits: Waits;
  /** What its messages are published by; null if nobody asked for them, and in another process. */
  readonly recorder?: ConversationRecorder | null;
}

export interface Waits {
  /** In milliseconds of Unix time; null if it is not known. */
  readonly since: number | null;
  /** The span of the agent; null if nobody watched. */
  readonly place: SpanPlace | null;
}

/** Keeps one segment of a run, in a thread or in memory. What fails while it saves is reported, and the run goes on. */
export interface RunPersistence {
  /**
   * For a prompt: the conversation to go on from; null if there is none.
   *
   * @throws {ThreadBusyError} If another run of this process has the thread.
   * @throws {CheckpointError} If the thread cannot be read.
   */
  open(run: KeptRun): Promise<Conversation | null> | null;
  /**
   * For an answer: the run that waits for it, taken out so that nobody else goes on. If it cannot be had, it waits on.
   *
   * @throws {InterruptError} If no run waits for it, or this agent cannot go on with it.
   */
  takeUp(run: KeptRun): Promise<PausedRun>;
  /** The run that was taken up has its place on the bus again. */
  resumed(run: KeptRun): void;
  turnEnded(run: KeptRun): Promise<void> | void;
  /** Before anybody is told of the question. */
  pause(run: KeptRun, paused: PausedRun): Promise<void>;
  /** Saves what the run came to, and lets go of its thread. Must not throw. */
  close(run: KeptRun): Promise<void> | void;
}

/** A run as whoever keeps it sees it. */
export interface KeptRun {
  readonly signal: AbortSignal;
  readonly span: Pick<AgentSpan, "emit"> | null;
  parts(): RunParts;
}

export interface Conversation
  extends Pick<AgentState, "messages" | "tool_executions" | "metadata"> {
  /** What the features of the last run kept, by their names. @default {nothing} */
  readonly features?: Readonly<Record<string, unknown>>;
}
