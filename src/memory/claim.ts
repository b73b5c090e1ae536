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
 * A claim is a lease: whoever holds it renews it, so that one of a process that was killed is soon void. The clocks of the
 * processes may differ by as much as a claim lasts longer than its holder waits to renew it.
 *
 * @returns Whether it was taken by this call.
 * @throws {CheckpointError} If others keep trying, or if this process stood still while it held its claim, so that
 * another one may have taken it meanwhile.
 */
export async function takeOnce(
  storage: CheckpointStorage,
  { thread, prefix, isThere, take }: Claim,
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await delay(Math.random() * PAUSE_MS * attempt);
    if (!(await isThere())) return false;
    const own = `${prefix}${randomHex(16)}`;
    const lease = new Lease(storage, own);
    try {
      await lease.begin();
      if (await isAlone(storage, thread, prefix, own) && await isThere() && lease.isHeld) {
        await take();
        if (lease.isHeld) return true;
        throw new CheckpointError("checkpoint_error", "it took so long that another may have it");
      }
    } finally {
      // Only now: until it is gone, nobody else may think that they are alone.
      await lease.end();
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
    const since = Number(await storage.getItem(key) ?? NaN);
    if (!(Date.now() - since > LEASE_MS)) return false;
    // That of a process that was killed.
    await storage.removeItem(key);
  }
  return true;
}

/** A claim that is renewed as long as it is held. */
class Lease {
  readonly #storage: CheckpointStorage;
  readonly #key: string;
  #renewedAt = Date.now();
  #timer: ReturnType<typeof setInterval> | undefined;
  /** One write after the other: none may come after the claim was removed. */
  #writing: Promise<void> = Promise.resolve();

  constructor(storage: CheckpointStorage, key: string) {
    this.#storage = storage;
    this.#key = key;
  }

  /** False for good once it was not renewed in time: it was void then, and others did not have to wait for it. */
  get isHeld(): boolean {
    return Date.now() - this.#renewedAt <= LEASE_MS;
  }

  async begin(): Promise<void> {
    this.#timer = setInterval(() => {
      // One that fails is told by time.
      this.#writing = this.#writing.then(() => this.#renew()).catch(() => {});
    }, RENEW_MS);
    await this.#renew();
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.#storage.removeItem(this.#key);
  }

  async #renew(): Promise<void> {
    if (!this.isHeld) return;
    const now = Date.now();
    await this.#storage.setItem(this.#key, JSON.stringify(now));
    // Void in between if the write took too long.
    if (this.isHeld) this.#renewedAt = now;
  }
}

const ATTEMPTS = 30;
const PAUSE_MS = 10;
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
