import type { SubscriptionEnd } from "../../core/bus/bus.ts";
import type { Reader } from "../../core/log/log_position.ts";
import { type ReaderStart, resumeAfterOrder, startLive } from "../../core/log/reader_start.ts";
import type { RunLog } from "../../core/log/run_log.ts";
import type { Source } from "../../core/bus/sources.ts";
import { type Deferred, deferred } from "../../runtime/deferred.ts";
import type { MirrorLog } from "./mirror_log.ts";
import { persist } from "./retry.ts";
import { type Answer, RunWatch } from "./run_watch.ts";
import type { Notice, Page, Place, Store } from "./store.ts";
import { takePage, type TakePageOptions } from "./take_page.ts";
import { createRoom, move, wake } from "./waiting_room.ts";

export interface MirrorOptions extends TakePageOptions {
  readonly store: Store;
  readonly onFailure: (error: unknown) => void;
  /** The epoch of the order of all runs, as far as it is known. */
  readonly orderEpoch: () => string;
  /** Told where the order of all runs stood when the run was read. */
  readonly onPlace: (place: Place) => void;
  /** Called when it holds what it was told of. */
  readonly onLooked: () => void;
  /** Called when it follows the run no longer; with the reason if it cannot. */
  readonly onOver: (mirror: RunMirror, error?: unknown) => void;
}

/** A reader whose start the store has to be asked for. */
interface Newcomer {
  /** It reads there meanwhile: nothing. */
  readonly room: RunLog;
  readonly start: (log: RunLog) => ReaderStart;
  /** Whether it comes with a position in the order of all runs. */
  readonly isOrdered: boolean;
  readonly placed: Deferred<void>;
  /** The order of all runs in which it was told that its position means nothing. */
  readonly toldIn?: string;
}

/**
 * A run of the store in an ordinary log of this process, as long as it has readers here: read from the store
 * once, for however many readers. It looks when it is told that something has happened; nothing is polled.
 *
 * Whatever this process remembers may be behind the store. So a reader that comes with an id which means nothing here
 * waits until the store was asked, and if the run begins again, all its earlier readers are told.
 */
export class RunMirror {
  readonly runId: string;
  log: MirrorLog;

  readonly #options: MirrorOptions;
  readonly #ended = new AbortController();
  readonly #newcomers: Map<Reader, Newcomer> = new Map();
  readonly #watch: RunWatch;
  readonly #settled: Deferred<void> = deferred();
  #isOpen = false;
  // The epoch of another incarnation that was found, and has to be read from its beginning.
  #other: string | null = null;
  // Its events were forgotten while it was read for the first time.
  #isOutdated = false;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  // Where the order of all runs stood when it was read last, and whether the store has to say exactly where it stands.
  #place: Place | null = null;
  #wantsPlace = false;
  // Where it stood when the store was first found to have nothing of the run.
  #absentAt: Place | null = null;
  #latest: Promise<void> = Promise.resolve();

  constructor(runId: string, log: MirrorLog, options: MirrorOptions) {
    this.runId = runId;
    this.log = log;
    log.isFilling = true;
    this.#options = options;
    this.#watch = new RunWatch(runId, options.store);
    this.#look();
  }

  /** Whether it is known what the store holds. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Resolves when it was tried once to find out what the store holds. Never rejects. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Up to which number of an order of all runs everything of the run is here. */
  completeTo(epoch: string): number {
    // Positions don't move on while there may have been another incarnation.
    const isSure = this.log.head === 0 || this.#watch.identity.isSure;
    return isSure && this.#place?.epoch === epoch ? this.#place.order : 0;
  }

