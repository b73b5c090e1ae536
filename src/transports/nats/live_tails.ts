import { LiveTail } from "./live_tail.ts";
import type { Message } from "./message.ts";

/** The tails of the runs that are watched, and of the latest of all others as long as those are. */
export class LiveTails {
  readonly #tails: Map<string, LiveTail> = new Map();
  readonly #watched: Set<string> = new Set();
  readonly #maxOthers: number;

  constructor(maxOthers: number) {
    this.#maxOthers = maxOthers;
  }

  get(runId: string): LiveTail | undefined {
    return this.#tails.get(runId);
  }

  /** From now on everything of a run is heard. */
  watch(runId: string): void {
    this.#watched.add(runId);
    if (!this.#tails.has(runId)) this.#tails.set(runId, new LiveTail());
  }

  /** @param isOver Whether nothing of it is heard any more, not even with all runs. */
  unwatch(runId: string, isOver: boolean): void {
    this.#watched.delete(runId);
    if (isOver) this.#tails.delete(runId);
  }

  /** Nothing is heard any more of runs that are not watched. */
  unwatchOthers(): void {
    for (const runId of this.#tails.keys()) {
      if (!this.#watched.has(runId)) this.#tails.delete(runId);
    }
  }

  /** A message of a run was heard: see {@linkcode LiveTail.add}. */
  add(runId: string, message: Message, seq: number): "new" | "known" | "doubt" {
    const tail = this.#tails.get(runId);
    if (tail !== undefined) return tail.add(message, seq);
    const begun = new LiveTail();
    begun.begin(message, seq);
    this.#tails.set(runId, begun);
    if (this.#tails.size > this.#watched.size + this.#maxOthers) this.#forgetOne();
    return "new";
  }

  missed(): void {
    this.unwatchOthers();
    for (const runId of this.#tails.keys()) this.#tails.set(runId, new LiveTail());
  }

  #forgetOne(): void {
    for (const runId of this.#tails.keys()) {
      if (!this.#watched.has(runId)) return void this.#tails.delete(runId);
    }
  }
}
