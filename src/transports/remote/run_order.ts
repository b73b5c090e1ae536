import type { Sources } from "../../core/bus/sources.ts";
import type { Reading } from "../../core/log/log_position.ts";
import type { RunMirror } from "./run_mirror.ts";
import type { Place } from "./store.ts";
import { wake } from "./waiting_room.ts";

/**
 * How far the order of all runs is known here, for readers of several runs: an event may only be given when no other of
 * the runs can have one that comes before it.
 *
 * A mirror knows everything of its run up to where the order stood when it was read. Where this is not enough, the store
 * is asked. What was told of other runs says nothing: after a break, they are told one after the other.
 */
export class RunOrder {
  readonly #sources: Sources;
  readonly #mirrors: ReadonlyMap<string, RunMirror>;
  readonly #held: Set<Reading> = new Set();

  constructor(sources: Sources, mirrors: ReadonlyMap<string, RunMirror>) {
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
      sources.order = 0;
      sources.isOrderKnown = true;
      for (const mirror of this.#mirrors.values()) mirror.reordered();
    }
    sources.order = Math.max(sources.order, order);
  }

  /** Continues the readers that were held: more may be known. */
  wake(): void {
    if (this.#held.size === 0) return;
    const held = [...this.#held];
    this.#held.clear();
    for (const reader of held) wake(reader);
  }

  #completeTo(readers: readonly Reading[], without: Reading | undefined, wanted: number): number {
    let to = this.#sources.order;
    let isHeld = false;
    const { epoch } = this.#sources;
    for (const { runId, ended, log, position } of readers) {
      if (ended !== null || (log.ended !== null && !log.isFilling)) continue;
      const mirror = this.#mirrors.get(runId);
      const known = log.isFilling ? 0 : mirror?.completeTo(epoch) ?? to;
      // What it has itself may be of another order.
      if (position === without?.position && known > 0) continue;
      to = Math.min(to, known);
      if (known >= wanted) continue;
      isHeld = true;
      if (mirror !== undefined && !log.isFilling) mirror.confirm();
    }
    if (isHeld && without !== undefined) this.#held.add(without);
    return to;
  }
}
