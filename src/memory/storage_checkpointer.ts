import { checkCount, checkFunction, checkOptions, describe } from "../core/options.ts";
import type {
  Checkpointer,
  CheckpointInfo,
  ListCheckpointsOptions,
  SaveOptions,
  Snapshot,
} from "./checkpointer.ts";
import {
  checkCheckpointId,
  checkThreadId,
  type Draft,
  readDraft,
  readLimit,
  toInfo,
} from "./checks.ts";
import { CheckpointError } from "./errors.ts";
import { InTurn } from "./in_turn.ts";
import type { RecordStore } from "./record_store.ts";
import { quote, readStoredSnapshot, writeSnapshot } from "./storage_index.ts";
import type { CheckpointStorage } from "./checkpoint_storage.ts";
import { CheckpointLists } from "./checkpoint_lists.ts";
import { takeOnce } from "./claim.ts";
import { checkPrefix, checkStorage } from "./storage_options.ts";
import { checkpointKey, claimPrefix, indexKey, recordsKey, threadKey } from "./storage_keys.ts";
import { storageRecords } from "./storage_records.ts";
import { isError } from "../runtime/realm.ts";

/** Options of {@linkcode storageCheckpointer}. */
export interface StorageCheckpointerOptions {
  /**
   * What all keys begin with: letters, digits, `_` and `-`, in parts joined by `:`.
   *
   * @default {"locus:checkpoint"}
   */
  prefix?: string;
  /** How many checkpoints of a thread it keeps; the oldest goes first. @default {10} */
  maxCheckpoints?: number;
  /** Name of the kind of store, for events. @default {"storage"} */
  backend?: string;
  /**
   * Sets a key that is not there, atomically; false if it is there. Redis has it as `SET NX`, a file system as the flag `wx`.
   *
   * @default {the storage's own `compareAndSet()`, or a claim beside the key, which needs no locks, but lists the thread's keys for each step of a graph}
   */
  create?: (key: string, value: string) => boolean | Promise<boolean>;
}

/**
 * Keeps checkpoints in any storage of `unstorage`: files, Redis, and what else it has drivers for.
 *
 * - **Threads** are kept until they are deleted; let them expire by the driver's own means (`ttl`).
 * - **At the same time:** what one checkpointer does with a thread happens one after the other. Between
 *   processes, a storage with `compareAndSet()` (`sqliteStorage()`) loses nothing, and lets exactly one answer a question. Any
 *   other has no locks: of two that save to one thread at once, both are kept if they are
 *   lucky, and in any case one, whole. Of several that answer a question, one goes on, if the storage shows a write to
 *   whoever reads after it, as files and Redis do; one that is eventually consistent does not. A process that is killed
 *   while it takes a question holds it for 30 seconds; clocks may differ by 20.
 * - **Costs:** a load reads two keys, a save reads one and writes two.
 * - **What is stored** is checked as it is read; what is not ours rejects with a
 *   {@linkcode CheckpointError}. It is not encrypted: it holds what was said, and what tools returned.
 *
 * @throws {TypeError} If the storage lacks a method, or an option is unknown or of the wrong type.
 * @throws {RangeError} If `maxCheckpoints` is not a whole number of at least 1.
 *
 * @example Conversations in files
 * ```ts ignore
 * import { Agent } from "@locus/core/agent";
 * import { storageCheckpointer } from "@locus/core/memory";
 * import { createStorage } from "unstorage";
 * import fs from "unstorage/drivers/fs";
 *
 * const storage = createStorage({ driver: fs({ base: "./conversations" }) });
 * const agent = new Agent({ model, checkpointer: storageCheckpointer(storage) });
 * await agent.invoke("Hello again", { threadId: "ada" });
 * ```
 *
 * @example Save and load
 * ```ts
 * import { storageCheckpointer } from "@locus/core/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const items = new Map<string, string>();
 * const checkpointer = storageCheckpointer({
 *   getItem: (key) => items.get(key) ?? null,
 *   setItem: (key, value) => items.set(key, value),
 *   removeItem: (key) => items.delete(key),
 *   getKeys: (base) => [...items.keys()].filter((key) => key.startsWith(base)),
 * });
 *
 * await checkpointer.save({ kind: "graph", version: 1, data: { step: 1 } }, "a/b:c");
 * assertEquals((await checkpointer.load("a/b:c"))?.data, { step: 1 });
 * assertEquals(await checkpointer.load("a/b"), null);
 * ```
 */
