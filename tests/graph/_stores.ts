/** What threads of graphs are stored in, with processes that die. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteStorage } from "@locus/core/transports/sqlite";
import {
  type Checkpointer,
  type CheckpointStorage,
  MemoryCheckpointer,
  storageCheckpointer,
} from "../../src/memory/mod.ts";
import { MapStorage } from "../memory/_support.ts";
import { makeFolder } from "../transports/sqlite/folder.ts";
import { fileStorage } from "./_process.ts";

/** A process that lives for so many operations of its storage: from then on none ever ends, and nothing is stored. */
export class Mortal {
  #left: number;
  readonly #died = Promise.withResolvers<null>();
  readonly #stored: (value: string) => void;

  /** @param stored Told each value that is new in the store. */
  constructor(operations: number | null, stored: (value: string) => void) {
    this.#left = operations ?? Infinity;
    this.#stored = stored;
  }

  get died(): Promise<null> {
    return this.#died.promise;
  }

  on<T>(operation: () => T): T | Promise<never> {
    if (this.#left-- > 0) return operation();
    this.#died.resolve(null);
    return new Promise<never>(() => {});
  }

  async create(value: string, operation: () => boolean | Promise<boolean>): Promise<boolean> {
    const isNew = await this.on(operation);
    if (isNew) this.#stored(value);
    return isNew;
  }
}

/** One store, as several processes see it. */
export interface Store {
  /** What a process has of it. */
  open(life: Mortal): Checkpointer;
  close?(): void | Promise<void>;
}

function memory(): Store {
  const shared = new MemoryCheckpointer();
  return {
    open(life) {
      const checkpointer = new MemoryCheckpointer();
      checkpointer.records = async (threadId) => {
        const records = await shared.records(threadId);
        return {
          create: (key, value) => life.create(value, () => records.create(key, value)),
          get: (key) => life.on(() => records.get(key)),
          remove: (key) => life.on(() => records.remove(key)),
          keys: (prefix) => life.on(() => records.keys(prefix)),
        };
      };
      return checkpointer;
    },
  };
}

interface CreatingStorage extends CheckpointStorage {
  create(key: string, value: string): boolean | Promise<boolean>;
}

/** Threads in a storage, each operation of which may be the last. */
function storedIn({ create, ...storage }: CreatingStorage, close?: Store["close"]): Store {
  return {
    close,
    open: (life) =>
      storageCheckpointer({
        getItem: (key) => life.on(() => storage.getItem(key)),
        setItem: (key, value) => life.on(() => storage.setItem(key, value)),
        removeItem: (key) => life.on(() => storage.removeItem(key)),
        getKeys: (base) => life.on(() => storage.getKeys(base)),
      }, { create: (key, value) => life.create(value, () => create(key, value)) }),
  };
}

/** Every store that is shipped, and files. */
export const STORES: Readonly<Record<string, () => Store>> = {
  memory,
  map() {
    const storage = new MapStorage();
    const { items } = storage;
    const create = (key: string, value: string) => !items.has(key) && !!items.set(key, value);
    return storedIn({
      create,
      getItem: (key) => storage.getItem(key),
      setItem: (key, value) => storage.setItem(key, value),
      removeItem: (key) => storage.removeItem(key),
      getKeys: (base) => storage.getKeys(base),
    });
  },
  files() {
    const folder = mkdtempSync(join(tmpdir(), "locus-deaths-"));
    return storedIn(fileStorage(folder), () => rmSync(folder, { recursive: true }));
  },
  sqlite() {
    const folder = makeFolder();
    const storage = sqliteStorage({ path: folder.file });
    return storedIn({
      create: (key, value) => storage.compareAndSet(key, null, value),
      getItem: (key) => storage.getItem(key),
      setItem: (key, value) => storage.setItem(key, value),
      removeItem: (key) => storage.removeItem(key),
      getKeys: (base) => storage.getKeys(base),
    }, async () => {
      await storage.dispose();
      folder.remove();
    });
  },
};
