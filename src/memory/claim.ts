/** Lets one of several processes take something, over a storage that has no locks. */

import { randomHex } from "../core/random_hex.ts";
import { delay } from "../core/waits.ts";
import { CheckpointError } from "./errors.ts";
import type { CheckpointStorage } from "./checkpoint_storage.ts";

/** What is to be taken. */
export interface Claim {
  /** What all keys of the thread begin with. */
  readonly thread: string;
  /** What the keys of the claims begin with. */
  readonly prefix: string;
  /** Whether it is still there. */
  isThere(): Promise<boolean>;
  /** Takes it: from then on it is not there. */
  take(): Promise<void>;
}

/**
 * Takes something, unless another process does or has done so. Of all that try, one gets true at most.
 *
 * Each writes a claim of its own, and goes on only if it then sees no other and what it wants is still there: of two, the
 * one that writes last sees the other's claim, or what came of it. If both see each other, both give up and try again, after
 * a while that is different for each. All that the storage has to do is show a write to whoever reads after it.
 *
 * @returns Whether it was taken by this call.
 */
export async function takeOnce(
  storage: CheckpointStorage,
  { thread, prefix, isThere, take }: Claim,
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await delay(Math.random() * PAUSE_MS * attempt);
    if (!(await isThere())) return false;
    const own = `${prefix}${randomHex(16)}`;
    await storage.setItem(own, JSON.stringify(Date.now()));
    try {
      if (await isAlone(storage, thread, prefix, own) && await isThere()) {
        await take();
        return true;
      }
    } finally {
      // Only now: until it is gone, nobody else may think that they are alone.
      await storage.removeItem(own);
    }
  }
  throw new CheckpointError("checkpoint_error", "others try the same at this moment");
}

async function isAlone(
  storage: CheckpointStorage,
  thread: string,
  prefix: string,
  own: string,
): Promise<boolean> {
  const keys = await storage.getKeys(`${thread}:`);
  for (const key of keys) {
    if (!key.startsWith(prefix) || key === own) continue;
    // A process that was killed leaves its claim behind.
    const since = Number(await storage.getItem(key) ?? NaN);
    if (!(Date.now() - since > STALE_MS)) return false;
  }
  return true;
}

const ATTEMPTS = 30;
const PAUSE_MS = 10;
const STALE_MS = 5 * 60_000;
