/** What an answer claims, and what each claim is worth. */

import { fromJsonSchema } from "../../json_schema/from_json_schema.ts";
import { flag, list, object, oneOf, text } from "../../json_schema/shapes.ts";
import type { StandardSchema } from "../../../events/standard_schema.ts";

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

/** The verdicts. */
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

/** Checks what a judge returns. */
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
