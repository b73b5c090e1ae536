/**
 * Turns, medians and garbage: how a bench with a loop of its own is timed.
 *
 * @module
 */
import type { Effort } from "./case.ts";

/** Something that is timed in turns with others. */
export interface Contender {
  subject: string;
  /**
   * Sets up, handles `events` events, verifies what became of them.
   *
   * @returns The milliseconds that the events took, without setting up and verifying.
   */
  run(events: number): Promise<number>;
}

/** Nanoseconds an event. */
export interface Timing {
  /** Median of the rounds. */
  ns: number;
  min: number;
  /** What the best tenth of the rounds stays below: as steady as the minimum, and with the garbage of most rounds. */
  p10: number;
}

/**
 * Times contenders in turns, in an order that changes from round to round: none is always the one that
 * comes after the garbage of another.
 *
 * How many events a turn has is found out first, by doubling (from `step`) until it takes long
 * enough, which also warms the compiler up.
 */
export async function compare(
  all: readonly Contender[],
  { rounds, roundMs, takesSubject }: Effort,
  step: number,
): Promise<Map<string, Timing>> {
  const contenders = all.filter(({ subject }) => takesSubject(subject));
  const sizes = new Map<Contender, number>();
  for (const contender of contenders) {
    let events = step;
    while (await contender.run(events) < roundMs) events *= 2;
    sizes.set(contender, events);
  }
  const samples = new Map(contenders.map((contender) => [contender, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of alternate(contenders, round)) {
      const events = sizes.get(contender)!;
      const ms = await contender.run(events);
      samples.get(contender)!.push(ms * 1e6 / events);
    }
  }
  return new Map(
    Array.from(samples, ([{ subject }, values]) => [
      subject,
      { ns: median(values), min: Math.min(...values), p10: percentile(values, 10) },
    ]),
  );
}

/** Another order for every round: each is first, last, and behind each other one at some time. */
export function alternate<T>(items: readonly T[], round: number): T[] {
  const at = (round >> 1) % items.length;
  const rotated = [...items.slice(at), ...items.slice(0, at)];
  return round % 2 === 0 ? rotated : rotated.reverse();
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The value that `percent` of the values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * percent / 100))] ?? NaN;
}

const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(synchronously: boolean): void } };

/** Collects garbage, so that nobody pays for what another left; nothing without `--expose-gc`. */
export const collectGarbage: () => void = Bun ? () => Bun.gc(true) : gc ?? (() => {});

const alive = new Map<string, unknown>();

/**
 * Keeps the latest object of a contender. V8 throws compiled code away with the last object of the shape it
 * was compiled for, and then every round would begin with slow code. Call it after collecting
 * garbage, when the next object exists.
 */
export function keepAlive(subject: string, object: unknown): void {
  alive.set(subject, object);
}

/** Lets everything that is pending happen. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
