/**
 * How delivery is timed: bursts of events, each awaited until every subscriber has all of it.
 *
 * Callback peers deliver before `publish` returns, so for them nothing is awaited.
 *
 * @module
 */
import { type Effort, type Row, verify } from "./case.ts";
import type { Payload } from "./event.ts";
import { collectGarbage, compare, type Contender, keepAlive, settle } from "./rounds.ts";
import { startStopwatch } from "./stopwatch.ts";

/** A way for events to come from a publisher to subscribers. */
export interface Carrier {
  subject: string;
  /** Subscribes for each of the takers. */
  open(takers: readonly Taker[]): Line;
}

/** A carrier at work. */
export interface Line {
  /** Makes the event `n` and publishes it. */
  publish(n: number): void;
  /** Ends the subscriptions; resolves when all their loops have finished. */
  close(): unknown;
}

/** How many subscribers, how many events at a time. */
export interface Load {
  subscribers: number;
  burst: number;
}

/** A subscriber: takes events, and finds out if one is missing, doubled or out of order. */
export class Taker {
  taken = 0;
  readonly arrivals: Arrivals;

  constructor(arrivals: Arrivals) {
    this.arrivals = arrivals;
  }

  take(event: { readonly data: unknown }): void {
    const { n } = event.data as Payload;
    if (n !== this.taken) this.arrivals.fail(`event ${n} came in place of ${this.taken}`);
    this.taken++;
    this.arrivals.arrive();
  }
}

/** Counts what is still on its way, over all subscribers. */
export class Arrivals {
  missing = 0;
  /** What went wrong first. */
  problem: string | null = null;
  #resolve: (() => void) | null = null;
  #reject: ((error: Error) => void) | null = null;

  arrive(): void {
    if (--this.missing === 0) this.#resolve?.();
  }

  fail(problem: string): void {
    this.problem ??= problem;
    this.#reject?.(new Error(problem));
  }

  /** Resolves when nothing is missing any more. */
  all(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (this.problem !== null) reject(new Error(this.problem));
    });
  }
}

/** Times carriers under several loads, side by side. */
export async function compareDelivery(
  carriers: readonly Carrier[],
  loads: readonly Load[],
  effort: Effort,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const load of loads) {
    const setting = `S=${load.subscribers} B=${load.burst}`;
    if (!effort.takesSetting(setting)) continue;
    const contenders = carriers.map((carrier): Contender => ({
      subject: carrier.subject,
      run: (events) => deliver(carrier, load, events),
    }));
    for (const [subject, timing] of await compare(contenders, effort, load.burst)) {
      rows.push({ subject, setting, figures: { ...timing } });
    }
  }
  return rows;
}

async function deliver(
  { subject, open }: Carrier,
  { subscribers, burst }: Load,
  events: number,
): Promise<number> {
  const arrivals = new Arrivals();
  const takers = Array.from({ length: subscribers }, () => new Taker(arrivals));
  const line = open(takers);
  // Iterators begin to wait only now.
  await settle();
  collectGarbage();
  keepAlive(subject, line);
  const watchdog = setTimeout(() => arrivals.fail("events never came"), PATIENCE_MS);
  const elapsed = startStopwatch();
  for (let n = 0; n < events;) {
    arrivals.missing = burst * subscribers;
    for (let i = 0; i < burst; i++) line.publish(n++);
    if (arrivals.missing > 0) await arrivals.all();
  }
  const ms = elapsed();
  clearTimeout(watchdog);
  await line.close();
  verify(arrivals.problem === null, () => `${subject}: ${arrivals.problem}`);
  for (const { taken } of takers) {
    verify(taken === events, () => `${subject} delivered ${taken} of ${events} events`);
  }
  return ms;
}

const PATIENCE_MS = 20_000;
