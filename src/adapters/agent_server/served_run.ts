import type { AgentResult } from "../../agent/result.ts";
import type { InterruptEvent } from "../../agent/state/events.ts";
import type { Refusal } from "../http/responses.ts";
import type { Principal } from "./access.ts";

/**
 * The result of a segment of a run. For a failure: the id to find its cause by, and the response if the segment could
 * not even start.
 */
export type Outcome =
  | { readonly result: AgentResult }
  | { readonly correlationId: string; readonly refusal: Refusal | null };

/** A run, or the part of it up to a question or from an answer on, while it is under way. */
export interface Segment {
  /** Settles when nothing is left to do. Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Cancels it; of no effect after its end. */
  cancel(reason: string): void;
}

/** One run, from its prompt over all questions to its end, as the server knows it. */
export class ServedRun {
  readonly id: string;
  readonly principal: Principal;
  /** The caller's own name for its thread; null if the run belongs to none. */
  readonly threadId: string | null;
  /** Running, waiting for a person, or over. */
  status: "running" | "paused" | "ended" = "running";
  /** The latest question; null if there was none since the last answer. */
  interrupt: InterruptEvent | null = null;
  /** Whether the last event of the segment is out, so that it will be over in a moment. */
  isFinishing = false;
  /** The correlation id of what the run failed with; null if it did not. */
  failure: string | null = null;
  /** When the status changed last, on the clock of `performance.now()`. */
  changedAt = 0;
  segment!: Segment;

  constructor(id: string, principal: Principal, threadId: string | null) {
    this.id = id;
    this.principal = principal;
    this.threadId = threadId;
  }

  /** What the agent calls the thread, so that no principal can name another's. */
  get storedThreadId(): string | null {
    return this.threadId === null ? null : storedThreadId(this.principal, this.threadId);
  }
}

/** The name that a principal's thread is kept under. */
export function storedThreadId(principal: Principal, threadId: string): string {
  return `${principal}:${threadId}`;
}
