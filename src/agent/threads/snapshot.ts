/** An agent's state as a snapshot, and back. */

import { describe } from "../../core/options.ts";
import type { Snapshot } from "../../memory/checkpointer.ts";
import { CheckpointError } from "../../memory/errors.ts";
import { frozenCopy, isRecord } from "../../core/json.ts";
import type { Feature } from "../loop/feature.ts";
import type { RunCounters, RunParts, Waits } from "../loop/run_persistence.ts";
import type { OpenCall, PausedBatch, PreparedCall } from "../loop/tool_calls/tool_plan.ts";
import { describeIssues } from "../../events/standard_schema.ts";
import { fromStoredMessage, toStoredMessage } from "./stored_parts.ts";
import {
  readStoredRun,
  type StoredBatch,
  type StoredCall,
  type StoredCounters,
  type StoredRun,
} from "./stored_run.ts";
import { fromVersion1 } from "./version_1.ts";

/** What is saved of a run. */
export interface Saved extends RunParts {
  /** The turn that waits for a person. */
  readonly batch?: PausedBatch;
  /** Where and since when it waits. */
  readonly waits?: Waits | null;
  /** Whether its question was answered, and the answer is being worked with. */
  readonly answered?: boolean;
}

/** The state of a run as plain JSON: bytes as base64, what JSON cannot carry as text. */
export function toSnapshot(
  { state, counters, features, batch, waits = null, answered = false }: Saved,
): Snapshot {
  const run: StoredRun = {
    state: { ...state, messages: state.messages.map(toStoredMessage) },
    counters: toStoredCounters(counters),
    features: toParts(features),
    paused: batch === undefined ? null : { ...toStoredBatch(batch), waits, answered },
  };
  return { kind: "agent", version: 2, data: frozenCopy(run) };
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
  if (version !== 1 && version !== 2) {
    throw unreadable(
      threadId,
      `this version of Locus reads the versions 1 and 2, not ${describe(version)}`,
    );
  }
  const read = readStoredRun(version === 1 ? fromVersion1(data) : data);
  if (read.issues !== undefined) {
    throw unreadable(threadId, describeIssues(read.issues.slice(0, 3)));
  }
  const { state, ...rest } = frozenCopy(read.value) as StoredRun;
  const messages = Object.freeze(state.messages.map(fromStoredMessage));
  return { ...rest, state: Object.freeze({ ...state, messages }) };
}

/** A thread that cannot be read. */
export function unreadable(threadId: string, why: string): CheckpointError {
  return new CheckpointError(
    "checkpoint_serialization",
    `Cannot read the thread ${describe(threadId)}: ${why}`,
  );
}

function toStoredCounters(counters: RunCounters): StoredCounters {
  return {
    elapsed_ms: counters.elapsedMs,
    tool_calls: counters.toolCalls,
    first_message: counters.firstMessage,
    first_execution: counters.firstExecution,
  };
}

function toParts(features: readonly Feature[]): Record<string, unknown> {
  const parts = features.map((feature) => [feature.name, feature.save?.()] as const);
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

function toStoredBatch(
  { response, prepared, outcomes, open }: PausedBatch,
): Omit<StoredBatch, "answered" | "waits"> {
  const { content, reasoning, tool_calls, argumentErrors } = response;
  const argument_errors = Object.fromEntries(argumentErrors);
  return {
    response: { content, reasoning, tool_calls, argument_errors },
    arguments: prepared.map(({ args }) => args),
    outcomes: tool_calls.map((_, i) => outcomes[i] ?? null),
    open: open.map((call) => toStoredCall(call, prepared[call.index]!)),
  };
}

function toStoredCall(
  { index, question, answers, kept, attempts = 0, spanId }: OpenCall,
  { args, plan }: PreparedCall,
): StoredCall {
  const execute = plan.kind === "approve" ? plan.then : plan.kind === "execute" ? plan : null;
  return {
    index,
    input: execute?.input ?? args,
    key: execute?.key ?? null,
    copy_of: plan.kind === "copy" ? plan.of : null,
    approval: plan.kind === "approve",
    question,
    answers,
    kept: kept ?? null,
    attempts,
    span_id: spanId,
  };
}
