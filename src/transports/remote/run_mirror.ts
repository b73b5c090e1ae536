import type { Recovery } from "../../core/bus.ts";
import type { LogEntry } from "../../core/event_log.ts";
import type { Reader } from "../../core/log_subscription.ts";
import { type ReaderStart, resumeAfter, startLive } from "../../core/reader_start.ts";
import type { RunLog } from "../../core/run_log.ts";
import type { RunStore } from "../../core/run_store.ts";
import { backoffMs, pause } from "./retry.ts";
import type { Notice, Page, Store } from "./store.ts";
import { HoleEntry, toEntry } from "./stored_entry.ts";

/** What a mirror shares with the others of its bus. */
export interface MirrorOptions {
  readonly store: Store;
  readonly runs: RunStore;
  readonly maxEventBytes: number;
  /** Told of what the store held that is no event. */
  readonly onPoison: (runId: string, seq: number) => void;
  /** Told of every failure to reach the store. */
  readonly onFailure: (error: unknown) => void;
  /** Called when nobody reads it any more. */
  readonly onUnused: (mirror: RunMirror) => void;
}

/**
 * A run of the store in an ordinary log of this process, as long as somebody here reads it: read from the store
 * once, for however many readers. It is told when something has happened, and then looks; nothing is polled.
 */
export class RunMirror {
  readonly runId: string;
  log: RunLog;
  /** Resolves when the log holds what the store does; rejects if the first attempt to look failed. */
  readonly opened: Promise<void>;

  readonly #options: MirrorOptions;
  // Who came before anything is known: where they start is found out then.
  #newcomers: Map<Reader, (log: RunLog) => ReaderStart> | null = new Map();
  readonly #ended = new AbortController();
  // What was told since it was read for the first time, before the answer was there.
  readonly #early: Set<Notice["kind"]> = new Set();
  #looking: Promise<void> | null = null;
  #lookAgain = false;

  constructor(runId: string, log: RunLog, options: MirrorOptions) {
    this.runId = runId;
    this.log = log;
    this.#options = options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.opened = promise;
    // Whoever does not ask is told by the reports.
    promise.catch(() => {});
    void this.#open(resolve, reject);
  }

  /** Whether it is known what the store holds. */
  get isOpen(): boolean {
    return this.#newcomers === null;
  }

  /** Where a reader that comes now starts. */
  startOf(start: (log: RunLog) => ReaderStart): ReaderStart {
    return this.isOpen ? start(this.log) : startLive(this.log);
  }

  join(reader: Reader, start: (log: RunLog) => ReaderStart): void {
    this.#options.runs.addReader(this.log, reader);
    this.#newcomers?.set(reader, start);
  }

  leave(reader: Reader): void {
    this.#newcomers?.delete(reader);
    this.#options.runs.removeReader(this.log, reader);
    if (this.log.readers.size > 0) return;
    this.#ended.abort();
    this.#options.store.unwatch(this.runId);
    if (!this.log.forgotten) this.#options.runs.drop(this.log);
    this.#options.onUnused(this);
  }

  /** Something happened to the run. */
  notice({ kind }: Pick<Notice, "kind">): void {
    if (!this.isOpen) return void this.#early.add(kind);
    if (kind === "changed") return this.#look();
    this.#clear();
    // Those who read a run that is forgotten find its end; whoever comes back is told.
    if (kind === "evicted") this.log.end("evicted");
    this.#wakeAll();
  }

  /** Resolves when it was tried once to find out what the store holds. Never rejects. */
  get settled(): Promise<void> {
    return this.opened.catch(() => {});
  }

  /** Resolves when the log holds what the store held when this was called. */
  async caughtUp(): Promise<void> {
    await this.settled;
    if (!this.isOpen) return;
    this.#look();
    await this.#looking;
  }

  /** Ends the readers, where they are. */
  end(): void {
    this.#ended.abort();
    this.log.end("evicted");
  }

  /** Notices may have been missed. */
  missed(): void {
    this.notice({ kind: "changed" });
  }