  /** Finds out up to where it is complete. */
  confirm(): void {
    // It looks although nothing was told, and what is to be told may be late: another incarnation may have come and gone.
    if (this.#isOpen && !this.#watch.identity.isSure) this.#watch.missed();
    this.#wantsPlace = true;
    this.#look();
  }

  source(start: (log: RunLog) => ReaderStart): Source {
    const { runs } = this.#options;
    const leave = (reader: Reader) => this.#leave(reader);
    const now = this.#isOpen ? start(this.log) : null;
    if (now !== null && this.#isSure(now)) {
      return {
        log: this.log,
        start: now,
        join: (reader) => {
          runs.addReader(this.log, reader);
          this.#latest = Promise.resolve();
        },
        leave,
      };
    }
    const { after, position } = start(createRoom(this.runId, null));
    const room = createRoom(this.runId, after);
    const isOrdered = position !== undefined;
    const placed = deferred<void>();
    // Those who do not ask are told by the reports.
    placed.promise.catch(() => {});
    const join = (reader: Reader) => {
      runs.addReader(this.log, reader);
      this.#newcomers.set(reader, { room, start, isOrdered, placed });
      this.#latest = placed.promise;
      this.#look();
    };
    return { log: room, start: startLive(room), join, leave };
  }

  /**
   * Resolves when it is known where the reader that joined last starts; rejects if the first attempt to ask the store
   * failed.
   */
  get placed(): Promise<void> {
    return this.#latest;
  }

  notice(notice: Pick<Notice, "kind" | "epoch" | "first" | "last">): void {
    const { kind } = notice;
    if (kind === "changed") {
      this.#watch.heard(notice);
      return this.#look();
    }
    if (!this.#isOpen) this.#isOutdated = true;
    // Those who read a run that is forgotten find its end, and are told when they come back.
    else if (kind === "evicted") this.end("evicted");
    else this.#clear();
  }

  /** Another order of all runs began: its readers find out, and those that come with a position in the one before. */
  reordered(): void {
    for (const { room, isOrdered } of this.#newcomers.values()) {
      // They keep their positions until they were told.
      if (isOrdered) room.isFilling = true;
    }
    for (const reader of this.log.readers) wake(reader);
    if (this.#newcomers.size > 0) this.#look();
  }

  /** Notices may have been missed. */
  missed(): void {
    if (this.#isOpen) this.#watch.missed();
    this.#look();
  }

  /** Resolves when the log holds what the store held when this was called. */
  async caughtUp(): Promise<void> {
    await this.settled;
    if (!this.#isOpen) return;
    this.#look();
    await this.#looking;
  }

  end(how: Exclude<SubscriptionEnd, "cancelled">, error?: unknown): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#settled.resolve();
    this.log.end(how);
    for (const { room, placed } of this.#newcomers.values()) {
      room.end(how);
      placed.reject(error ?? new Error(`Run "${this.runId}" is not read any more`));
    }
    this.#options.onOver(this, error);
  }

  #leave(reader: Reader): void {
    const { runs } = this.#options;
    this.#newcomers.get(reader)?.placed.resolve();
    this.#newcomers.delete(reader);
    runs.removeReader(this.log, reader);
    if (this.log.readers.size > 0) return;
    this.end("evicted");
    if (!this.log.forgotten) runs.drop(this.log);
  }

  /** Looks what is new, and again if something happened meanwhile. */
  #look(): void {
    this.#lookAgain = true;
    this.#looking ??= this.#keepLooking();
  }

  async #keepLooking(): Promise<void> {
    const { signal } = this.#ended;
    try {
      while (this.#lookAgain && !signal.aborted) await this.#lookOnce(signal);
    } catch (error) {
      this.end("rejected", error);
    }
    this.#looking = null;
    this.#options.onLooked();
  }

  async #lookOnce(signal: AbortSignal): Promise<void> {
    const { onFailure, onPlace, orderEpoch } = this.#options;
    let asking: [Reader, Newcomer][] = [];
    let isPlaced = false;
    let before = "";
    const answer = await persist(async () => {
      await this.#watch.prepare();
      this.#lookAgain = false;
      asking = [...this.#newcomers];
      before = orderEpoch();
      isPlaced = this.#wantsPlace || asking.some(([, { isOrdered }]) => isOrdered);
      this.#wantsPlace = false;
      const after = this.#other === null ? this.log.head : 0;
      return await this.#watch.ask(after, { isFresh: asking.length > 0, isPlaced });
    }, {
      signal,
      onFailure: (error) => {
        onFailure(error);
        this.#settled.resolve();
        for (const { placed } of this.#newcomers.values()) placed.reject(error);
      },
    });
    if (answer === undefined || signal.aborted) return;
    if (this.log.forgotten) return this.end("evicted");
    if (this.#isOutdated) {
      this.#isOutdated = false;
      return this.#look();
    }
    const { place } = answer;
    // Another order has begun meanwhile: the answer may be older.
    if (before !== orderEpoch() && place.epoch !== orderEpoch()) {
      this.#wantsPlace ||= isPlaced;
      return this.#look();
    }
    onPlace(place);
    // Its readers may have left, now that they know.
    if (signal.aborted) return;
    const change = this.#follow(answer);
    if (change === "unclear") return;
    this.#place = place;
    this.#admit(asking, answer, change === "other");
  }

  /**
   * Has the log hold what the store does. `other`: that is another incarnation, and the readers were told. `unclear`:
   * the store has to be asked again.
   */
  #follow({ page, place, doubts }: Answer): "same" | "other" | "unclear" {
    const isFirst = !this.#isOpen;
    this.#isOpen = true;
    this.#settled.resolve();
    if (page === null && this.#other !== null) page = emptyPage(this.#other);
    if (page === null) {
      this.log.isFilling = false;
      if (this.#absentAt?.epoch !== place.epoch) this.#absentAt = place;
      return "same";
    }
    const { epoch, head } = page;
    const { identity } = this.#watch;
    const change = isFirst ? identity.open(epoch) : identity.found(epoch, doubts);
    if (identity.doubts > doubts) this.#look();
    if (this.#other !== null || (isFirst && change === "other")) {
      this.#beginAnew(page, place);
      return "other";
    }
    // A store that fell back to an older state numbers other events like ours.
    if (change === "other" || head < this.log.head) {
      // It was read from where the other one stood.
      this.#other = epoch;
      this.#look();
      return "unclear";
    }
    const isBegun = change === "begun" && this.log.head === 0;
    if (change === "begun") this.log.epoch = epoch;
    takePage(this.log, page, place, this.#options);
    // Nothing of the run was there in between: who has a position from then on has missed nothing.
    if (
      isBegun && identity.isSure && this.log.tail === 1 && this.#absentAt?.epoch === place.epoch
    ) {
      this.log.droppedOrder = Math.min(this.log.droppedOrder, this.#absentAt.order);
    }
    this.log.isFilling = false;
    return "same";
  }

  /** Another incarnation of the run: the readers go over to it, and are told. */
  #beginAnew(page: Page, place: Place): void {
    const { runs } = this.#options;
    const readers = [...this.log.readers];
    this.log.readers.clear();
    runs.drop(this.log);
    this.log = runs.open(this.runId) as MirrorLog;
    this.log.epoch = page.epoch;
    for (const reader of readers) runs.addReader(this.log, reader);
    takePage(this.log, page, place, this.#options);
    for (const reader of readers) if (!this.#newcomers.has(reader)) restart(reader, this.log);
    this.#other = null;
  }

  /** Tells newcomers where they start; those without an id, that everything begins again, if it does. */
  #admit(newcomers: readonly [Reader, Newcomer][], answer: Answer, isAnew: boolean): void {
    const { isHeld, place } = answer;
    for (const [reader, newcomer] of newcomers) {
      if (!this.#newcomers.has(reader)) continue;
      const { room, isOrdered, placed } = newcomer;
      let start = newcomer.start(this.log);
      // It has still to be told what it was to be told of the incarnation before.
      if (reader.position.isUntold) start = { ...start, announce: "new_epoch" };
      if (isAnew && start.recovery === "none") {
        start = { ...start, cursor: 0, announce: "new_epoch" };
      }
      reader.position.started = start.recovery;
      placed.resolve();
      const { position } = start;
      // While the store has nothing of the run, an id can't be judged: the next incarnation decides.
      if (!isHeld && (isOrdered || start.recovery === "restarted")) {
        const isOver = isOrdered && start.recovery === "restarted" && place.epoch !== "" &&
          newcomer.toldIn !== place.epoch;
        if (isOver) this.#tellOver(reader, newcomer, start, place);
        else this.#waitIn(room, reader);
        continue;
      }
      // It was given by a process that is further.
      if (position && start.recovery !== "restarted" && !this.#isComplete(position.seq)) {
        this.confirm();
        continue;
      }
      this.#newcomers.delete(reader);
      move(reader, this.log, start);
      // Handlers wait for the log itself.
      room.end("evicted");
    }
  }

  /** The store has nothing of the run yet: marks it as caught up, so that a reader of several runs does not wait for it. */
  #waitIn(room: RunLog, reader: Reader): void {
    if (!room.isFilling) return;
    room.isFilling = false;
    // Otherwise it has caught up as soon as it takes what it is to be told.
    if (!reader.position.isUntold) move(reader, room, startLive(room));
  }

  /**
   * Tells a newcomer that came with a position that means nothing, or nothing any more, of a run that the store has nothing
   * of: what it had not got is gone. From then on, it is where the order stands now.
   */
  #tellOver(
    reader: Reader,
    newcomer: Newcomer,
    { announce }: ReaderStart,
    { epoch, order }: Place,
  ): void {
    const room = createRoom(this.runId, null);
    room.isFilling = false;
    const position = { epoch, seq: order };
    const start = (log: RunLog): ReaderStart => {
      const restarted = { cursor: log.tail - 1, recovery: "restarted", position } as const;
      return this.#place?.epoch === epoch
        ? { ...restarted, ...resumeAfterOrder(log, order), recovery: "restarted" }
        : { ...restarted, announce: "new_epoch" };
    };
    this.#newcomers.set(reader, { ...newcomer, room, start, toldIn: epoch });
    move(reader, room, { cursor: 0, recovery: "restarted", announce });
    newcomer.room.end("evicted");
  }

  /** Whether what this process remembers is enough to say where a reader starts. */
  #isSure({ recovery, position }: ReaderStart): boolean {
    if (position && !this.#isComplete(position.seq)) return false;
    return recovery === "none" || (recovery !== "restarted" && this.#watch.identity.isKnown);
  }

  #isComplete(order: number): boolean {
    return this.completeTo(this.#options.orderEpoch()) >= order;
  }

  #clear(): void {
    this.#options.runs.bytes -= this.log.bytes;
    this.log.clear();
    for (const { position } of this.log.readers) {
      position.log.unpark(position);
      position.wake();
    }
  }
}

function emptyPage(epoch: string): Page {
  return { epoch, head: 0, closed: false, events: [] };
}

/** Has a reader start again, and tells it so. */
function restart(reader: Reader, log: RunLog): void {
  const after = reader.position.cursor;
  move(reader, log, { cursor: 0, recovery: "restarted", announce: "new_epoch", after });
}
