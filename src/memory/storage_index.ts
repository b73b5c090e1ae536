/** What is written into a storage, and how it is read back: nothing of it is trusted. */

import { isRecord } from "../core/json.ts";
import type { CheckpointInfo, Snapshot } from "./checkpointer.ts";
import { type Draft, isSnapshot } from "./checks.ts";
import { CheckpointError } from "./errors.ts";

/** What is known of a thread's checkpoints. */
export interface ThreadIndex {
  readonly version: 1;
  readonly thread_id: string;
  /** Newest first. */
  readonly checkpoints: readonly CheckpointInfo[];
}

/** The index of a thread, from what a storage holds; null if it holds nothing. */
export function readIndex(threadId: string, stored: unknown): ThreadIndex | null {
  if (stored === null || stored === undefined) return null;
  const index = parse(stored);
  const isIndex = isRecord(index) && index.version === 1 && index.thread_id === threadId &&
    Array.isArray(index.checkpoints) && index.checkpoints.every(isInfo);
  if (!isIndex) throw broken(threadId, "the list of its checkpoints");
  return index as Record<string, unknown> & ThreadIndex;
}

/** The text of an index. */
export function writeIndex(threadId: string, checkpoints: readonly CheckpointInfo[]): string {
  return JSON.stringify({ version: 1, thread_id: threadId, checkpoints } satisfies ThreadIndex);
}

/** A snapshot from what a storage holds. */
export function readStoredSnapshot(
  threadId: string,
  checkpointId: string,
  stored: unknown,
): Snapshot {
  if (stored === null || stored === undefined) {
    throw new CheckpointError(
      "checkpoint_not_found",
      `The storage has lost the checkpoint "${checkpointId}" of ${quote(threadId)}: ` +
        `it is listed, but not there`,
    );
  }
  const entry = parse(stored);
  const isEntry = isRecord(entry) && entry.thread_id === threadId &&
    entry.checkpoint_id === checkpointId && isSnapshot(entry.snapshot);
  if (!isEntry) throw broken(threadId, `its checkpoint "${checkpointId}"`);
  return entry.snapshot as Snapshot;
}

/** The text of a checkpoint. */
export function writeSnapshot({ checkpointId, threadId, snapshot }: Draft): string {
  const ids = JSON.stringify({ checkpoint_id: checkpointId, thread_id: threadId });
  // The snapshot is JSON already.
  return `${ids.slice(0, -1)},"snapshot":${snapshot}}`;
}

/** A thread's id as an error message shows it. */
export function quote(threadId: string): string {
  return `thread ${JSON.stringify(threadId.length > 64 ? `${threadId.slice(0, 64)}…` : threadId)}`;
}

/** Storages that know JSON hand out values, others the text. */
function parse(stored: unknown): unknown {
  if (typeof stored !== "string") return stored;
  try {
    return JSON.parse(stored);
  } catch {
    return undefined;
  }
}

function isInfo(value: unknown): value is CheckpointInfo {
  return isRecord(value) && typeof value.checkpoint_id === "string" &&
    typeof value.thread_id === "string" && typeof value.created_at === "string" &&
    (value.kind === "agent" || value.kind === "graph") && isRecord(value.metadata);
}

function broken(threadId: string, what: string): CheckpointError {
  return new CheckpointError(
    "checkpoint_serialization",
    `Cannot read ${quote(threadId)}: ${what} is stored in a form that is not ours; ` +
      `delete it, or repair the storage`,
  );
}
