/**
 * A viewer that comes and goes: watches a run for a while over HTTP, leaves, perhaps comes back where it was, and in the end
 * looks at what it was given.
 *
 * @module
 */
import { type FollowedRun, followRun } from "@locus/core/client";
import { check, faultsOf, type ReaderLine } from "../../tests/transports/faults/check.ts";
import type { LivingRun } from "./traffic.ts";

/** What all viewers together have seen. */
export interface Seen {
  visits: number;
  /** Events, each as often as it was delivered. */
  delivered: number;
  /** Events that readers were told they miss. */
  gaps: number;
  /** Readers that were told that their run begins anew. */
  epochs: number;
  /** Connections that were lost and opened again. */
  reconnects: number;
  /** What must not be: something lost, doubled or out of order that was not announced. */
  problems: string[];
}

/** Where viewers are. */
export interface Place {
  readonly url: string;
  readonly seen: Seen;
  /** How long a visit lasts at most. */
  readonly visitMs: number;
  /** How long a silent connection is believed, and how long is waited for the next attempt at most. */
  readonly patienceMs: number;
  /** How many may be opening a connection at the same time. */
  readonly openings: Openings;
  pick(): LivingRun;
  now(): number;
  /** When the store was emptied the last time: who comes later is not owed what it can know nothing of. */
  emptied(): number;
}

/** Watches one run after the other until the signal. */
export async function view(place: Place, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await watch(place, place.pick(), signal);
}

async function watch(place: Place, run: LivingRun, signal: AbortSignal): Promise<void> {
  const { seen } = place;
  const lines: ReaderLine[] = [{ kind: "opened", time: 0 }];
  let after: string | null = null;
  let hasEnded = false;
  do {
    const opened = await place.openings.begin();
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stay = () => {
      opened();
      timer ??= setTimeout(() => leaving.abort(), Math.random() * place.visitMs);
    };
    // Who comes back to a run that the store has lost may be told nothing.
    const waiting = setTimeout(stay, place.patienceMs);
    const follow: FollowedRun = followRun(`${place.url}/runs/${run.id}/events`, {
      after,
      signal: AbortSignal.any([signal, leaving.signal]),
      // Who waits for its connection does not leave: on a busy machine, nobody would ever see anything.
      onCaughtUp: stay,
      retry: ({ waitMs }) => (seen.reconnects++, Math.min(waitMs, place.patienceMs)),
      idleTimeoutMs: place.patienceMs,
      onError: ({ message }) => note(seen, `${run.id}: ${message}`),
    });
    try {
      for await (const event of follow) {
        const { run_id, event_id, event_type } = event;
        if (event_type === "bus.end") hasEnded = true;
        if (event_type.startsWith("bus.") && event_type !== "bus.gap") continue;
        // Whatever was emptied before this one saw anything is as if it had never been.
        if (lines.length === 1) lines[0] = { kind: "opened", time: place.emptied() };
        // No more than what is looked at: what viewers remember would grow until the first of them have left.
        const { text: _, ...data } = event.data as Record<string, unknown>;
        lines.push({ kind: "event", time: place.now(), run_id, event_id, event_type, data });
      }
    } catch (error) {
      if (!signal.aborted && !leaving.signal.aborted) note(seen, `${run.id}: ${error}`);
    }
    opened();
    clearTimeout(waiting);
    clearTimeout(timer);
    seen.visits++;
    after = follow.state.lastEventId;
  } while (!hasEnded && !signal.aborted && Math.random() < COMES_BACK);
  if (lines.length === 1) lines[0] = { kind: "opened", time: place.emptied() };
  // Who left before the end is owed only what came before the last that it saw.
  const report = check(lines, hasEnded ? run.publications : []);
  seen.delivered += report.delivered;
  seen.gaps += report.gaps;
  seen.epochs += report.epochs;
  const faults = Object.entries(faultsOf(report)).filter(([, count]) => count > 0);
  if (faults.length > 0) {
    const { delivered, gaps, epochs } = report;
    note(
      seen,
      `${run.id}: ${faults.map(([what, count]) => `${count} ${what}`).join(", ")} ` +
        `(${delivered} delivered, ${gaps} announced as missing, ${epochs} times told of a new epoch)`,
    );
  }
}

/** The first hundred tell enough. */
function note({ problems }: Seen, problem: string): void {
  if (problems.length < 100) problems.push(problem);
}

const COMES_BACK = 0.6;

/** Lets so many begin, and the next when one of them is done. */
export class Openings {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Resolves when it is one's turn, with what to call once when done; to call it again does nothing. */
  async begin(): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    };
  }
}
