import type { Subscription, SubscriptionEnd } from "../core/bus/bus.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { deferred } from "../runtime/deferred.ts";
import { nextTurn } from "../runtime/next_turn.ts";

/** What {@linkcode readEvents} needs to know. */
export interface ReadEventsOptions {
  /** Called with what is pending, in order; the next call waits for what it returns. */
  readonly onEvents: (events: readonly StreamEvent[]) => void | Promise<void>;
  /** Events of one call at most. @default {256} */
  readonly maxEvents?: number;
}

/** A reader that can be asked to come to an end. */
export interface EventReader {
  /** Reads what is pending and ends then: when nothing more has come for a moment, or after two seconds. */
  stop(): void;
  /** Resolves with how it ended; rejects with what `onEvents` threw. */
  readonly done: Promise<SubscriptionEnd>;
}

/** Reads a subscription to its end, or until it is asked to stop: then what had been published is still read. */
export function readEvents(
  subscription: Subscription<StreamEvent>,
  { onEvents, maxEvents = 256 }: ReadEventsOptions,
): EventReader {
  let giveUpAt: number | null = null;
  let endWait: (() => void) | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const done = deferred<SubscriptionEnd>();
  read().then(done.resolve, done.reject).then(() => clearTimeout(timer));

  return {
    stop() {
      if (giveUpAt !== null) return;
      giveUpAt = performance.now() + MAX_STOP_MS;
      // The consumer of the events may never return.
      timer = setTimeout(() => done.resolve("cancelled"), MAX_STOP_MS);
      if (endWait !== null) setTimeout(endWait, 0);
    },
    done: done.promise,
  };

  async function read(): Promise<SubscriptionEnd> {
    const batches = subscription.batches({ maxEvents });
    try {
      for (let count = 1;; count++) {
        // One that publishes what it reads would never let anything else have its turn.
        if (count % BATCHES_A_TURN === 0) await nextTurn();
        const events = await nextOrIdle(batches.next());
        if (events === null) break;
        await onEvents(events);
        if (giveUpAt !== null && performance.now() > giveUpAt) break;
      }
    } finally {
      await batches.return?.();
    }
    return subscription.ended ?? "cancelled";
  }

  /** The next batch; null at the end, and when none is there although it was asked to stop. */
  function nextOrIdle(
    next: Promise<IteratorResult<readonly StreamEvent[]>>,
  ): Promise<readonly StreamEvent[] | null> {
    return new Promise((resolve, reject) => {
      // By a call, as a promise that lives as long as the reader would collect one more wait a batch.
      endWait = () => resolve(null);
      // Whatever is pending in this process arrives before a timer fires.
      if (giveUpAt !== null) setTimeout(endWait, 0);
      next.then(({ done, value }) => {
        endWait = null;
        resolve(done ? null : value);
      }, reject);
    });
  }
}

const MAX_STOP_MS = 2_000;
const BATCHES_A_TURN = 100;
