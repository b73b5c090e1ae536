/**
 * The runs of a soak: so many are alive at any time; each ends after some events, and another one begins.
 *
 * @module
 */
import type { Bus } from "@locus/core";
import type { Publication } from "../../tests/transports/faults/check.ts";

/** A run, as its publisher knows it. */
export interface LivingRun {
  readonly id: string;
  /** What readers of the run are owed. */
  readonly publications: Publication[];
  readonly length: number;
}

export class Traffic {
  /** All events that were published. */
  events = 0;
  /** All runs that began. */
  begun = 0;
  readonly #bus: Bus;
  readonly #now: () => number;
  readonly #alive: LivingRun[];
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param now A clock that moves on whenever it is asked. */
  constructor(bus: Bus, runs: number, eventsPerSecond: number, now: () => number) {
    this.#bus = bus;
    this.#now = now;
    this.#alive = Array.from({ length: runs }, () => this.#begin());
    const perTick = Math.max(1, Math.round(eventsPerSecond * TICK_MS / 1000));
    this.#timer = setInterval(() => {
      for (let i = 0; i < perTick; i++) this.#publish();
    }, TICK_MS);
  }

  /** A run that is alive. */
  pick(): LivingRun {
    return this.#alive[Math.floor(Math.random() * this.#alive.length)]!;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #begin(): LivingRun {
    const length = MIN_LENGTH + Math.floor(Math.random() * MIN_LENGTH * 2);
    return { id: `soak-${++this.begun}`, publications: [], length };
  }

  #publish(): void {
    const run = this.pick();
    const n = run.publications.length + 1;
    run.publications.push({ time: this.#now(), run: run.id, by: "p", n });
    this.events++;
    this.#bus.publish({
      run_id: run.id,
      event_type: "soak.tick",
      data: { by: "p", n, text: "x".repeat(200) },
    });
    if (n < run.length) return;
    this.#bus.closeStream(run.id);
    this.#alive[this.#alive.indexOf(run)] = this.#begin();
  }
}

const TICK_MS = 100;
/** Of events. */
const MIN_LENGTH = 20;
