import type { Reading } from "../../core/log/log_position.ts";
import type { Sources } from "../../core/bus/sources.ts";
import { setBackgroundTimer } from "../../runtime/background_timer.ts";
import type { RunMirror } from "./run_mirror.ts";
import type { Place, Span, Store } from "./store.ts";
import { wake } from "./waiting_room.ts";

// What the store tells is mostly on its way: it says the same without a question to it.
const PATIENCE_MS = 20;

/**
 * How far the order of all runs is known here, for readers of several runs: an event may only be given when no other of
 * the runs can have one that comes before it.
 *
 * A mirror knows everything of its run up to where the order stood when it was read. Where the store tells in its order, a
 * mirror that has nothing to look for knows everything up to what was told last, whatever run that was about. Where
 * this is not enough, the store is asked.
 */
export class RunOrder {
  readonly #sources: Sources;
  readonly #mirrors: ReadonlyMap<string, RunMirror>;
  readonly #tellsInOrder: boolean;
  // Up to where whatever happened was told.
  #heard = 0;
  readonly #held: Set<Reading> = new Set();
  readonly #late: Set<RunMirror> = new Set();
  #stopTimer: (() => void) | null = null;

  constructor(
    sources: Sources,
    mirrors: ReadonlyMap<string, RunMirror>,
    { tellsInOrder }: Pick<Store, "tellsInOrder">,
  ) {
    this.#tellsInOrder = tellsInOrder;
    this.#sources = sources;
    this.#mirrors = mirrors;
    sources.isOrderKnown = false;
    sources.completeTo = (readers, without, wanted = -1) =>
      this.#completeTo(readers, without, wanted);
  }

  /** The order stood there, or stands further. */
  stand({ epoch, order }: Place): void {
    const sources = this.#sources;
    if (epoch === "") return;
    if (sources.epoch !== epoch) {
      sources.epoch = epoch;
      sources.order = this.#heard = 0;
      sources.isOrderKnown = true;
      for (const mirror of this.#mirrors.values()) mirror.reordered();
    }
    sources.order = Math.max(sources.order, order);
  }

  /** Everything up to there was told. */
  heard(span: Span | undefined): void {
    if (!this.#tellsInOrder || span === undefined || !this.#sources.epoch.startsWith(span.epoch)) {
      return;
    }
    this.#heard = Math.max(this.#heard, span.to);
    this.wake();
  }

  /** Whether a mirror has everything of its run up to an order. */
  isCompleteTo(mirror: RunMirror, order: number): boolean {
    return mirror.completeTo(this.#sources.epoch, this.#heard) >= order;
  }

  /** Continues the readers that were held: more may be known. */
  wake(): void {
    if (this.#held.size === 0) return;
    const held = [...this.#held];
    this.#held.clear();
    for (const reader of held) wake(reader);
  }

  end(): void {
    this.#stopTimer?.();
  }

  #completeTo(readers: readonly Reading[], without: Reading | undefined, wanted: number): number {
    let to = this.#sources.order;
    let isHeld = false;
    const { epoch } = this.#sources;
    for (const { runId, ended, log, position } of readers) {
      if (ended !== null || (log.ended !== null && !log.isFilling)) continue;
      const mirror = this.#mirrors.get(runId);
      const known = log.isFilling ? 0 : mirror?.completeTo(epoch, this.#heard) ?? to;
      // What it has itself may be of another order.
      if (position === without?.position && known > 0) continue;
      to = Math.min(to, known);
      if (known >= wanted) continue;
      isHeld = true;
      if (mirror !== undefined && !log.isFilling) this.#ask(mirror);
    }
    if (isHeld && without !== undefined) this.#held.add(without);
    return to;
  }

  #ask(mirror: RunMirror): void {
    if (!mirror.isPlaced || !this.#tellsInOrder) return mirror.confirm();
    this.#late.add(mirror);
    this.#stopTimer ??= setBackgroundTimer(() => {
      this.#stopTimer = null;
      const late = [...this.#late];
      this.#late.clear();
      if (this.#held.size > 0) { for (const mirror of late) mirror.confirm(); }
    }, PATIENCE_MS);
  }
}
