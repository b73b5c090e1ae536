import type { AnyRun } from "./run.ts";
import { type EndOpen, shared } from "./shared.ts";

/**
 * Notes work that is open in the place that a handle stands for, with the handle itself: work that never ends is
 * forgotten with its place.
 *
 * @returns Forgets it; says whether it was still noted.
 */
export function noteOpen(place: AnyRun, end: EndOpen): () => boolean {
  const open = shared.open ??= new WeakMap();
  const there = open.get(place) ?? new Set();
  open.set(place, there.add(end));
  return () => there.delete(end);
}

/** Ends what is open in a place, the latest first. */
export function endOpen(place: AnyRun, isStopped: boolean): void {
  for (const end of [...shared.open?.get(place) ?? []].reverse()) end(isStopped);
}
