/** An agent's state as a snapshot, and back. */

import { describe } from "../../core/options.ts";
import type { Snapshot } from "../../memory/checkpointer.ts";
import { CheckpointError } from "../../memory/errors.ts";
import { frozenCopy, isRecord } from "../json.ts";
import type { Progress } from "../run_handle.ts";
import type { AgentState } from "../state.ts";
import type { PausedBatch } from "../tool_plan.ts";
import { describeIssues } from "../tools/schema.ts";
import { fromStoredMessage, toStoredMessage } from "./stored_parts.ts";
import { type StoredBatch, type StoredProgress, type StoredRun, storedRun } from "./stored_run.ts";

/** What is saved of a run. */
export interface Saved {
  readonly state: AgentState;
  readonly progress: Progress;
  /** The turn that waits for a person. */
  readonly batch?: PausedBatch;
  /** Whether its question was answered, and the answer is being worked with. */
  readonly answered?: boolean;
}

/** The state of a run as plain JSON: bytes as base64, what JSON cannot carry as text. */
export function toSnapshot({ state, progress, batch, answered = false }: Saved): Snapshot {
  const run: StoredRun = {
    state: { ...state, messages: state.messages.map(toStoredMessage) },
    progress: toStoredProgress(progress),
    paused: batch === undefined ? null : { ...toStoredBatch(batch), answered },
  };
  return { kind: "agent", version: 1, data: frozenCopy(run) };
}

/**
 * Reads what a checkpointer has loaded: it may be broken, of a later version, or made by somebody else.
 *
 * @throws {CheckpointError} If it is not the state of an agent.
 */
export function fromSnapshot(snapshot: Snapshot, threadId: string): StoredRun {
  const { kind, version, data } = isRecord(snapshot) ? snapshot : {};
  if (kind !== "agent") {
    throw unreadable(threadId, `it holds no agent's state, its kind is ${describe(kind)}`);
  }
  if (version !== 1) {
    throw unreadable(threadId, `this version of Locus reads version 1, not ${describe(version)}`);
  }
  const read = storedRun.safeParse(data);
  if (!read.success) throw unreadable(threadId, describeIssues(read.error.issues.slice(0, 3)));
  const { state, ...rest } = frozenCopy(read.data) as StoredRun;
  const messages = Object.freeze(state.messages.map(fromStoredMessage));
  return { ...rest, state: Object.freeze({ ...state, messages }) };
}

function unreadable(threadId: string, why: string): CheckpointError {
  return new CheckpointError(
    "checkpoint_serialization",
    `Cannot read the thread ${describe(threadId)}: ${why}`,
  );
}

function toStoredProgress(progress: Progress): StoredProgress {
  return {
    elapsed_ms: progress.elapsedMs,
    tool_calls: progress.toolCalls,
    first_message: progress.firstMessage,
    first_execution: progress.firstExecution,
    grounding: progress.grounding,
    causes: progress.causes?.toJSON() ?? null,
    reflexion_evaluations: progress.reflexionEvaluations,
    unverified_write: progress.unverifiedWrite,
  };
}

function toStoredBatch(batch: PausedBatch): Omit<StoredBatch, "answered"> {
  const { response, prepared, outcomes, index, question, answers } = batch;
  const { content, reasoning, tool_calls } = response;
  const { args, plan } = prepared[index]!;
  return {
    response: { content, reasoning, tool_calls },
    arguments: prepared.map(({ args }) => args),
    outcomes: tool_calls.map((_, i) => outcomes[i] ?? null),
    index,
    input: plan.kind === "execute" ? plan.input : plan.kind === "approve" ? plan.then.input : args,
    approval: plan.kind === "approve",
    question,
    answers,
  };
}
