/** What judging an answer came to. */

import { AgentError } from "../../state/errors.ts";
import type { GsarJudgment } from "./gsar_data.ts";
import type { GsarDecision } from "./gsar_score.ts";

/** What judging an answer came to; all null if it was not judged, or the judge failed. */
export interface GsarOutcome {
  readonly gsar_judgment: GsarJudgment | null;
  readonly gsar_score: number | null;
  readonly gsar_decision: GsarDecision | null;
}

/** Nothing was judged. */
export const NOT_JUDGED: GsarOutcome = Object.freeze({
  gsar_judgment: null,
  gsar_score: null,
  gsar_decision: null,
});

/** An answer may not go out: the agent's `gsar` has `failOnLowScore`, and the decision is not `proceed`. */
export class GSARValidationError extends AgentError {
  /** The name of the class. */
  override readonly name = "GSARValidationError";
  /** What should be done instead; null if the answer could not be judged. */
  readonly decision: GsarDecision | null;
  /** How well the answer is supported, 0 to 1; null if it could not be judged. */
  readonly score: number | null;
  /** The claims; null if the answer could not be judged. */
  readonly judgment: GsarJudgment | null;

  /** Made by the agent; `cause` is why the answer could not be judged. */
  constructor(
    { gsar_decision, gsar_score, gsar_judgment }: GsarOutcome,
    cause?: unknown,
  ) {
    super(
      "gsar",
      gsar_decision === null
        ? "The answer could not be judged"
        : `The answer may not go out: ${gsar_decision}, with a score of ${gsar_score?.toFixed(2)}`,
      cause,
    );
    this.decision = gsar_decision;
    this.score = gsar_score;
    this.judgment = gsar_judgment;
  }
}
