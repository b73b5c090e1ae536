import type { GlobalLog } from "../../core/log/global_log.ts";
import type { Reader } from "../../core/log/log_position.ts";
import { resumeAfter, startLive } from "../../core/log/reader_start.ts";
import type { RunLog } from "../../core/log/run_log.ts";
import type { Source } from "../../core/bus/sources.ts";
import { parseEventId } from "../../events/identifiers.ts";
import { type Deferred, deferred } from "../../runtime/deferred.ts";
import type { FedRunsOptions } from "./fed_runs.ts";
import { createFeedEntries, type FeedEntries, type Happened, restOf } from "./feed_entries.ts";
import type { OrderLog } from "./order_log.ts";
import { persist } from "./retry.ts";
import type { News, Notice, Place, Store } from "./store.ts";
import { createRoom, move } from "./waiting_room.ts";

export interface FeedOptions extends FedRunsOptions {
  readonly store: Store;
  /** The log of all runs; null while it has no reader. */
  readonly global: () => GlobalLog | null;
  readonly onFailure: (error: unknown) => void;
  readonly onBroken: (error: unknown) => void;
}

interface Newcomer {
  readonly room: RunLog;
  readonly after: string | null;
  readonly placed: Deferred<void>;
}

/**
 * Feeds the log of all runs, as long as it has readers, in the order of the store. The notices of all runs have an
 * order without holes. Where one does not go on from the one before, and whenever some may have been missed, the store
 * is asked what it has stored since; what it no longer knows is a gap of the run `*`.
 *
 * A reader that comes with a position from before the log waits until the log was filled with what is older, as far as
 * the store knows it and the log has room.
 */
