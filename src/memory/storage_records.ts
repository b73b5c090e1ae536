/** The records of a thread in a storage, each under a key of its own. */

import type { CheckpointStorage } from "./checkpoint_storage.ts";
import { takeOnce } from "./claim.ts";
import type { RecordStore } from "./record_store.ts";
import { claimPrefix, recordsKey } from "./storage_keys.ts";

/**
 * @param thread What all keys of the thread begin with.
 * @param create Sets a key that is not there; undefined if the storage cannot, then a claim decides.
 * @param on Does something with the thread, after all that was asked before.
 */
export function storageRecords(
  storage: CheckpointStorage,
  thread: string,
  create: ((key: string, value: string) => boolean | Promise<boolean>) | undefined,
  on: <T>(task: () => Promise<T>) => Promise<T>,
): RecordStore {
  const base = recordsKey(thread);
  const get = async (key: string) => {
    const value = await storage.getItem(base + key);
    // A storage may have parsed what it has read.
    return value == null ? null : typeof value === "string" ? value : JSON.stringify(value);
  };
  const put = async (key: string, value: string) => {
    if (create !== undefined) return await create(base + key, value);
    return await takeOnce(storage, {
      thread,
      prefix: claimPrefix(thread, key),
      isThere: async () => await get(key) === null,
      take: async () => void await storage.setItem(base + key, value),
    });
  };
  return {
    get: (key) => on(() => get(key)),
    create: (key, value) => on(() => put(key, value)),
    remove: (key) => on(async () => void await storage.removeItem(base + key)),
    keys: (prefix) =>
      on(async () => {
        // A storage takes a base for a folder, so it cannot look for the beginning of a name.
        const keys = await storage.getKeys(`${thread}:`);
        const own = keys.filter((key) => key.startsWith(base + prefix));
        return own.map((key) => key.slice(base.length));
      }),
  };
}
