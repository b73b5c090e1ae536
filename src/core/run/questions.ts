import type { AnyRun } from "./run.ts";

/** Says that somebody is asked. @param extras What it says beside the question. */
export type TellQuestion = (extras: Readonly<Record<string, unknown>>) => void;

const holders = new WeakMap<AnyRun, (tell: TellQuestion) => void>();

/** From now on, questions of agents at this place are told by whoever called them, once they can be answered there. */
export function holdQuestions(place: AnyRun, hold: (tell: TellQuestion) => void): void {
  holders.set(place, hold);
}

/** Tells a question now, or leaves that to whoever holds the questions of this place. */
export function tellQuestion(place: AnyRun, tell: TellQuestion): void {
  const hold = holders.get(place);
  if (hold === undefined) tell({});
  else hold(tell);
}
