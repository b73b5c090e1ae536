/** What the tests of checkpointers share. */

import type fc from "../harness/support/property.ts";
import type { CheckpointStorage, Snapshot } from "../../src/memory/mod.ts";

/** A storage of texts, with each of its operations a turn later. */
export class MapStorage implements CheckpointStorage {
  readonly items = new Map<string, string>();

  async getItem(key: string): Promise<string | null> {
    await Promise.resolve();
    return this.items.get(key) ?? null;
  }

  async setItem(key: string, value: string): Promise<void> {
    await Promise.resolve();
    this.items.set(key, value);
  }

  async removeItem(key: string): Promise<void> {
    await Promise.resolve();
    this.items.delete(key);
  }

  async getKeys(base: string): Promise<string[]> {
    await Promise.resolve();
    return [...this.items.keys()].filter((key) => key.startsWith(base));
  }
}

/** A snapshot that holds a number. */
export function snapshotOf(n: number): Snapshot {
  return { kind: "graph", version: 1, data: { n } };
}

/** The same storage as another process sees it: each operation happens when the scheduler says. */
export function seenBy(scheduler: fc.Scheduler, storage: MapStorage): CheckpointStorage {
  const { items } = storage;
  const at = async <T>(operation: () => T): Promise<T> => {
    await scheduler.schedule(Promise.resolve());
    return operation();
  };
  return {
    getItem: (key) => at(() => items.get(key) ?? null),
    setItem: (key, value) => at(() => void items.set(key, value)),
    removeItem: (key) => at(() => void items.delete(key)),
    getKeys: (base) => at(() => [...items.keys()].filter((key) => key.startsWith(base))),
  };
}
