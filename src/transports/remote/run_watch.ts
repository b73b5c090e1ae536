import { RunIdentity } from "./run_identity.ts";
import type { Notice, Page, Place, ReadOptions, Store } from "./store.ts";

export interface Answer {
  /** What it holds, or what notices said that it held; null if there was nothing of the run. */
  readonly page: Page | null;
  /** What was stored of the run up to there is in the page. */
  readonly place: Place;
  readonly isHeld: boolean;
  /** The doubts when it was asked: see {@linkcode RunIdentity}. */
  readonly doubts: number;
}

/** A run that is watched: what is heard of it, and what the store answers. */
export class RunWatch {
  readonly identity: RunIdentity = new RunIdentity();
  readonly #runId: string;
  readonly #store: Store;
  #isWatched = false;
  // How often notices may have been missed, and up to which of these times it is known what was.
  #misses = 0;
  #recalled = 0;
  // Where the order of all runs stood when the store had nothing of this one.
  #absentAt: Place | null = null;

  constructor(runId: string, store: Store) {
    this.#runId = runId;
    this.#store = store;
  }

  heard({ epoch, last }: Pick<Notice, "epoch" | "last">): void {
    // Another incarnation may have come and gone before this one: what was missed tells.
    this.identity.heard(epoch, last, this.#recalled === this.#misses);
  }

  /** Notices may have been missed. */
  missed(): void {
    this.#misses++;
  }

  /** From when it resolves on, everything is heard, and what was missed is known as far as it can be. */
  async prepare(): Promise<void> {
    if (!this.#isWatched) await this.#store.watch(this.#runId);
    this.#isWatched = true;
    if (this.#recalled < this.#misses) await this.#recall();
  }

  /** What the store has behind a number. */
  async ask(after: number, options: ReadOptions): Promise<Answer> {
    const { identity } = this;
    const { doubts, latest } = identity;
    const { page, place } = await this.#store.read(this.#runId, after, options);
    if (page !== null) {
      if (!options.isPlaced || identity.isSure || this.#absentAt === null) {
        return { page, place, isHeld: true, doubts };
      }
      // Readers with a position have to know whether this is the first that there was.
      this.#misses++;
      await this.#recall();
      if (identity.doubts === doubts) identity.confirm();
      return { page, place, isHeld: true, doubts: identity.doubts };
    }
    if (!identity.isSure && this.#absentAt === null) {
      this.#absentAt = (await this.#store.since(null)).place;
    }
    // It was heard before the store was asked: so it was there, and is gone.
    return { page: latest && identity.pageOf(latest, after), place, isHeld: false, doubts };
  }

  /** Finds out what was missed. Not needed where a page says all that matters. */
  async #recall(): Promise<void> {
    const misses = this.#misses;
    const { identity } = this;
    if (!identity.isSure) {
      const before = this.#absentAt;
      const news = before && await this.#store.since(before);
      if (news !== null) this.#absentAt = news.place;
      // Of what had no name, there may have been several.
      const isSame = news !== null && news.place.epoch !== "" &&
        news.place.epoch === before!.epoch;
      const isWhole = isSame && news.losses.length === 0;
      if (!isWhole) identity.doubts++;
      for (const { runId, epoch, last } of news?.notices ?? []) {
        if (runId === this.#runId) identity.heard(epoch, last, misses === this.#misses);
      }
    }
    this.#recalled = misses;
  }
}
