import { checkCount, checkOptions } from "../../core/options.ts";
import type { CheckpointStorage } from "../checkpoint_storage.ts";
import { InTurn } from "../in_turn.ts";
import { checkPrefix, checkStorage } from "../storage_options.ts";
import { type MemoryScope, readScope } from "./scope.ts";
import type { ScopedMemory } from "./scoped_memory.ts";
import { StoredMemory } from "./stored_memory.ts";

/** Options of {@linkcode longTermMemory}. Each bound is for one scope. */
export interface LongTermMemoryOptions {
  /** What all keys begin with: letters, digits, `_` and `-`, in parts joined by `:`. @default {"locus:memory"} */
  prefix?: string;
  /** How many items a scope remembers; those that were put longest ago go first. @default {200} */
  maxItems?: number;
  /** How many bytes of JSON they may be. @default {262_144} */
  maxBytes?: number;
  /** How long an item is remembered after it was last put, in milliseconds. @default {null: no limit} */
  maxAgeMs?: number | null;
}

/** What is remembered beyond a conversation, by whose it is. */
export interface LongTermMemory {
  /**
   * The memory of a user, of a thread, or of a namespace, or of several of them together. Nothing of it is reached by
   * another scope.
   *
   * @throws {TypeError} If a part is not a name, or none is given.
   */
  scope(scope: MemoryScope): ScopedMemory;
}

/**
 * Remembers facts beyond one conversation, in any storage of `unstorage`: files, Redis, and what else it has drivers for.
 *
 * - **Scopes** never meet: each has a key of its own, and what is stored says whose it is. Take the user's id from your own
 *   session, never from what a model or a client says.
 * - **Bounds** hold for each scope. What had to go is returned by `put()`.
 * - **At the same time:** changes of a scope happen one after the other, also between processes, if the storage shows a write to
 *   whoever reads after it, as files and Redis do.
 * - **Costs:** reading is one read. A change is a read and two writes, and a list of the scope's keys.
 * - **What is stored** is not encrypted.
 *
 * @throws {TypeError} If the storage lacks a method, or an option is unknown or of the wrong type.
 * @throws {RangeError} If a bound is not a whole number of at least 1.
 *
 * @example What one user likes
 * ```ts
 * import { longTermMemory } from "@locus/core/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const items = new Map<string, string>();
 * const memory = longTermMemory({
 *   getItem: (key) => items.get(key) ?? null,
 *   setItem: (key, value) => items.set(key, value),
 *   removeItem: (key) => items.delete(key),
 *   getKeys: (base) => [...items.keys()].filter((key) => key.startsWith(base)),
 * });
 *
 * await memory.scope({ user: "ann" }).put("tea", "green, no sugar");
 * const found = await memory.scope({ user: "ann" }).search("TEA");
 * assertEquals(found.map(({ value }) => value), ["green, no sugar"]);
 * assertEquals(await memory.scope({ user: "bob" }).get("tea"), null);
 * ```
 */
export function longTermMemory(
  storage: CheckpointStorage,
  options: LongTermMemoryOptions = {},
): LongTermMemory {
  checkOptions(OWNER, options, ["prefix", "maxItems", "maxBytes", "maxAgeMs"]);
  checkStorage(OWNER, storage);
  const prefix = checkPrefix(OWNER, options.prefix ?? "locus:memory");
  const { maxAgeMs = null } = options;
  const bounds = {
    maxItems: checkCount(OWNER, "maxItems", options.maxItems ?? 200, 1),
    maxBytes: checkCount(OWNER, "maxBytes", options.maxBytes ?? 262_144, 1),
    maxAgeMs: maxAgeMs === null ? null : checkCount(OWNER, "maxAgeMs", maxAgeMs, 1),
  };
  const inTurn = new InTurn();
  return {
    scope: (scope) =>
      new StoredMemory(readScope("scope()", scope), { storage, prefix, bounds, inTurn }),
  };
}

const OWNER = "longTermMemory()";
