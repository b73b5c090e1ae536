/**
 * Which part of the time is in sight, on a scale whose waits may be folded.
 *
 * @module
 */
import { TimeFolds } from "../../src/view/time_folds.ts";
import { reachOf, type TimeWindow } from "../model/time_scale.ts";
import type { TimelineScreen } from "./timeline_screen.ts";

/** The scale and what of it is seen. */
export class TimeSight {
  scale = new TimeFolds([], 1);
  /** Whether long waits are to scale. */
  isUnfolded = false;
  /** What is in sight, in milliseconds from the start of the run; null is all of it. */
  moments: TimeWindow | null = null;
  /** The same as the address says it. */
  #t: string | null = null;

  /** Makes the scale of what is shown. */
  update({ waits, startedAt, endsAt, isOver }: TimelineScreen): void {
    const folded = this.isUnfolded ? [] : waits.map(({ from, to }) => ({
      from: from - startedAt,
      to: to - startedAt,
    }));
    this.scale = new TimeFolds(folded, endsAt - startedAt, (ms) => reachOf(ms, isOver));
  }

  /** What is in sight, as places on the scale. */
  get window(): TimeWindow {
    const { from, to } = this.moments ?? {};
    return {
      from: from === undefined ? 0 : this.scale.placeOf(from),
      to: to === undefined ? this.scale.reach : this.scale.placeOf(to),
    };
  }

  /** Shows what an address says; null is all of it. @returns Whether that is something else. */
  show(t: string | null): boolean {
    if (t === this.#t) return false;
    this.#t = t;
    const [from = 0, to = 0] = t?.split("-").map((seconds) => Number(seconds) * 1000) ?? [];
    this.moments = from < to ? { from, to } : null;
    return true;
  }

  /** Shows a part of the scale; null is all of it. @returns The same as an address says it. */
  zoomTo(window: TimeWindow | null): string | null {
    this.moments = window && {
      from: this.scale.momentAt(window.from),
      to: this.scale.momentAt(window.to),
    };
    const { from, to } = this.moments ?? { from: 0, to: 0 };
    return this.#t = to === 0 ? null : `${secondsOf(from)}-${secondsOf(to)}`;
  }
}

function secondsOf(ms: number): string {
  return String(Math.max(0, Math.round(ms)) / 1000);
}
