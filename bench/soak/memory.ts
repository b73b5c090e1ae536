/**
 * Whether memory is flat.
 *
 * @module
 */
import process from "node:process";

/** What the process held at a time. */
export interface Sample {
  readonly ms: number;
  readonly heap: number;
  readonly rss: number;
}

/** What came of the samples after warming up. */
export interface Growth {
  /** Bytes a minute: the median of the slopes between all pairs, which a single peak does not move. */
  readonly slope: number;
  /** What that makes over the whole time. */
  readonly grown: number;
  readonly allowed: number;
  readonly isFlat: boolean;
}

/** Takes a sample, after a collection where `--expose-gc` gives one. */
export function takeSample(sinceMs: number): Sample {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } };
  if (Bun === undefined) gc?.();
  else Bun.gc(true);
  const { heapUsed: heap, rss } = process.memoryUsage();
  return { ms: performance.now() - sinceMs, heap, rss };
}

/** Judges the last two thirds of the samples: what comes before fills bounds and compiles code. */
export function growthOf(samples: readonly Sample[]): Growth {
  const settled = samples.slice(Math.floor(samples.length / 3));
  const slopes = settled.flatMap((a, i) =>
    settled.slice(i + 1).map((b) => (b.heap - a.heap) / (b.ms - a.ms) * 60_000)
  );
  const slope = middle(slopes);
  const minutes = settled.length < 2 ? 0 : (settled.at(-1)!.ms - settled[0]!.ms) / 60_000;
  const grown = slopes.length === 0 ? 0 : slope * minutes;
  const allowed = Math.max(ALLOWED_SHARE * middle(settled.map(({ heap }) => heap)), ALLOWED_BYTES);
  return { slope, grown, allowed, isFlat: grown <= allowed };
}

const ALLOWED_SHARE = 0.05;
const ALLOWED_BYTES = 2e6;

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