  async #open(resolve: () => void, reject: (error: unknown) => void): Promise<void> {
    const { store, onFailure } = this.#options;
    const { signal } = this.#ended;
    for (let failures = 0;; failures++) {
      try {
        await store.watch(this.runId);
        const page = await this.#readFirst();
        if (!signal.aborted) this.#begin(page);
        return resolve();
      } catch (error) {
        if (signal.aborted) return resolve();
        reject(error);
        onFailure(error);
        await pause(backoffMs(failures), signal);
      }
    }
  }

  async #readFirst(): Promise<Page | null> {
    let page: Page | null;
    do {
      this.#early.clear();
      page = await this.#options.store.read(this.runId, 0);
      // It may have been read before its events were forgotten.
    } while (this.#early.has("dropped") || this.#early.has("evicted"));
    return page;
  }

  #begin(page: Page | null): void {
    if (page !== null) {
      this.log.epoch = page.epoch;
      this.#take(page);
    }
    const newcomers = this.#newcomers!;
    this.#newcomers = null;
    for (const [reader, start] of newcomers) this.#place(reader, start(this.log));
    this.#wakeAll();
    if (this.#early.has("changed")) this.#look();
  }

  /** Looks what is new, and again if something happened meanwhile. */
  #look(): void {
    this.#lookAgain = true;
    this.#looking ??= this.#keepLooking();
  }

  async #keepLooking(): Promise<void> {
    const { store, onFailure } = this.#options;
    const { signal } = this.#ended;
    for (let failures = 0; this.#lookAgain && !signal.aborted;) {
      this.#lookAgain = false;
      try {
        const page = await store.read(this.runId, this.log.head);
        if (page !== null && !signal.aborted) this.#follow(page);
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        onFailure(error);
        this.#lookAgain = true;
        await pause(backoffMs(failures++), signal);
      }
    }
    this.#looking = null;
  }

  #follow(page: Page): void {
    const { log } = this;
    if (log.head === 0 && log.ended === null) log.epoch = page.epoch;
    // A store that fell back to an older state numbers other events like ours.
    if (page.epoch === log.epoch && page.head >= log.head) {
      this.#take(page);
      // The log itself wakes nobody for what is gone.
      return this.#wakeAll();
    }
    this.#renew(page);
    // It was read from where the other one stood.
    this.#look();
  }

  /** Another incarnation of the run: the readers go over to it, and are told. */
  #renew(page: Page): void {
    const { runs } = this.#options;
    const readers = Array.from(this.log.readers, (reader) => ({
      reader,
      cursor: reader.position.eventId,
    }));
    this.log.readers.clear();
    runs.drop(this.log);
    this.log = runs.open(this.runId);
    this.log.epoch = page.epoch;
    for (const { reader, cursor } of readers) {
      runs.addReader(this.log, reader);
      reader.position.moveTo(this.log, resumeAfter(this.log, cursor));
    }
  }

  /** Adds what the log does not have. */
  #take({ head, closed, events }: Page): void {
    const { runs } = this.#options;
    for (const event of events) {
      const { seq } = event;
      if (seq <= this.log.head || seq > head) continue;
      if (seq > this.log.head + 1) this.#skipTo(seq - 1);
      runs.append(this.log, this.#entryOf(event));
    }
    if (head > this.log.head) this.#skipTo(head);
    if (closed) runs.close(this.log);
  }

  #entryOf(event: Page["events"][number]): LogEntry {
    const entry = toEntry(this.log, event, this.#options.maxEventBytes);
    if (entry !== null) return entry;
    this.#options.onPoison(this.runId, event.seq);
    return new HoleEntry(this.log, event.seq);
  }

  /** Events up to that number are gone: who has not taken those before gets them with the same gap. */
  #skipTo(position: number): void {
    this.#clear();
    this.log.head = position;
    this.log.tail = position + 1;
    this.log.evictedTo = position;
  }

  #clear(): void {
    this.#options.runs.bytes -= this.log.bytes;
    this.log.clear();
  }

  #place(reader: Reader, start: ReaderStart): void {
    reader.position.moveTo(this.log, start);
    if ("recovery" in reader) (reader as { recovery: Recovery }).recovery = start.recovery;
  }

  #wakeAll(): void {
    for (const { position } of this.log.readers) {
      this.log.unpark(position);
      position.wake();
    }
  }
}
