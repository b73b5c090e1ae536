import { checkOptions, readBounds } from "../core/options.ts";
import type {
  Checkpointer,
  CheckpointInfo,
  ListCheckpointsOptions,
  SaveOptions,
  Snapshot,
} from "./checkpointer.ts";
import { MapRecords, type RecordStore } from "./record_store.ts";
import {
  checkCheckpointId,
  checkThreadId,
  type Draft,
  readDraft,
  readLimit,
  toInfo,
} from "./checks.ts";

/** Options of a {@linkcode MemoryCheckpointer}. */
export interface MemoryCheckpointerOptions {
  /** How many threads it keeps; the one that was saved longest ago goes first. @default {1000} */
  maxThreads?: number;
  /** How many checkpoints of a thread it keeps; the oldest goes first. @default {10} */
  maxCheckpoints?: number;
}

/**
 * Keeps checkpoints in the memory of this process: for tests, and for conversations that need not
 * survive a restart.
 *
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If a number is not a whole one of at least 1.
 *
 * @example Two prompts of one conversation
 * ```ts
 * import { Agent } from "@locus/core/agent";
 * import { MemoryCheckpointer } from "@locus/core/memory";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * // In place of openai("gpt-5") and the like.
 * const model = scriptedModel(({ prompt }) => `I have read ${prompt.length} messages.`);
 * const agent = new Agent({ model, checkpointer: new MemoryCheckpointer() });
 * await agent.invoke("My name is Ada.", { threadId: "ada" });
 * await agent.invoke("What is my name?", { threadId: "ada" });
 *
 * const thread = await agent.thread("ada");
 * assertEquals(thread?.messages.map(({ content }) => content), [
 *   "You are a helpful AI assistant.",
 *   "My name is Ada.",
 *   "I have read 2 messages.",
 *   "What is my name?",
 *   "I have read 4 messages.",
 * ]);
 * ```
 */
export class MemoryCheckpointer implements Checkpointer {
  /** Name of the kind of store. */
  readonly backend = "memory";
  readonly #bounds: Required<MemoryCheckpointerOptions>;
  // Both in the order of saving, oldest first.
  readonly #threads = new Map<string, Map<string, Draft>>();
  readonly #records = new Map<string, MapRecords>();

  /** Makes an empty one. */
  constructor(options: MemoryCheckpointerOptions = {}) {
    const owner = "MemoryCheckpointer";
    checkOptions(owner, options, Object.keys(BOUNDS));
    this.#bounds = readBounds(owner, options, BOUNDS);
  }

  /** Saves a snapshot as the newest of the thread. */
  async save(snapshot: Snapshot, threadId: string, options?: SaveOptions): Promise<string> {
    const draft = readDraft("save()", snapshot, threadId, options);
    const thread = this.#threads.get(threadId) ?? new Map<string, Draft>();
    const { maxThreads, maxCheckpoints } = this.#bounds;
    setNewest(thread, draft.checkpointId, draft, maxCheckpoints);
    setNewest(this.#threads, threadId, thread, maxThreads);
    return await Promise.resolve(draft.checkpointId);
  }

  /** The newest snapshot of the thread, or the one of that id; null if there is none. */
  async load(threadId: string, checkpointId?: string): Promise<Snapshot | null> {
    const drafts = this.#newest("load()", threadId);
    if (checkpointId !== undefined) checkCheckpointId("load()", checkpointId);
    const draft = drafts.find((draft) =>
      (checkpointId ?? draft.checkpointId) === draft.checkpointId
    );
    return await Promise.resolve(draft === undefined ? null : JSON.parse(draft.snapshot));
  }

  /** The checkpoints of the thread, newest first. */
  async listCheckpoints(
    threadId: string,
    options?: ListCheckpointsOptions,
  ): Promise<CheckpointInfo[]> {
    const drafts = this.#newest("listCheckpoints()", threadId);
    const limit = readLimit("listCheckpoints()", options);
    return await Promise.resolve(drafts.slice(0, limit).map(toInfo));
  }

  /** Deletes the thread, or the one checkpoint of it. */
  async delete(threadId: string, checkpointId?: string): Promise<boolean> {
    checkThreadId("delete()", threadId);
    if (checkpointId !== undefined) checkCheckpointId("delete()", checkpointId);
    const thread = this.#threads.get(threadId);
    const deleted = checkpointId === undefined
      ? thread !== undefined
      : thread?.delete(checkpointId);
    if (checkpointId === undefined || thread?.size === 0) this.#threads.delete(threadId);
    const hadRecords = checkpointId === undefined && this.#records.delete(threadId);
    return await Promise.resolve(hadRecords || (deleted ?? false));
  }

  /** The records of the thread, which graphs are kept in. */
  async records(threadId: string): Promise<RecordStore> {
    const records = this.#records.get(checkThreadId("records()", threadId)) ?? new MapRecords();
    setNewest(this.#records, threadId, records, this.#bounds.maxThreads);
    return await Promise.resolve(records);
  }

  #newest(owner: string, threadId: string): Draft[] {
    return [...this.#threads.get(checkThreadId(owner, threadId))?.values() ?? []].reverse();
  }
}

const BOUNDS: Required<MemoryCheckpointerOptions> = { maxThreads: 1000, maxCheckpoints: 10 };

/** Sets an entry as the last one of a map, and makes room for it. */
function setNewest<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > limit) map.delete(map.keys().next().value!);
}
