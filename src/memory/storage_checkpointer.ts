import { checkCount, checkOptions, describe } from "../core/options.ts";
import { isRecord } from "../agent/json.ts";
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
import {
  quote,
  readIndex,
  readStoredSnapshot,
  writeIndex,
  writeSnapshot,
} from "./storage_index.ts";
import { checkpointKey, indexKey, threadKey } from "./storage_keys.ts";

/** What is used of a key-value storage: a `Storage` of `unstorage` has it, whatever its driver. */
export interface CheckpointStorage {
  /** The value of a key, as text or parsed as JSON; null if there is none. */
  getItem(key: string): unknown;
  /** Sets the value of a key. */
  setItem(key: string, value: string): unknown;
  /** Removes a key. */
  removeItem(key: string): unknown;
  /** All keys that begin with `base`. Used only to delete a whole thread. */
  getKeys(base: string): readonly string[] | Promise<readonly string[]>;
}

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
}

/**
 * Keeps checkpoints in any storage of `unstorage`: files, Redis, and what else it has drivers for.
 *
 * - **Threads** are kept until they are deleted; let them expire by the driver's own means (`ttl`).
 * - **At the same time:** what one checkpointer does with a thread happens one after the other. Between
 *   processes a storage has no locks: of two that save to one thread at once, both are kept if they are
 *   lucky, and in any case one, whole.
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
  checkOptions(OWNER, options, ["prefix", "maxCheckpoints", "backend"]);
  const { prefix = "locus:checkpoint", maxCheckpoints = 10, backend = "storage" } = options;
  for (const name of ["getItem", "setItem", "removeItem", "getKeys"] as const) {
    if (isRecord(storage) && typeof storage[name] === "function") continue;
    throw new TypeError(
      `${OWNER}: the storage must have ${name}(), as one of unstorage has; got ${
        describe(storage)
      }`,
    );
  }
  if (typeof prefix !== "string" || !PREFIX.test(prefix)) {
    throw new TypeError(
      `${OWNER}: "prefix" must be letters, digits, "_" and "-", in parts joined by ":", got ${
        describe(prefix)
      }`,
    );
  }
  if (typeof backend !== "string" || backend === "") {
    throw new TypeError(
      `${OWNER}: "backend" must be a string that is not empty, got ${describe(backend)}`,
    );
  }
  const limit = checkCount(OWNER, "maxCheckpoints", maxCheckpoints, 1);
  return new StorageCheckpointer(storage, prefix, limit, backend);
}

const OWNER = "storageCheckpointer()";
const PREFIX = /^[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)*$/;

class StorageCheckpointer implements Checkpointer {
  readonly backend: string;
  readonly #storage: CheckpointStorage;
  readonly #prefix: string;
  readonly #limit: number;
  // A storage has no transactions: the list of a thread's checkpoints is read, changed and written.
  readonly #inTurn = new InTurn();

  constructor(storage: CheckpointStorage, prefix: string, limit: number, backend: string) {
    this.#storage = storage;
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
      const checkpoints = await this.#list(thread, threadId);
      const info = checkpointId === undefined
        ? checkpoints[0]
        : checkpoints.find((info) => info.checkpoint_id === checkpointId);
      if (info === undefined) return null;
      const { checkpoint_id: id } = info;
      const stored = await this.#storage.getItem(checkpointKey(thread, id));
      return readStoredSnapshot(threadId, id, stored);
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
      async (thread) => (await this.#list(thread, threadId)).slice(0, limit),
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

  async #save(thread: string, draft: Draft): Promise<void> {
    const { checkpointId, threadId } = draft;
    const others = (await this.#list(thread, threadId))
      .filter((info) => info.checkpoint_id !== checkpointId);
    // In this order, whatever breaks off leaves no list with something that is not there.
    await this.#storage.setItem(checkpointKey(thread, checkpointId), writeSnapshot(draft));
    const kept = [toInfo(draft), ...others.slice(0, this.#limit - 1)];
    await this.#storage.setItem(indexKey(thread), writeIndex(threadId, kept));
    for (const { checkpoint_id: id } of others.slice(this.#limit - 1)) {
      await this.#storage.removeItem(checkpointKey(thread, id));
    }
  }

  async #deleteOne(thread: string, threadId: string, checkpointId: string): Promise<boolean> {
    const checkpoints = await this.#list(thread, threadId);
    const rest = checkpoints.filter((info) => info.checkpoint_id !== checkpointId);
    if (rest.length === checkpoints.length) return false;
    if (rest.length === 0) return await this.#deleteAll(thread);
    await this.#storage.setItem(indexKey(thread), writeIndex(threadId, rest));
    await this.#storage.removeItem(checkpointKey(thread, checkpointId));
    return true;
  }

  /** Removes whatever is there, also what no list names any more. */
  async #deleteAll(thread: string): Promise<boolean> {
    const keys = await this.#storage.getKeys(`${thread}:`);
    // Not every storage looks at the base that it is given.
    const own = keys.filter((key) => key.startsWith(`${thread}:`));
    for (const key of own) await this.#storage.removeItem(key);
    return own.length > 0;
  }

  async #list(thread: string, threadId: string): Promise<readonly CheckpointInfo[]> {
    return readIndex(threadId, await this.#storage.getItem(indexKey(thread)))?.checkpoints ?? [];
  }

  /** Does something with a thread, after all that was asked before. */
  async #on<T>(
    threadId: string,
    what: string,
    task: (thread: string) => Promise<T>,
  ): Promise<T> {
    const thread = await threadKey(this.#prefix, threadId);
    try {
      return await this.#inTurn.run(thread, () => task(thread));
    } catch (error) {
      if (error instanceof CheckpointError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new CheckpointError(
        "checkpoint_error",
        `Cannot ${what} ${quote(threadId)}: ${reason}`,
        error,
      );
    }
  }
}
