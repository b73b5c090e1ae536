import type { GlobalLog } from "../../core/global_log.ts";
import { RunLog } from "../../core/run_log.ts";
import { backoffMs, pause } from "./retry.ts";
import type { Notice, Page, Store, StoredEvent } from "./store.ts";
import { HoleEntry, toEntry } from "./stored_entry.ts";

/** What a feed needs of its bus. */
export interface FeedOptions {
  readonly store: Store;
  /** The log of all runs; null while nobody reads it. */
  readonly global: () => GlobalLog | null;
  readonly maxEventBytes: number;
  /** How many runs are remembered. */
  readonly maxRuns: number;
  readonly onPoison: (runId: string, seq: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/** How far a run was followed. */
interface Followed {
  /** Gives its entries their ids. It holds none: its `head` is the newest number that was fed. */
  log: RunLog;
  /** Whether the log has the run's epoch. */
  isKnown: boolean;
  /** Whether something happened since it was looked at. */
  isBehind: boolean;
  isLooking: boolean;
}

/**
 * Feeds the log of all runs, as long as somebody reads it: whenever something is published to any run, what came is
 * read from the store, once.
 */
export class AllRunsFeed {
  readonly #options: FeedOptions;
  // In the order in which something was last heard of them.
  readonly #runs: Map<string, Followed> = new Map();
  #opened: Promise<void> | null = null;
  #isWatching = false;
  #ended = new AbortController();

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Begins, if it has not; resolves when everything from now on will be fed. */
  open(): Promise<void> {
    return this.#opened ??= this.#watch();
  }

  /** Resolves when it feeds; null if nobody asked it to. */
  get opened(): Promise<void> | null {
    return this.#opened;
  }

  /** Whether it feeds whoever wants it to. */
  get isReady(): boolean {
    return this.#opened === null || this.#isWatching;
  }

  notice({ runId, kind, first }: Notice): void {
    if (this.#opened === null) return;
    if (this.#options.global() === null) return this.close();
    if (kind !== "changed") this.#runs.delete(runId);
    else if (first > 0 || this.#runs.has(runId)) this.#look(runId, first);
  }

  /** Notices may have been missed. */
  missed(): void {
    for (const runId of this.#runs.keys()) this.#look(runId, 0);
  }

  close(): void {
    if (this.#opened === null) return;
    this.#opened = null;
    this.#isWatching = false;
    this.#ended.abort();
    this.#ended = new AbortController();
    this.#runs.clear();
    this.#options.store.unwatchAll();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#ended;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#options.store.watchAll();
        this.#isWatching = !signal.aborted;
        return;
      } catch (error) {
        this.#options.onFailure(error);
        await pause(backoffMs(failures), signal);
      }
    }
  }

  #look(runId: string, first: number): void {
    const followed = this.#runs.get(runId) ?? createFollowed(runId, first);
    this.#runs.delete(runId);
    this.#runs.set(runId, followed);
    if (this.#runs.size > this.#options.maxRuns) {
      this.#runs.delete(this.#runs.keys().next().value!);
    }
    followed.isBehind = true;
    if (!followed.isLooking) void this.#keepLooking(followed);
  }

  async #keepLooking(followed: Followed): Promise<void> {
    const { store, onFailure } = this.#options;
    const { signal } = this.#ended;
    followed.isLooking = true;
    for (let failures = 0; followed.isBehind && !signal.aborted;) {
      followed.isBehind = false;
      try {
        const page = await store.read(followed.log.name, followed.log.head);
        if (page !== null && !signal.aborted) this.#feed(followed, page);
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        onFailure(error);
        followed.isBehind = true;
        await pause(backoffMs(failures++), signal);
      }
    }
    followed.isLooking = false;
  }

  #feed(followed: Followed, page: Page): void {
    if (!followed.isKnown) {
      followed.log.epoch = page.epoch;
      followed.isKnown = true;
    } else if (followed.log.epoch !== page.epoch) {
      // All of another incarnation is new; it was read from where the one before stood.
      Object.assign(followed, createFollowed(followed.log.name, 1), { isLooking: true });
      followed.isBehind = true;
      return;
    }
    for (const event of page.events) this.#feedEvent(followed.log, event);
    if (page.head > followed.log.head) this.#feedHole(followed.log, page.head);
  }

  #feedEvent(log: RunLog, event: StoredEvent): void {
    const { seq } = event;
    if (seq <= log.head) return;
    if (seq > log.head + 1) this.#feedHole(log, seq - 1);
    const entry = toEntry(log, event, this.#options.maxEventBytes);
    if (entry === null) this.#options.onPoison(log.name, seq);
    this.#options.global()?.append(entry ?? new HoleEntry(log, seq));
    log.head = seq;
  }

  #feedHole(log: RunLog, to: number): void {
    this.#options.global()?.append(new HoleEntry(log, log.head + 1, to));
    log.head = to;
  }
}

/** A run of which nothing was heard before the event of that number. */
function createFollowed(runId: string, first: number): Followed {
  const log = new RunLog(runId, 1);
  log.head = Math.max(0, first - 1);
  return { log, isKnown: false, isBehind: false, isLooking: false };
}
