/** From judged claims to a score, and to what should be done about the answer. */

import { describe, isRecord } from "../../../core/options.ts";
import { number, type ReadBy, readBy, type Rules } from "../../../core/option_rules.ts";
import { readNumber } from "../../../core/option_values.ts";
import { fromJsonSchema } from "../../json_schema/from_json_schema.ts";
import { flag, list, object, oneOf, text } from "../../json_schema/shapes.ts";
import type { StandardSchema } from "../../../events/standard_schema.ts";

/**
 * What should be done about an answer: let it go out, write it again from the same evidence, or look for
 * evidence again; `abstain` if there is nothing to decide by.
 */
export type GsarDecision = "proceed" | "regenerate" | "replan" | "abstain";

/** Options of {@linkcode gsarScore}. */
export interface GsarScoreOptions {
  /** How much of its weight a contradicted claim takes from the score: 0 to 1. @default {0.5} */
  contradictionPenalty?: number;
  /** From this score on an answer may go out: 0 to 1. @default {0.8} */
  tauProceed?: number;
  /** From this score on, writing it again is enough: 0 to 1, below `tauProceed`. @default {0.65} */
  tauRegenerate?: number;
  /**
   * What a claim weighs by what it rests on, 0 to 1; laid over the published weights.
   * @default {null: the published weights}
   */
  weightMap?: Readonly<Record<string, number>> | null;
}

/** What claims amount to. */
export interface GsarScore {
  /** 0 to 1; 0.5 if there is nothing to score. */
  readonly score: number;
  /** What should be done. */
  readonly decision: GsarDecision;
  /** The weight of the claims of each verdict, before the penalty. */
  readonly weights: Readonly<Record<GsarVerdict, number>>;
}

/**
 * Scores an answer by its claims: GSAR, typed grounding (arXiv 2604.23366).
 *
 * With G, U, X and K for the weights of the grounded, ungrounded, contradicted and complementary claims,
 * and p for `contradictionPenalty`, the score is (G + K) / (G + U + pX + K).
 *
 * - An observation counts for more than an inference: each claim weighs what its evidence type does.
 * - To leave out a claim that is contradicted does not help: the ones that remain count as before.
 * - `proceed` from `tauProceed` on, `regenerate` from `tauRegenerate` on, else `replan`; `abstain` if
 *   there are no claims, or nothing that weighs.
 *
 * @throws {TypeError} If a claim is none, or an option is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 *
 * @example One claim is made up, one is wrong
 * ```ts
 * import { gsarScore } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 *
 * const { score, decision } = gsarScore([
 *   { claim: "Checkout answers in 900 ms.", verdict: "grounded", evidence_type: "tool_match" },
 *   { claim: "It was 200 ms at noon.", verdict: "grounded", evidence_type: "specific_data" },
 *   { claim: "The cache is cold.", verdict: "ungrounded", evidence_type: "inference" },
 *   { claim: "Payment is slow too.", verdict: "complementary", evidence_type: "complementary_finding" },
 *   { claim: "Nothing was deployed.", verdict: "contradicted", evidence_type: "inference" },
 * ]);
 * assertEquals(score.toFixed(3), "0.757");
 * assertEquals(decision, "regenerate");
 * ```
 */
export function gsarScore(
  claims: readonly GsarClaim[],
  options: GsarScoreOptions = {},
): GsarScore {
  const scoring = checkScoring(OWNER, readBy(OWNER, options, SCORE_RULES));
  if (!Array.isArray(claims)) {
    throw new TypeError(`${OWNER}: "claims" must be an array, got ${describe(claims)}`);
  }
  return scoreClaims(claims, scoring);
}

/** The same with options that are checked. */
export function scoreClaims(claims: readonly GsarClaim[], scoring: GsarScoring): GsarScore {
  const { contradictionPenalty, tauProceed, tauRegenerate, weightMap } = scoring;
  const weights = { grounded: 0, ungrounded: 0, contradicted: 0, complementary: 0 };
  for (const { verdict, evidence_type } of claims) {
    if (!VERDICTS.includes(verdict)) {
      const list = VERDICTS.map((item) => JSON.stringify(item)).join(", ");
      throw new TypeError(
        `${OWNER}: "verdict" of a claim must be one of ${list}, got ${describe(verdict)}`,
      );
    }
    // Who does not say what a claim rests on is taken to have inferred it.
    weights[verdict] += weightMap.get(evidence_type) ?? WEIGHTS.inference;
  }
  const { grounded, ungrounded, contradicted, complementary } = weights;
  const held = grounded + complementary;
  const all = held + ungrounded + contradictionPenalty * contradicted;
  if (all === 0) return { score: NEUTRAL, decision: "abstain", weights };
  // Sums of decimals miss a threshold by their last digits.
  const score = Math.round(held / all * 1e12) / 1e12;
  const decision = score >= tauProceed
    ? "proceed"
    : score >= tauRegenerate
    ? "regenerate"
    : "replan";
  return { score, decision, weights };
}

