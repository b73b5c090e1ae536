/**
 * From moments of a run to places on the screen.
 *
 * @module
 */

/** The part of a run that is in sight, in milliseconds from its start. */
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

/** Where the scale is marked: round numbers, at most so many. */
export function ticksOf({ from, to }: TimeWindow, most: number): number[] {
  const rough = (to - from) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 0.001)));
  let step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? 10 * power;
  // Above a minute, the round numbers are those of a clock.
  if (rough > 10_000) {
    step = CLOCK.find((n) => n >= rough) ?? Math.ceil(rough / 86_400_000) * 86_400_000;
  }
  const ticks = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}

/** A mark's words: as many digits as tell it from its neighbours. */
export function tickLabel(ms: number, stepMs: number): string {
  if (ms === 0) return "0 s";
  if (ms >= 60_000) {
    const minutes = Math.floor(ms / 60_000);
    const seconds = Math.round((ms % 60_000) / 1000);
    return seconds === 0 && stepMs >= 60_000
      ? `${minutes} m`
      : `${minutes}:${String(seconds).padStart(2, "0")}`;
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