export class AllRunsFeed {
  readonly #options: FeedOptions;
  readonly #entries: FeedEntries;
  readonly #readers: Set<Reader> = new Set();
  readonly #newcomers: Map<Reader, Newcomer> = new Map();
  #latest: Promise<void> = Promise.resolve();
  // What it feeds, and until when; null while it feeds nothing.
  #log: OrderLog | null = null;
  #ended = new AbortController();
  #opening: Deferred<void> = deferred();
  // Whether the log has begun at the place of the store.
  #isOpen = false;
  #isWatching = false;
  #isWorking = false;
  #asksAgain = false;
  // What was told and not fed yet.
  #early: Notice[] = [];

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#entries = createFeedEntries({
      ...options,
      ask: (attempt, signal) => this.#persist(signal, attempt),
      onOther: () => void (this.#asksAgain = true),
    });
  }

  source(source: Source<GlobalLog>, after: string | null): Source {
    this.#feed(source.log as OrderLog);
    const { start } = source;
    const leave = (reader: Reader) => {
      this.#readers.delete(reader);
      this.#newcomers.get(reader)?.placed.resolve();
      this.#newcomers.delete(reader);
      source.leave(reader);
      // The log may begin again: a reader that has left keeps its position.
      const left = createRoom("*", reader.position.cursor);
      move(reader, left, startLive(left));
    };
    const join = (reader: Reader) => {
      this.#readers.add(reader);
      source.join(reader);
    };
    if (this.#isOpen && (after === null || start.recovery === "exact")) {
      return {
        ...source,
        leave,
        join: (reader) => {
          this.#latest = Promise.resolve();
          join(reader);
        },
      };
    }
    const room = createRoom("*", after);
    const placed = deferred<void>();
    // A failure is reported as well.
    placed.promise.catch(() => {});
    return {
      log: room,
      start: startLive(room),
      leave,
      join: (reader) => {
        this.#latest = placed.promise;
        this.#newcomers.set(reader, { room, after, placed });
        join(reader);
        this.#work();
      },
    };
  }

  /**
   * Resolves when it is known where the reader that joined last starts; rejects if the first attempt to ask the store
   * failed.
   */
  get placed(): Promise<void> {
    return this.#latest;
  }

  /** Resolves when what is stored from now on will be fed to those who want it; null if it will. */
  get opened(): Promise<void> | null {
    return this.#log === null || this.#isOpen ? null : this.#opening.promise;
  }

  notice(notice: Notice): void {
    if (this.#log === null) return;
    if (this.#options.global() !== this.#log) return this.close("evicted");
    if (notice.last < notice.first && notice.span === undefined) return;
    this.#early.push(notice);
    // The store can say them again.
    if (this.#early.length > MAX_EARLY) this.missed();
    else this.#work();
  }

  /** Notices may have been missed. */
  missed(): void {
    if (this.#log === null) return;
    this.#early = [];
    this.#asksAgain = true;
    this.#work();
  }

  /** Feeds nothing more; readers that still wait for their place end. */
  close(how: "closed" | "evicted" | "rejected"): void {
    if (this.#log === null) return;
    this.#log = null;
    this.#ended.abort();
    this.#opening.resolve();
    for (const { room, placed } of this.#newcomers.values()) {
      room.end(how);
      placed.resolve();
    }
    this.#newcomers.clear();
    this.#readers.clear();
    this.#options.store.unwatchAll();
  }

  #feed(log: OrderLog): void {
    if (log === this.#log) return;
    this.close("evicted");
    this.#log = log;
    this.#ended = new AbortController();
    this.#opening = deferred();
    this.#isOpen = this.#isWatching = this.#isWorking = false;
    this.#early = [];
    this.#asksAgain = true;
  }

  #work(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    void this.#keepWorking(this.#log!, this.#ended.signal);
  }

  async #keepWorking(log: OrderLog, signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const [newcomer] = this.#newcomers;
        if (this.#asksAgain) await this.#ask(log, signal);
        else if (newcomer !== undefined) await this.#admit(log, newcomer, signal);
        else if (this.#early.length > 0) await this.#goOn(log, this.#takeEarly(log), signal);
        else break;
      }
    } catch (error) {
      if (!signal.aborted) {
        for (const { placed } of this.#newcomers.values()) placed.reject(error);
        this.#options.onBroken(error);
      }
    }
    if (!signal.aborted) this.#isWorking = false;
  }

  async #ask(log: OrderLog, signal: AbortSignal): Promise<void> {
    const { store } = this.#options;
    const news = await this.#persist(signal, async () => {
      if (!this.#isWatching) await store.watchAll();
      signal.throwIfAborted();
      this.#isWatching = true;
      this.#asksAgain = false;
      return await store.since(this.#isOpen ? log.place : null);
    });
    if (news === undefined || signal.aborted) return;
    const { place } = news;
    if (!this.#isOpen) {
      log.begin(place);
      this.#isOpen = true;
      return this.#opening.resolve();
    }
    // Numbers of another epoch are another store's, and so are those of one that fell back.
    const isOther = place.epoch !== log.epoch || place.order < log.head;
    if (isOther) this.#beginAnew(log, beginOf(news));
    const happened = isOther ? { ...news, losses: [] } : news;
    if (await this.#goOn(log, happened, signal)) log.advanceTo(place.order);
  }

  /** Feeds what happened; false if it could not, because the store has to be asked again. */
  async #goOn(log: OrderLog, happened: Happened, signal: AbortSignal): Promise<boolean> {
    const entries = await this.#entries(log.epoch, happened, signal);
    if (entries === undefined) return false;
    const from = log.head;
    for (const entry of entries) if (entry.order > from) log.append(entry);
    log.advanceTo(happened.notices.at(-1)?.span?.to ?? from);
    return true;
  }

  /** What was told, as far as it goes on from what was fed. */
  #takeEarly(log: OrderLog): Happened {
    const notices: Notice[] = [];
    let at = log.head;
    for (const notice of this.#early.splice(0)) {
      // Where it is in the order is not known before the store was asked.
      const { epoch, from, to } = notice.span ?? { epoch: "", from: Infinity, to: Infinity };
      const isOurs = log.epoch !== "" && log.epoch.startsWith(epoch);
      if (isOurs && to <= at) continue;
      if (!isOurs || from > at) {
        this.#asksAgain = true;
        break;
      }
      notices.push(notice);
      at = to;
    }
    return { notices, losses: [] };
  }

  /** Another order, or one that fell back: the readers go over to it, and are told. */
  #beginAnew(log: OrderLog, place: Place): void {
    const readers = Array.from(
      this.#readers,
      (reader) => [reader, reader.position.cursor] as const,
    );
    log.begin(place);
    for (const [reader, after] of readers) {
      if (this.#newcomers.has(reader)) continue;
      const cursor = log.head;
      move(reader, log, { cursor, recovery: "restarted", announce: "new_epoch", after });
    }
  }

  /** Gives a reader its place, and the log what this reader has missed. */
  async #admit(
    log: OrderLog,
    [reader, newcomer]: readonly [Reader, Newcomer],
    signal: AbortSignal,
  ): Promise<void> {
    const { after, room, placed } = newcomer;
    let start = after === null ? startLive(log) : resumeAfter(log, after);
    if (after !== null && start.recovery !== "exact") {
      const isWhole = await this.#fill(log, after, signal);
      // The order is another one, or has gone on: the store is asked first.
      if (isWhole === undefined || this.#newcomers.get(reader) !== newcomer) return;
      start = resumeAfter(log, after);
      if (!isWhole && start.recovery === "exact") start = { ...start, recovery: "gap" };
    }
    this.#newcomers.delete(reader);
    reader.position.started = start.recovery;
    move(reader, log, start);
    // Handlers wait for the log itself.
    room.end("evicted");
    placed.resolve();
  }

  /** Fills in what came after a position. Whether nothing of it is missing; undefined if it has to be tried again. */
  async #fill(log: OrderLog, after: string, signal: AbortSignal): Promise<boolean | undefined> {
    const { store } = this.#options;
    const position = parseEventId(after);
    const since = { epoch: position?.epoch ?? "-", order: position?.seq ?? 0 };
    const news = await this.#persist(signal, () => store.since(since));
    if (news === undefined || signal.aborted) return undefined;
    if (news.place.epoch !== log.epoch || news.place.order > log.head) {
      this.#asksAgain = true;
      if (news.place.epoch !== log.epoch || since.order > log.head) return undefined;
    }
    const from = since.epoch === log.epoch ? since.order : beginOf(news).order;
    if (from >= log.tail - 1) return true;
    const isOlder = ({ from }: { from: number }) => from < log.tail - 1;
    const older = await this.#entries(log.epoch, {
      notices: news.notices.filter(({ span }) => isOlder(span!)).map((one) => restOf(one, from)),
      losses: news.losses.filter(isOlder),
    }, signal);
    if (older === undefined) return undefined;
    const missing = older.filter(({ order }) => order > from && order < log.tail);
    // What is gone at the beginning is not held.
    const [first] = news.losses;
    const isGone = first !== undefined && first.from <= from;
    if (isGone) missing.shift();
    log.prepend(isGone ? Math.min(first.to, log.tail - 1) : from, missing);
    return !missing.some((entry) => entry.isHole);
  }

  #persist<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T | undefined> {
    const onFailure = (error: unknown) => {
      this.#options.onFailure(error);
      for (const { placed } of this.#newcomers.values()) placed.reject(error);
    };
    return persist(attempt, { signal, onFailure });
  }
}

// More than that is not held twice.
const MAX_EARLY = 1_000;

/** Where the order stood before all that is known of it. */
function beginOf({ place, notices }: News): Place {
  return { epoch: place.epoch, order: notices[0]?.span?.from ?? place.order };
}
