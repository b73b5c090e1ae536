/** Names of threads and checkpoints as keys that every kind of storage keeps apart. */

import { sha256, toHex } from "../core/sha256.ts";

/**
 * The key of a thread, below which all of it is.
 *
 * Storages split keys at `:` and `/`, cut them at `?`, write them to disk as paths, and some disks do
 * not tell upper from lower case: only small letters, digits, `_` and `-` stay as they are.
 */
export async function threadKey(prefix: string, threadId: string): Promise<string> {
  // With a prefix of their own, names that file systems reserve (`con`) are names like any other.
  return `${prefix}:t-${await nameKey(threadId)}`;
}

/** A name of any length as a part of a key. */
export async function nameKey(name: string): Promise<string> {
  const escaped = escapeKey(name);
  if (escaped.length <= MAX_LENGTH) return escaped;
  // File systems take 255 bytes. Nothing that is escaped has a `~`, so the two cannot meet.
  return `${escaped.slice(0, KEPT_LENGTH)}~${toHex(await sha256(name))}`;
}

/** The key of what is known of a thread's checkpoints. */
export function indexKey(thread: string): string {
  return `${thread}:index`;
}

/** The key of one checkpoint of a thread. */
export function checkpointKey(thread: string, checkpointId: string): string {
  return `${thread}:c-${escapeKey(checkpointId)}`;
}

/** What the keys of a thread's records begin with. */
export function recordsKey(thread: string): string {
  return `${thread}:g-`;
}

/** What the keys of those begin with who want to take a checkpoint. Nothing that is escaped has a `~`. */
export function claimPrefix(thread: string, checkpointId: string): string {
  return `${thread}:q-${escapeKey(checkpointId)}~`;
}

const MAX_LENGTH = 160;
const KEPT_LENGTH = 40;

/** A text as a part of a key. */
export function escapeKey(name: string): string {
  return name.replace(/[^a-z0-9_-]/gu, (character) => {
    const bytes = new TextEncoder().encode(character);
    return toHex(bytes).replace(/../g, "=$&");
  });
}