export function storageCheckpointer(
  storage: CheckpointStorage,
  options: StorageCheckpointerOptions = {},
): Checkpointer {
  checkOptions(OWNER, options, ["prefix", "maxCheckpoints", "backend", "create"]);
  const { prefix = "locus:checkpoint", maxCheckpoints = 10, backend = "storage" } = options;
  checkStorage(OWNER, storage);
  checkPrefix(OWNER, prefix);
  if (typeof backend !== "string" || backend === "") {
    throw new TypeError(
      `${OWNER}: "backend" must be a string that is not empty, got ${describe(backend)}`,
    );
  }
  const limit = checkCount(OWNER, "maxCheckpoints", maxCheckpoints, 1);
  checkFunction(OWNER, "create", options.create);
  return new StorageCheckpointer(storage, prefix, limit, backend, options.create);
}

const OWNER = "storageCheckpointer()";

class StorageCheckpointer implements Checkpointer {
  readonly backend: string;
  readonly #storage: CheckpointStorage;
  readonly #lists: CheckpointLists;
  readonly #prefix: string;
  readonly #limit: number;
  // A storage has no transactions: the list of a thread's checkpoints is read, changed and written.
  readonly #inTurn = new InTurn();

  readonly #create: StorageCheckpointerOptions["create"];

  constructor(
    storage: CheckpointStorage,
    prefix: string,
    limit: number,
    backend: string,
    create: StorageCheckpointerOptions["create"],
  ) {
    const set = storage.compareAndSet?.bind(storage);
    this.#create = create ?? (set && ((key, value) => set(key, null, value)));
    this.#storage = storage;
    this.#lists = new CheckpointLists(storage);
    this.#prefix = prefix;
    this.#limit = limit;
    this.backend = backend;
  }

  async save(snapshot: Snapshot, threadId: string, options?: SaveOptions): Promise<string> {
    const draft = readDraft("save()", snapshot, threadId, options);
    await this.#on(threadId, "save to", (thread) => this.#save(thread, draft));
    return draft.checkpointId;
  }

