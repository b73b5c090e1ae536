/**
 * What the demo claims, checked: each proof compares what two readers received, and says so in
 * numbers.
 *
 * @module
 */
import type { StreamEvent } from "@locus/core";
import type { Fact } from "@locus/core/cli";
import { count, formatDuration } from "@locus/core/view";
import type { Replayed, Watched } from "./watch.ts";

/** The live reader was cut off and still got everything once, in order. */
export function proveResume({ events, cut, isWhole }: Watched, replayed: Replayed): Fact {
  const label = "resumed";
  // A model may answer in so few words that there is no time to.
  if (cut === null) {
    return { label, text: "not shown: the run was over before it could be cut off" };
  }
  const { received, lost, repeated, isExact } = compareEvents(events, replayed.events);
  return {
    label,
    text:
      `cut off after ${count(cut.events, "event")}, in the middle of the next one; back after ` +
      `${formatDuration(cut.awayMs)} with Last-Event-ID ${cut.after}; ` +
      `${
        count(cut.missedMeanwhile, "event")
      } had been published meanwhile. Received ${received} of ` +
      `${replayed.events.length}: ${lost} lost, ${repeated} repeated, ` +
      (isExact ? "all in order" : "but not the same in the same order"),
    passed: isWhole && isExact,
  };
}

/** A reader that came when the run was over got the same events, and was told that it had them all. */
export function proveReplay({ events }: Watched, replayed: Replayed, published: number): Fact {
  const { lost, repeated, isExact } = compareEvents(replayed.events, events);
  const isAll = replayed.events.length === published;
  return {
    label: "replayed",
    text:
      `a reader that came after the end got ${replayed.events.length} of ${published} published ` +
      `events in ${formatDuration(replayed.durationMs)}, ` +
      (isExact
        ? "equal to the live reader's to the byte, "
        : `${lost} lost, ${repeated} repeated, `) +
      (replayed.ended ? "then bus.end" : "but never bus.end"),
    passed: isExact && isAll && replayed.ended,
  };
}

/** How what a reader received differs from the whole run. */
export interface Comparison {
  readonly received: number;
  /** Events that it did not get. */
  readonly lost: number;
  /** Events that it got more than once. */
  readonly repeated: number;
  /** Whether it got exactly the run: the same events with the same content in the same order. */
  readonly isExact: boolean;
}

/** Compares what a reader received with the whole run. */
export function compareEvents(
  received: readonly StreamEvent[],
  run: readonly StreamEvent[],
): Comparison {
  const ids = new Set(received.map((event) => event.event_id));
  return {
    received: received.length,
    lost: run.filter((event) => !ids.has(event.event_id)).length,
    repeated: received.length - ids.size,
    isExact: received.length === run.length &&
      received.every((event, index) => JSON.stringify(event) === JSON.stringify(run[index])),
  };
}
