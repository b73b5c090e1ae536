import type { End } from "../../runtime/follow/followed.ts";
import { describe } from "../describe.ts";
import { summarize } from "../error_text.ts";
import type { Run, RunOutcome } from "./run.ts";

/** What all handles of a run share. */
export interface RunScope extends Pick<Run, "waitUntil" | "onEnd" | "setOutcome"> {
  /** The run around this one, in the span that this one is there, as long as both are open. */
  outer?: Run;
  /** Whether the run is over, or waits. */
  isOver?: boolean;
}

/** Makes the scope of a run that is not ended here. */
export function endlessScope(): RunScope {
  return { waitUntil: reportFailure, onEnd() {}, setOutcome() {} };
}

/** Handles it all the same, because the caller who hands the work over does not. */
function reportFailure(work: PromiseLike<unknown>): void {
  Promise.resolve(work).catch(console.error);
}

/** A scope that knows when everything in it is over. */
export interface EndingScope extends RunScope {
  /** Called when what the function of the run returned is over. */
  finish: End;
}

/**
 * Makes a scope.
 *
 * @param report Takes the errors that no caller gets.
 * @param complete Called once, when everything is over.
 */
export function endingScope(
  report: (error: unknown) => void,
  complete: (outcome: RunOutcome, error: string | null) => void,
): EndingScope {
  // The first is the function of the run.
  let underWay = 1;
  let thrown: string | undefined;
  let said: RunOutcome | undefined;
  let reason: string | null = null;
  const callbacks: (() => unknown)[] = [];

  // Called at once, but what it throws, now or later, is reported instead of thrown to the caller.
  const attempt = (fn: () => unknown) => void (async () => await fn())().catch(report);
  const settle = () => {
    if (--underWay > 0 || scope.isOver) return;
    scope.isOver = true;
    callbacks.splice(0).forEach(attempt);
    attempt(() =>
      thrown === undefined
        ? complete(said ?? "ok", reason)
        : complete(thrown.startsWith("AbortError: ") ? "cancelled" : "error", thrown)
    );
  };
  const scope: EndingScope = {
    finish(how, error) {
      if (how === "failed") thrown = summarize(error);
      if (how === "left") said ??= "cancelled";
      settle();
    },
    waitUntil(work) {
      underWay++;
      // Listened to at once: it may fail long before the run ends.
      Promise.resolve(work).catch((error) => {
        thrown ??= summarize(error);
        report(error);
      }).then(settle);
    },
    onEnd(fn) {
      // What is opened last is inside of what was opened before.
      callbacks.unshift(fn);
    },
    setOutcome(outcome, error) {
      if (!["ok", "error", "cancelled", "waiting"].includes(outcome)) {
        throw new TypeError(
          `Run.setOutcome(): expected ok, error, cancelled or waiting, got ${describe(outcome)}`,
        );
      }
      said = outcome;
      reason = error == null ? null : summarize(error);
    },
  };
  return scope;
}
