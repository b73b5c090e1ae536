import { isRecord } from "../../core/options.ts";
import { escapeKey } from "../../memory/storage_keys.ts";
import type { RecordStore } from "../../memory/record_store.ts";
import { GraphError } from "../errors.ts";
import type { GraphRecord, Outcome } from "./record.ts";

/** A record that is made. */
export interface Appended {
  readonly record: GraphRecord;
  /** Its size as text. */
  readonly bytes: number;
  /** Resolves when it is stored. Rejects with a {@linkcode GraphError} if somebody else was first. */
  readonly stored: Promise<void>;
}

/** The records of a thread: numbered without a hole; the first process to create one wins. */
export class ThreadLog {
  readonly #store: RecordStore;
  readonly #threadId: string;
  readonly #keeps: number | undefined;
  /** Whether there may be no record 1 any more. */
  #isPruned: boolean;
  /** The oldest record. */
  #floor = 1;
  #head = 0;
  // Records of graphs that run side by side are stored one after the other.
  #stored: Promise<unknown> = Promise.resolve();
  #pending: Record<string, Outcome> | null = null;
  #flushed: Promise<unknown> = Promise.resolve();
  #parts = 0;
  /** What may go when the outermost step is saved. */
  #passing: string[] = [];

  /** @param keeps How many records of the outermost graph are kept; undefined: all. */
  constructor(store: RecordStore, threadId: string, keeps?: number) {
    this.#store = store;
    this.#threadId = threadId;
    this.#keeps = keeps;
    this.#isPruned = keeps !== undefined;
  }

  /** Whether old records are removed. */
  get prunes(): boolean {
    return this.#keeps !== undefined;
  }

  /** The number of the newest record; 0 if there is none. */
  get head(): number {
    return this.#head;
  }

  /** Finds the newest record: in steps that double, then by halves. */
  async open(): Promise<this> {
    const has = async (seq: number) => await this.#store.get(recordKey(seq)) !== null;
    if (!await has(1)) {
      const seqs = (await this.#store.keys(recordKey(""))).map((key) => Number(key.slice(2)));
      this.#isPruned ||= seqs.length > 0;
      this.#head = Math.max(0, ...seqs);
      this.#floor = Math.min(this.#head + 1, ...seqs);
      return this;
    }
    let [low, high] = [1, 2];
    while (await has(high)) [low, high] = [high, high * 2];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (await has(middle)) low = middle;
      else high = middle;
    }
    this.#head = low;
    return this;
  }