  async load(threadId: string, checkpointId?: string): Promise<Snapshot | null> {
    checkThreadId("load()", threadId);
    if (checkpointId !== undefined) checkCheckpointId("load()", checkpointId);
    return await this.#on(threadId, "load", async (thread) => {
      for (let missing: string | null = null;;) {
        const checkpoints = await this.#lists.read(thread, threadId);
        const info = checkpointId === undefined
          ? checkpoints[0]
          : checkpoints.find((info) => info.checkpoint_id === checkpointId);
        if (info === undefined) return null;
        const { checkpoint_id: id } = info;
        const stored = await this.#storage.getItem(checkpointKey(thread, id)) ?? null;
        // Another process may have taken it since the list was read; then the list says so now.
        if (stored !== null || id === missing) return readStoredSnapshot(threadId, id, stored);
        missing = id;
      }
    });
  }

  async listCheckpoints(
    threadId: string,
    options?: ListCheckpointsOptions,
  ): Promise<CheckpointInfo[]> {
    checkThreadId("listCheckpoints()", threadId);
    const limit = readLimit("listCheckpoints()", options);
    return await this.#on(
      threadId,
      "list",
      async (thread) => (await this.#lists.read(thread, threadId)).slice(0, limit),
    );
  }

  async delete(threadId: string, checkpointId?: string): Promise<boolean> {
    checkThreadId("delete()", threadId);
    if (checkpointId !== undefined) checkCheckpointId("delete()", checkpointId);
    return await this.#on(
      threadId,
      "delete from",
      (thread) =>
        checkpointId === undefined
          ? this.#deleteAll(thread)
          : this.#deleteOne(thread, threadId, checkpointId),
    );
  }

  async records(threadId: string): Promise<RecordStore> {
    checkThreadId("records()", threadId);
    return storageRecords(
      this.#storage,
      await threadKey(this.#prefix, threadId),
      this.#create,
      (task) => this.#on(threadId, "use records of", task),
    );
  }

  async #save(thread: string, draft: Draft): Promise<void> {
    const { checkpointId, threadId } = draft;
    // In this order, whatever breaks off leaves no list with something that is not there.
    await this.#storage.setItem(checkpointKey(thread, checkpointId), writeSnapshot(draft));
    let gone: readonly CheckpointInfo[] = [];
    await this.#lists.change(thread, threadId, (checkpoints) => {
      const others = without(checkpoints, checkpointId);
      gone = others.slice(this.#limit - 1);
      return [toInfo(draft), ...others.slice(0, this.#limit - 1)];
    });
    for (const { checkpoint_id: id } of gone) {
      await this.#storage.removeItem(checkpointKey(thread, id));
    }
  }

  async #deleteOne(thread: string, threadId: string, checkpointId: string): Promise<boolean> {
    const others = (checkpoints: readonly CheckpointInfo[]) => {
      const rest = without(checkpoints, checkpointId);
      return rest.length === checkpoints.length ? null : rest;
    };
    if (this.#storage.compareAndSet !== undefined) {
      const isTaken = await this.#lists.change(thread, threadId, others);
      if (isTaken) await this.#storage.removeItem(checkpointKey(thread, checkpointId));
      return isTaken;
    }
    const listed = async () => others(await this.#lists.read(thread, threadId));
    return await takeOnce(this.#storage, {
      thread,
      prefix: claimPrefix(thread, checkpointId),
      isThere: async () => await listed() !== null,
      take: async () => {
        const rest = await listed() ?? [];
        if (rest.length === 0) return void await this.#deleteAll(thread, recordsKey(thread));
        await this.#lists.change(thread, threadId, () => rest);
        await this.#storage.removeItem(checkpointKey(thread, checkpointId));
      },
    });
  }

  /**
   * Removes whatever is there, also what no list names any more.
   *
   * @param except What the keys begin with that stay.
   */
  async #deleteAll(thread: string, except?: string): Promise<boolean> {
    const keys = await this.#storage.getKeys(`${thread}:`);
    // Not every storage looks at the base that it is given.
    const own = keys.filter((key) =>
      key.startsWith(`${thread}:`) && (except === undefined || !key.startsWith(except))
    );
    // The list goes first: whoever wants a checkpoint of it has to see that it is gone.
    await this.#storage.removeItem(indexKey(thread));
    for (const key of own) await this.#storage.removeItem(key);
    return own.length > 0;
  }

  /** Does something with a thread, after all that was asked before. */
  async #on<T>(threadId: string, what: string, task: (thread: string) => Promise<T>): Promise<T> {
    const thread = await threadKey(this.#prefix, threadId);
    try {
      return await this.#inTurn.run(thread, () => task(thread));
    } catch (error) {
      if (error instanceof CheckpointError) throw error;
      const reason = isError(error) ? error.message : String(error);
      throw new CheckpointError(
        "checkpoint_error",
        `Cannot ${what} ${quote(threadId)}: ${reason}`,
        error,
      );
    }
  }
}

function without(checkpoints: readonly CheckpointInfo[], checkpointId: string): CheckpointInfo[] {
  return checkpoints.filter((info) => info.checkpoint_id !== checkpointId);
}
