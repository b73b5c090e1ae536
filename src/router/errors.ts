/** Why a request was not answered by any protocol. */

import type { RouteCandidate } from "../events/catalogue/places.ts";
import { type GoalFrame, summaryOf } from "./frame.ts";
import type { PolicyVerdict } from "./policy.ts";

/** No protocol handles the request. */
export class NoMatchingProtocolError extends Error {
  /** The name of the class. */
  override readonly name = "NoMatchingProtocolError";
  /** What the request asks for. */
  readonly frame: GoalFrame;
  /** All protocols, with what stands against each. */
  readonly candidates: readonly RouteCandidate[];

  /** Made by the router. */
  constructor(frame: GoalFrame, candidates: readonly RouteCandidate[]) {
    super(`No protocol handles ${summaryOf(frame)}`);
    this.frame = frame;
    this.candidates = candidates;
  }
}

/** The policy forbids it, or nobody approved. */
export class PolicyDeniedError extends Error {
  /** The name of the class. */
  override readonly name = "PolicyDeniedError";
  /** What the policy said. */
  readonly verdict: PolicyVerdict;

  /** Made by the router. */
  constructor(message: string, verdict: PolicyVerdict) {
    super(message);
    this.verdict = verdict;
  }
}
