import { setTimeout } from "node:timers";
import { type FollowState, runs } from "../client/mod.ts";
import { didYouMean } from "../core/nearest.ts";
import type { Place } from "./place.ts";

/** Where a run is followed, and what to do with a sentence about it. */
export interface Awaited {
  readonly routes: Place;
  readonly headers: Headers;
  readonly signal: AbortSignal;
  /** How it stands now. */
  state(): FollowState;
  /** Called once, if there is no event of the run a second after it was connected to. */
  say(sentence: string): void;
}

/**
 * Makes an observer of a run that is followed by its id. A server accepts every id, so a mistyped one would wait in
 * silence. The observer prints what it waits for, and the runs with a similar id.
 */
export function awaitRun(
  runId: string,
  { routes, headers, signal, state, say }: Awaited,
): (state: FollowState) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isWaiting = () => state().events === 0 && state().ended === null;
  const ask = async () => {
    // A list costs the server much more than a run that is there, whose events come at once.
    if (!isWaiting()) return;
    const sentence = await sentenceOf(runId, routes, { headers, signal });
    if (isWaiting()) say(sentence);
  };
  return ({ phase }) => {
    if (phase !== "live" || timer !== undefined) return;
    timer = setTimeout(() => void ask(), PATIENCE_MS);
    // Must not keep the process alive.
    timer.unref();
  };
}

async function sentenceOf(
  runId: string,
  { runs: url, place, fetch }: Place,
  options: { headers: Headers; signal: AbortSignal },
): Promise<string> {
  try {
    const ids = (await runs(url, { ...options, fetch })).map(({ run_id: id }) => id);
    if (!ids.includes(runId)) {
      const hint = didYouMean(runId, ids);
      return `no run "${runId}" at ${place} yet, waiting for it${hint}`;
    }
  } catch {
    // Who may follow one run need not be allowed to list all.
  }
  return `waiting for the first event of "${runId}"`;
}

const PATIENCE_MS = 1_000;
