/**
 * The parts of the model: a log that remembers everything, and whoever reads it.
 *
 * @module
 */
import type { HandlerKind, Via } from "./program.ts";

/** An event that was published. */
export interface ModelEntry {
  readonly run: string;
  readonly life: number;
  readonly seq: number;
  readonly type: string;
  readonly n: number;
  readonly bytes: number;
}

type Reason = "lagged" | "evicted" | "unknown_cursor" | "new_epoch";

/** What a reader gets: an event, a gap, or the end. */
export type Token =
  | { readonly kind: "event"; readonly life: number; readonly seq: number; readonly n: number }
  | {
    readonly kind: "gap";
    readonly life: number;
    readonly from: number;
    readonly to: number;
    readonly reason: Reason;
  }
  | { readonly kind: "end" }
  | { readonly kind: "released" };

/** All that one incarnation of a run, or of the stream of all runs, ever had. */
export class ModelLog {
  readonly name: string;
  readonly life: number;
  readonly entries: ModelEntry[] = [];
  /** How many of the entries, from the first on, are not held any more. */
  gone = 0;
  /** How many of them went for want of memory or on request. */
  evictedTo = 0;
  /** How many of them went together with everything else. */
  clearedTo = 0;
  ended: "closed" | "evicted" | null = null;
  readers: ModelCursor[] = [];
  /**
   * When it was last published to or closed, got its first reader or lost its last; 0 for a run that is only
   * waited for.
   */
  touched = 0;
  /** Whether the run had a life before, which the bus forgot to stay within its bounds. */
  isContinued = false;
  /** Whether somebody may come back to it with a position: then it is kept when the last reader has left. */
  isResumable = false;
  readonly #limitOf: (log: ModelLog) => number;

  constructor(name: string, life: number, limitOf: (log: ModelLog) => number) {
    this.name = name;
    this.life = life;
    this.#limitOf = limitOf;
  }

  get held(): ModelEntry[] {
    return this.entries.slice(this.gone);
  }

  get bytes(): number {
    return this.held.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  trim(): void {
    this.gone = Math.max(this.gone, this.entries.length - this.#limitOf(this));
  }

  evict(count: number): void {
    if (count === 0) return;
    this.gone += count;
    this.evictedTo = this.gone;
  }

  clear(): void {
    this.evict(this.held.length);
    this.clearedTo = this.entries.length;
  }
}

/** Where somebody stands in a log. */
export abstract class ModelCursor {
  readonly log: ModelLog;
  readonly recovery: ModelStart["recovery"];
  at: number;
  announce: Reason | null;
  /** The cursor that it came with, if that means nothing here. */
  readonly after: { readonly life: number; readonly seq: number } | null;
  ended: "closed" | "evicted" | "rejected" | "cancelled" | null = null;
  readonly #matches: (type: string) => boolean;
  readonly #maxLag: number;
  readonly #joinedAt: number;
  readonly #goneAtJoin: number;
  // Where the last gap ended, and the place of the first event behind it that is to be delivered, if there was
  // one: that one cannot be lost by lagging.
  #gapEnd = -Infinity;
  #next: number | null = null;

  constructor(
    log: ModelLog,
    start: ModelStart,
    maxLag: number,
    matches: (type: string) => boolean,
  ) {
    this.log = log;
    this.at = start.at;
    this.announce = start.announce ?? null;
    this.after = start.after ?? null;
    this.recovery = start.recovery;
    this.#maxLag = maxLag;
    this.#matches = matches;
    this.#joinedAt = log.entries.length;
    this.#goneAtJoin = log.gone;
  }

  /** How many entries are pending. */
  get depth(): number {
    return this.log.entries.length - Math.max(this.at, this.#floor());
  }

  get atEnd(): boolean {
    return this.ended !== null ||
      (this.log.ended !== null && this.announce === null && this.at >= this.log.entries.length);
  }

  /** The next event or gap, and the number of events that lagging has cost. */
  take(): { token: Token; dropped: number } | null {
    if (this.ended !== null) return null;
    const next = this.#next;
    this.#next = null;
    if (next !== null && next > this.log.clearedTo) {
      this.at = next;
      const { life, seq, n } = this.log.entries[next - 1]!;
      return { token: { kind: "event", life, seq, n }, dropped: 0 };
    }
    const floor = this.#floor();
    if (this.announce !== null || this.at < floor) {
      const from = this.announce === null ? this.at + 1 : 1;
      if (this.at < floor) {
        const pending = this.log.entries.length - floor;
        const isOvertakenAgain = this.at - this.#gapEnd < pending;
        this.at = isOvertakenAgain ? floor + Math.floor(pending / 2) : floor;
      }
      this.#gapEnd = this.at;
      const index = this.log.entries.findIndex(({ type }, i) =>
        i >= this.at && this.#matches(type)
      );
      if (index !== -1) this.#next = index + 1;
      const wasGone = from <= this.#goneAtJoin || from <= this.log.evictedTo;
      const reason = this.announce ?? (wasGone ? "evicted" : "lagged");
      this.announce = null;
      const token: Token = { kind: "gap", life: this.log.life, from, to: this.at, reason };
      return { token, dropped: reason === "lagged" ? this.at - from + 1 : 0 };
    }
    while (this.at < this.log.entries.length) {
      const { type, life, seq, n } = this.log.entries[this.at++]!;
      if (this.#matches(type)) return { token: { kind: "event", life, seq, n }, dropped: 0 };
    }
    return null;
  }

  /** The lowest place to stand at: what lies below is gone, or is too far behind. */
  #floor(): number {
    const head = this.log.entries.length;
    const behind = head - Math.max(this.at, this.#joinedAt);
    return behind > this.#maxLag ? Math.max(this.log.gone, head - this.#maxLag) : this.log.gone;
  }
}

/** Where somebody begins in a log. */
export interface ModelStart {
  readonly at: number;
  readonly announce?: Reason | null;
  readonly after?: { readonly life: number; readonly seq: number };
  readonly recovery: "none" | "exact" | "gap" | "restarted";
}

/** A subscription. */
export class ModelReader extends ModelCursor {
  via: Via;
  /** Requests that are not answered. */
  asked = 0;
  readonly answers: Token[][] = [];

  constructor(
    via: Via,
    ...rest: ConstructorParameters<typeof ModelCursor>
  ) {
    super(...rest);
    this.via = via;
  }
}

/** A handler. */
export class ModelHandler extends ModelCursor {
  readonly concurrency: number;
  readonly kind: HandlerKind;
  running = 0;
  readonly calls: Token[] = [];

  constructor(
    concurrency: number,
    kind: HandlerKind,
    ...rest: ConstructorParameters<typeof ModelCursor>
  ) {
    super(...rest);
    this.concurrency = concurrency;
    this.kind = kind;
  }

  override get depth(): number {
    return super.depth + this.running;
  }
}
