/**
 * From moments of a run to places on the screen.
 *
 * @module
 */
import type { TimeFolds } from "../../src/view/time_folds.ts";

/** The part of a run that is in sight: places on its scale, on which long waits take little room. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/**
 * How far the scale of a run reaches: to its end once it is over; before, to the next round number, so that
 * the picture is not squeezed with every event.
 */
export function reachOf(elapsedMs: number, isOver: boolean): number {
  if (isOver) return Math.max(elapsedMs, 1);
  const power = 10 ** Math.floor(Math.log10(Math.max(elapsedMs, 1_000)));
  return ROUND.map((step) => step * power).find((reach) => reach >= elapsedMs * 1.02) ?? 10 * power;
}

/** How far apart the marks of a scale are: a round number, so that there are at most so many. */
export function stepOf({ from, to }: TimeWindow, most: number): number {
  const rough = (to - from) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 0.001)));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? 10 * power;
  if (rough <= 10_000) return step;
  // Above a minute, the round numbers are those of a clock.
  return CLOCK.find((n) => n >= rough) ?? Math.ceil(rough / 86_400_000) * 86_400_000;
}

/** Where the scale is marked, in milliseconds from the start of the run: nowhere in what is folded. */
export function ticksOf(scale: TimeFolds, window: TimeWindow, stepMs: number): number[] {
  const ticks: number[] = [];
  let from = scale.momentAt(window.from);
  const end = scale.momentAt(window.to);
  for (const fold of [...scale.folds, { from: Infinity, to: Infinity }]) {
    const to = Math.min(fold.from, end);
    for (let at = Math.ceil(from / stepMs - 1e-9) * stepMs; at <= to; at += stepMs) ticks.push(at);
    from = Math.max(from, fold.to);
  }
  return ticks;
}

/** A mark's words: as many digits as tell it from its neighbours. */
export function tickLabel(ms: number, stepMs: number): string {
  if (ms === 0) return "0 s";
  if (ms >= 60_000) {
    if (stepMs >= 60_000) return `${Math.floor(ms / 60_000)} m`;
    const digits = stepMs >= 1_000 ? 0 : 1;
    const unit = 10 ** (3 - digits);
    const rounded = Math.round(ms / unit) * unit;
    const seconds = ((rounded % 60_000) / 1000).toFixed(digits);
    return `${Math.floor(rounded / 60_000)}:${seconds.padStart(digits === 0 ? 2 : 4, "0")}`;
  }
  if (stepMs < 1) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000 && stepMs < 100) return `${Math.round(ms)} ms`;
  const digits = stepMs >= 1_000 ? 0 : stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3;
  return `${(ms / 1000).toFixed(digits)} s`;
}

/** The window seen from nearer or farther; `at` stays where it is, and nothing beyond `reach` comes into sight. */
export function zoom(
  window: TimeWindow,
  factor: number,
  at: number,
  reach: number,
): TimeWindow | null {
  const width = Math.max((window.to - window.from) * factor, 1);
  if (width >= reach) return null;
  const share = (at - window.from) / (window.to - window.from);
  return clampWindow(at - width * share, width, reach);
}

/** The window moved along. */
export function clampWindow(from: number, width: number, reach: number): TimeWindow {
  const start = Math.max(0, Math.min(from, reach - width));
  return { from: start, to: start + width };
}

const ROUND = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];
const CLOCK = [15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400]
  .map((seconds) => seconds * 1000);
