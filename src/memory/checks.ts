/** Checks of what a checkpointer is given, and of what it finds. */

import { isRecord } from "../core/json.ts";
import { checkCount, checkOptions, describe } from "../core/options.ts";
import { randomHex } from "../core/random_hex.ts";
import type {
  CheckpointInfo,
  ListCheckpointsOptions,
  SaveOptions,
  Snapshot,
} from "./checkpointer.ts";
import { CheckpointError } from "./errors.ts";

/** What a thread id must be, in words for an error message. */
export const THREAD_ID_RULE = "a string of 1 to 1024 characters, without half surrogate pairs";

/** Whether `value` can name a thread: {@linkcode THREAD_ID_RULE}. */
export function isThreadId(value: unknown): value is string {
  // Half a pair has no UTF-8 of its own: two different ids would become one key.
  return typeof value === "string" && value !== "" && value.length <= 1024 &&
    value.isWellFormed();
}

/** @throws {TypeError} If `value` cannot name a thread. */
export function checkThreadId(owner: string, value: unknown): string {
  if (isThreadId(value)) return value;
  throw new TypeError(`${owner}: "threadId" must be ${THREAD_ID_RULE}, got ${describe(value)}`);
}

/** @throws {TypeError} If `value` cannot name a checkpoint. */
export function checkCheckpointId(owner: string, value: unknown): string {
  if (typeof value === "string" && CHECKPOINT_ID.test(value)) return value;
  throw new TypeError(
    `${owner}: "checkpointId" must be 1 to 128 letters, digits, "_" and "-", got ${
      describe(value)
    }`,
  );
}

/** @throws {RangeError} If the limit is not a whole number of at least 1. */
export function readLimit(owner: string, options: ListCheckpointsOptions = {}): number {
  checkOptions(owner, options, ["limit"]);
  return checkCount(owner, "limit", options.limit ?? 10, 1);
}

/** A checkpoint that is about to be saved. */
export interface Draft {
  readonly checkpointId: string;
  readonly threadId: string;
  readonly kind: Snapshot["kind"];
  readonly createdAt: string;
  /** The snapshot as JSON. */
  readonly snapshot: string;
  /** The metadata as JSON. */
  readonly metadata: string;
}

/**
 * Reads the arguments of `save()`. As text: what the caller changes afterwards changes no checkpoint.
 *
 * @throws {TypeError} If an argument is of the wrong type, or an option unknown.
 * @throws {CheckpointError} If something cannot be written as JSON.
 */
export function readDraft(
  owner: string,
  snapshot: unknown,
  threadId: unknown,
  options: SaveOptions = {},
): Draft {
  checkOptions(owner, options, ["checkpointId", "metadata"]);
  const { checkpointId = `cp_${randomHex(16)}`, metadata = {} } = options;
  if (!isRecord(metadata)) {
    throw new TypeError(`${owner}: "metadata" must be an object, got ${describe(metadata)}`);
  }
  if (!isSnapshot(snapshot)) {
    throw new TypeError(
      `${owner}: the snapshot must have the kind "agent" or "graph", the version 1 (or 2 for an agent) and data, ` +
        `got ${describe(snapshot)}`,
    );
  }
  const { kind, version, data } = snapshot;
  return {
    checkpointId: checkCheckpointId(owner, checkpointId),
    threadId: checkThreadId(owner, threadId),
    kind,
    createdAt: new Date().toISOString(),
    snapshot: toJson(`${owner}: the snapshot`, { kind, version, data }),
    metadata: toJson(`${owner}: "metadata"`, metadata),
  };
}

/** The summary of a checkpoint. */
export function toInfo(
  { checkpointId, threadId, kind, createdAt, metadata }: Draft,
): CheckpointInfo {
  return {
    checkpoint_id: checkpointId,
    thread_id: threadId,
    kind,
    created_at: createdAt,
    metadata: JSON.parse(metadata),
  };
}

/** Whether `value` has the form of a snapshot; its data is for its reader to check. */
export function isSnapshot(value: unknown): value is Snapshot {
  if (!isRecord(value) || value.data === undefined) return false;
  const { kind, version } = value;
  return (kind === "agent" && (version === 1 || version === 2)) ||
    (kind === "graph" && version === 1);
}

const CHECKPOINT_ID = /^[A-Za-z0-9_-]{1,128}$/;

function toJson(subject: string, value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new CheckpointError(
      "checkpoint_serialization",
      `${subject} cannot be written as JSON: ${(error as Error).message}`,
      error,
    );
  }
}