  /**
   * Makes the next record. Its number is the lock: of several that make it, one goes on.
   *
   * @param sweeps Whether what was only needed until now goes when it is stored.
   * @param prunes Whether old records may go when it is stored.
   */
  append(make: (seq: number) => GraphRecord, sweeps: boolean, prunes: boolean): Appended {
    const record = make(this.#head + 1);
    const text = JSON.stringify(record);
    this.#head++;
    const swept = sweeps ? this.#passing.splice(0) : [];
    // What comes after one that failed fails, too: there are no holes.
    const stored = this.#stored.then(async () => {
      if (!await this.#claim(record.seq, text)) {
        throw new GraphError(
          "thread_conflict",
          `Somebody else went on with thread "${this.#threadId}" at checkpoint c${record.seq}`,
        );
      }
      for (const key of swept) await this.#store.remove(key);
      if (prunes && record.base === 0 && this.#keeps !== undefined) {
        await this.#prune(record, this.#keeps);
      }
    });
    this.#stored = stored;
    stored.catch(() => {});
    return { record, bytes: text.length, stored };
  }

  /** Resolves when all that was made is stored. */
  stored(): Promise<unknown> {
    return this.#stored;
  }

  /** Reads a record. @throws {GraphError} If it is not there, or is something else. */
  async read(seq: number): Promise<GraphRecord> {
    const record = await this.find(seq);
    if (record !== null) return record;
    const where = `checkpoint c${seq} of thread "${this.#threadId}"`;
    throw new GraphError("no_checkpoint", `There is no ${where}`);
  }

  /** The same; null if it is not there. */
  async find(seq: number): Promise<GraphRecord | null> {
    const text = await this.#store.get(recordKey(seq));
    if (text === null) return null;
    const record = parse(text);
    if (isRecord(record) && record.v === 1 && record.seq === seq) {
      return record as object as GraphRecord;
    }
    throw new GraphError(
      "bad_record",
      `What is stored as checkpoint c${seq} of thread "${this.#threadId}" is not one of this version`,
    );
  }

  /** The newest record of the outermost graph; null for a new thread. */
  async latest(): Promise<GraphRecord | null> {
    if (this.#head === 0) return null;
    const record = await this.read(this.#head);
    if (record.ns === "") return record;
    // A thread that another one was to be copied to may end there.
    return record.root === 0 ? null : await this.read(record.root);
  }

  /** The newest record of a graph inside of a task; null if it has not begun. */
  async latestOf(ns: string): Promise<GraphRecord | null> {
    await this.#stored;
    // A task's number begins with the record that made it, so nothing before that can be of it.
    const from = Number.parseInt(ns.slice(1)) || 0;
    for (let seq = this.#head; seq > from; seq--) {
      const record = await this.read(seq);
      if (record.ns === ns) return record;
    }
    return null;
  }

  /** Keeps what a task came to until its step is saved. What ends in one turn is one write. */
  keep(seq: number, task: string, outcome: Outcome): Promise<unknown> {
    if (this.#pending === null) {
      const pending: Record<string, Outcome> = this.#pending = {};
      const write = async () => {
        await this.#stored;
        this.#pending = null;
        return this.#create(`p-${seq}-${this.#parts++}`, JSON.stringify(pending));
      };
      this.#flushed = this.#flushed.then(write);
    }
    this.#pending[task] = outcome;
    return this.#flushed;
  }

  /** What the tasks of a step came to before it was left. */
  async kept(seq: number): Promise<Record<string, Outcome>> {
    const all: Record<string, Outcome> = {};
    for (let nth = 0;; nth++) {
      const key = `p-${seq}-${nth}`;
      const text = await this.#store.get(key);
      if (text === null) {
        this.#parts = nth;
        return all;
      }
      this.#passing.push(key);
      Object.assign(all, parse(text));
    }
  }

  /** What `once` has stored; undefined if it has not. */
  async onceResult(task: string, key: string): Promise<{ value: unknown } | undefined> {
    const text = await this.#store.get(onceKey(task, key));
    if (text === null) return undefined;
    const stored = parse(text);
    return { value: isRecord(stored) ? stored.v : undefined };
  }

  /** Stores a result of `once`. */
  keepOnce(task: string, key: string, value: unknown): Promise<unknown> {
    return this.#create(onceKey(task, key), JSON.stringify({ key, v: value }));
  }

  /** The keys of `once` that a task has results of. */
  async onceKeys(task: string): Promise<string[]> {
    const keys = await this.#store.keys(onceKey(task, ""));
    this.#passing.push(...keys);
    const texts = await Promise.all(keys.map((key) => this.#store.get(key)));
    return texts.map((text) => text === null ? "" : String(Object(parse(text)).key)).sort();
  }

  /** Removes what neither the newest records of the outermost graph need nor what they are on top of. */
  async #prune(newest: GraphRecord, count: number): Promise<void> {
    let need = newest.low;
    let at = newest;
    for (let nth = 1; nth < count && at.parent > 0; nth++) {
      const before = await this.find(at.parent);
      if (before === null) break;
      at = before;
      need = Math.min(need, at.low);
    }
    // Oldest first: where a number is free, the one before it is free as well.
    for (; this.#floor < need; this.#floor++) await this.#store.remove(recordKey(this.#floor));
  }

  /** Creates a record. A number that is free as its record was removed is not taken: the one before it is gone, too. */
  async #claim(seq: number, text: string): Promise<boolean> {
    const key = recordKey(seq);
    if (!await this.#store.create(key, text)) return false;
    if (!this.#isPruned || seq === 1 || await this.#store.get(recordKey(seq - 1)) !== null) {
      return true;
    }
    await this.#store.remove(key);
    return false;
  }

  async #create(key: string, value: string): Promise<void> {
    this.#passing.push(key);
    await this.#store.create(key, value);
  }
}

const recordKey = (seq: number | "") => `r-${seq}`;
const onceKey = (task: string, key: string) => `o-${escapeKey(task)}-${escapeKey(key)}`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GraphError("bad_record", "What is stored is not JSON", error);
  }
}
