import { checkOptions, describe, isRecord } from "../../core/options.ts";
import { frozenCopy } from "../../core/json.ts";
import { toTimestamp } from "../../core/timestamp.ts";
import { isError } from "../../runtime/realm.ts";
import { isThreadId, readLimit, THREAD_ID_RULE } from "../checks.ts";
import type { CheckpointStorage } from "../checkpoint_storage.ts";
import { takeOnce } from "../claim.ts";
import { MemoryStoreError } from "../errors.ts";
import type { InTurn } from "../in_turn.ts";
import { readSettled } from "../read_settled.ts";
import {
  fresh,
  type MemoryBounds,
  type MemoryItem,
  readItems,
  withinBounds,
  writeItems,
} from "./items.ts";
import { type MemoryScope, scopeKey } from "./scope.ts";
import type { MemoryChange, ScopedMemory } from "./scoped_memory.ts";

/** Where it is stored. */
export interface MemoryHome {
  readonly storage: CheckpointStorage;
  readonly prefix: string;
  readonly bounds: MemoryBounds;
  // Within one process nobody has to try twice.
  readonly inTurn: InTurn;
}

type Change<T> = (items: readonly MemoryItem[]) => {
  readonly items: readonly MemoryItem[];
  readonly value: T;
};

/** The memory of one scope, in a storage. */
export class StoredMemory implements ScopedMemory {
  readonly scope: MemoryScope;
  readonly #home: MemoryHome;

  constructor(scope: MemoryScope, home: MemoryHome) {
    this.scope = scope;
    this.#home = home;
  }

  async put(
    key: string,
    value: unknown,
    options: { metadata?: Readonly<Record<string, unknown>> } = {},
  ): Promise<MemoryChange> {
    checkKey("put()", key);
    checkOptions("put()", options, ["metadata"]);
    const { metadata = {} } = options;
    if (!isRecord(metadata)) {
      throw new TypeError(`put(): "metadata" must be an object, got ${describe(metadata)}`);
    }
    if (value === undefined) throw new TypeError("put(): there is nothing to remember");
    const given = frozenCopy({ value, metadata }) as Pick<MemoryItem, "value" | "metadata">;
    return await this.#change((before) => {
      const now = toTimestamp(Date.now());
      const old = before.find((item) => item.key === key);
      const { created_at = now, version = 0 } = old ?? {};
      const item: MemoryItem = Object.freeze({
        key,
        ...given,
        created_at,
        updated_at: now,
        version: version + 1,
      });
      const all = [...before.filter((item) => item !== old), item];
      const items = withinBounds(fresh(all, this.#home.bounds), this.#home.bounds);
      const kept = new Set(items);
      const dropped = all.filter((item) => !kept.has(item)).map(({ key }) => key);
      return { items, value: { item, dropped } };
    });
  }

  async get(key: string): Promise<MemoryItem | null> {
    checkKey("get()", key);
    return (await this.#items()).find((item) => item.key === key) ?? null;
  }

  async list(options?: { limit?: number }): Promise<readonly MemoryItem[]> {
    const limit = readLimit("list()", options);
    return (await this.#items()).toReversed().slice(0, limit);
  }

  async search(query: string, options?: { limit?: number }): Promise<readonly MemoryItem[]> {
    const limit = readLimit("search()", options);
    if (typeof query !== "string") {
      throw new TypeError(`search(): expected a string, got ${describe(query)}`);
    }
    const words = query.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const found = (await this.#items()).toReversed().filter(({ key, value, metadata }) => {
      const text = JSON.stringify([key, value, metadata]).toLowerCase();
      return words.every((word) => text.includes(word));
    });
    return found.slice(0, limit);
  }

  async delete(key: string): Promise<boolean> {
    checkKey("delete()", key);
    return await this.#change((before) => {
      const items = before.filter((item) => item.key !== key);
      return { items, value: items.length < before.length };
    });
  }

  async clear(): Promise<void> {
    const { storage } = this.#home;
    await this.#alone("forget", async (folder) => {
      const keys = await storage.getKeys(`${folder}:`);
      for (const key of keys) {
        // Not every storage looks at the base that it is given. A claim is for whoever made it to remove.
        if (key.startsWith(`${folder}:`) && !key.includes(CLAIM)) await storage.removeItem(key);
      }
    });
  }

  #items(): Promise<readonly MemoryItem[]> {
    return this.#on("recall", async (folder) => fresh(await this.#read(folder), this.#home.bounds));
  }

  #read(folder: string): Promise<readonly MemoryItem[]> {
    const { storage } = this.#home;
    return readSettled(async () => readItems(await storage.getItem(itemsKey(folder)), this.scope));
  }

  #change<T>(change: Change<T>): Promise<T> {
    return this.#alone("change", async (folder) => {
      const { items, value } = change(await this.#read(folder));
      await this.#home.storage.setItem(itemsKey(folder), writeItems(items, this.scope));
      return value;
    });
  }

  /** Does something while nobody else changes the scope. */
  #alone<T>(what: string, task: (folder: string) => Promise<T>): Promise<T> {
    const { storage, inTurn } = this.#home;
    const work = async (folder: string) => {
      let done: { readonly value: T };
      await takeOnce(storage, {
        thread: `${folder}:m`,
        prefix: folder + CLAIM,
        isThere: () => Promise.resolve(true),
        take: async () => void (done = { value: await task(folder) }),
      });
      return done!.value;
    };
    return this.#on(what, (folder) => inTurn.run(folder, () => work(folder)));
  }

  async #on<T>(what: string, task: (folder: string) => Promise<T>): Promise<T> {
    const folder = await scopeKey(this.#home.prefix, this.scope);
    try {
      return await task(folder);
    } catch (error) {
      if (error instanceof MemoryStoreError) throw error;
      const reason = isError(error) ? error.message : String(error);
      const whose = JSON.stringify(this.scope);
      throw new MemoryStoreError(
        "store_error",
        `Cannot ${what} the memory of ${whose}: ${reason}`,
        error,
      );
    }
  }
}

const CLAIM = ":m:q~";

function itemsKey(folder: string): string {
  return `${folder}:m:items`;
}

/** @throws {TypeError} If it cannot name an item. */
function checkKey(owner: string, key: unknown): void {
  if (isThreadId(key)) return;
  throw new TypeError(`${owner}: "key" must be ${THREAD_ID_RULE}, got ${describe(key)}`);
}
