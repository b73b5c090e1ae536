import type { Page } from "./store.ts";

/** What a notice said: what the run's epoch begins with, and the newest number. */
export interface Heard {
  readonly epoch: string;
  readonly last: number;
}

/**
 * Which incarnation of a run is followed, as far as that is known: from pages, which say its epoch, and from notices,
 * which say what the epoch begins with. And whether there may have been another one, that came and went without the
 * readers being told.
 */
export class RunIdentity {
  #epoch: string | null = null;
  // Said by a page: not only what it begins with.
  #isWhole = false;
  // Everything that was told of the run until it had this epoch was heard, or the readers were told.
  #isSure = false;

  latest: Heard | null = null;
  /** How often it happened that there may have been another incarnation. */
  doubts = 0;

  get isKnown(): boolean {
    return this.#isWhole;
  }

  /**
   * A notice came, of numbers up to `last`.
   *
   * @param isNext Whether none was missed before it.
   */
  heard(epoch: string, last: number, isNext: boolean): void {
    if (epoch === "") return;
    const before = this.latest?.epoch === epoch ? this.latest.last : 0;
    this.latest = { epoch, last: Math.max(before, last) };
    if (this.#epoch === null) {
      this.#epoch = epoch;
      this.#isSure = isNext;
    } else if (this.#epoch.startsWith(epoch)) this.#isSure ||= isNext;
    else if (!this.#isSure) this.doubts++;
  }

  /** Whether everything was heard until it had this epoch. If it has another one by now, the next page says so. */
  get isSure(): boolean {
    return this.#isSure;
  }

  /** It was found out that nothing was missed. */
  confirm(): void {
    this.#isSure = true;
  }

  /** The first page came: what was before it doesn't matter, unless it was heard. See {@linkcode found}. */
  open(epoch: string): "begun" | "other" {
    const wasAnother = this.#epoch !== null && !epoch.startsWith(this.#epoch);
    const isNewest = this.latest === null || epoch.startsWith(this.latest.epoch);
    this.#become(epoch, true);
    if (!wasAnother) return "begun";
    if (isNewest) return "other";
    // Either it is older than what was heard, or newer.
    this.doubts++;
    return "begun";
  }

  /**
   * Another page came, which was asked for after so many doubts. `begun`: nothing was there before. `other`: something
   * was, or may have been, and the readers have to be told.
   */
  found(epoch: string, doubts: number): "same" | "begun" | "other" {
    const isOurs = this.#epoch === null ||
      (this.#isWhole ? epoch === this.#epoch : epoch.startsWith(this.#epoch));
    if (!isOurs || doubts > 0) {
      this.doubts = 0;
      this.#become(epoch, true);
      return "other";
    }
    if (this.#isWhole) return "same";
    this.#become(epoch, this.#isSure);
    return "begun";
  }

  /**
   * What is known of a run that the store has not got any more, although a notice of it had been heard before it was
   * asked: that its events, up to there, are gone.
   */
  pageOf({ epoch, last }: Heard, head: number): Page {
    const closed = false;
    return this.#epoch?.startsWith(epoch)
      ? { epoch: this.#epoch, head: Math.max(head, last), closed, events: [] }
      : { epoch, head: last, closed, events: [] };
  }

  #become(epoch: string, isSure: boolean): void {
    this.#epoch = epoch;
    this.#isWhole = true;
    this.#isSure = isSure;
  }
}