export const SCORE_RULES = /* @__PURE__ */ (() => ({
  contradictionPenalty: number(0.5, 0, 1),
  tauProceed: number(0.8, 0, 1),
  tauRegenerate: number(0.65, 0, 1),
  weightMap: readWeights,
} satisfies Rules<GsarScoreOptions>))();

export type GsarScoring = ReadBy<typeof SCORE_RULES>;

/** @throws {RangeError} If the thresholds are in the wrong order. */
export function checkScoring(owner: string, scoring: GsarScoring): GsarScoring {
  const { tauProceed, tauRegenerate } = scoring;
  if (tauRegenerate < tauProceed) return scoring;
  throw new RangeError(
    `${owner}: "tauRegenerate" must be below "tauProceed", got ${tauRegenerate} and ${tauProceed}`,
  );
}

function readWeights(owner: string, name: string, value: unknown): ReadonlyMap<string, number> {
  const given = value ?? {};
  if (!isRecord(given)) {
    throw new TypeError(`${owner}: "${name}" must be an object of weights, got ${describe(given)}`);
  }
  const weights = new Map<string, number>(Object.entries(WEIGHTS));
  for (const [type, weight] of Object.entries(given)) {
    weights.set(type, readNumber(owner, `${name}.${type}`, weight, 0, 1));
  }
  return weights;
}

const OWNER = "gsarScore()";

const NEUTRAL = 0.5;

/**
 * What the evidence makes of a claim: it says so, says nothing, says the opposite, or says something
 * that the claim adds another view to.
 */
export type GsarVerdict = "grounded" | "ungrounded" | "contradicted" | "complementary";

/** What a claim rests on, as the method was published; `weightMap` may name others. */
export type GsarEvidenceType =
  | "tool_match"
  | "specific_data"
  | "signal_match"
  | "complementary_finding"
  | "synthesis"
  | "neg_evidence"
  | "inference"
  | "domain";

/** A claim of an answer, as it was judged. */
export interface GsarClaim {
  /** The claim, in words. */
  readonly claim: string;
  /** What the evidence makes of it. */
  readonly verdict: GsarVerdict;
  /** What it rests on; of a kind that has no weight, it weighs as much as `inference`. */
  readonly evidence_type: GsarEvidenceType | (string & Record<never, never>);
  /** What speaks for it, or against it. */
  readonly evidence?: readonly string[];
}

/** What a judge makes of an answer. Anything else that it says is kept with it. */
export interface GsarJudgment {
  /** Every claim that can be checked; empty if there is none. */
  readonly claims: readonly GsarClaim[];
  /** Whether the judge does not want to decide: its claims then do not count. */
  readonly abstained?: boolean;
}

export const VERDICTS: readonly GsarVerdict[] = [
  "grounded",
  "ungrounded",
  "contradicted",
  "complementary",
];

/** What a claim weighs by what it rests on, as published. */
export const WEIGHTS: Readonly<Record<GsarEvidenceType, number>> = {
  tool_match: 1,
  specific_data: 0.95,
  signal_match: 0.9,
  complementary_finding: 0.85,
  synthesis: 0.8,
  neg_evidence: 0.7,
  inference: 0.6,
  domain: 0.6,
};

export function judgmentSchema(): StandardSchema<unknown, GsarJudgment> {
  const claim = object<GsarClaim>({
    claim: text,
    verdict: oneOf(VERDICTS),
    evidence_type: text,
    evidence: list(text),
  }, ["claim", "verdict", "evidence_type"]);
  const judgment = object<GsarJudgment>({ claims: list(claim), abstained: flag }, ["claims"]);
  return fromJsonSchema({ title: "judgment", ...judgment });
}
