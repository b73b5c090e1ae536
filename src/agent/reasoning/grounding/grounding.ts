/** An agent that checks its answer against what its tools returned. */

import { number, orNull, readSwitched, type Rules, whole } from "../../../core/option_rules.ts";
import { createEvent } from "../../state/events.ts";
import { type Steps, until } from "../../state/steps.ts";
import { systemMessage } from "../../state/messages.ts";
import { chatModel, type LanguageModel } from "../../model/language_model.ts";
import { report as reportError } from "../../state/texts.ts";
import { count, list, object, readStored, share, text } from "../../json_schema/shapes.ts";
import type { Feature, FeatureContext, SideQuestion, Verdict } from "../../loop/feature.ts";
import { claimsIn, evidenceOf } from "../ask_for_data.ts";
import { type GroundingReport, judgeClaims, report } from "./grounding_score.ts";

/** Options of an agent's `grounding`. */
export interface GroundingOptions {
  /** Whether answers are checked at all. @default {true} */
  enabled?: boolean;
  /** Below this score an answer is not accepted: 0 to 1. @default {0.65} */
  threshold?: number;
  /** How often the agent may go back to find more evidence. @default {2} */
  maxReplans?: number;
  /** Judges the claims. @default {the auxiliaryModel, or the model} */
  model?: LanguageModel | null;
}

/** The option `grounding`; null if it is off. @throws {TypeError | RangeError} If it is wrong. */
export function readGrounding(owner: string, name: string, given: unknown) {
  return readSwitched(
    `${owner}: ${name}`,
    given,
    {
      threshold: number(0.65, 0, 1),
      maxReplans: whole(2, 0),
      // Null for the auxiliary model.
      model: orNull(chatModel("grounding.")),
    } satisfies Rules<Omit<GroundingOptions, "enabled">>,
  );
}

export type GroundingConfig = NonNullable<ReturnType<typeof readGrounding>>;

interface GroundingResult extends Pick<GroundingReport, "score" | "ungrounded_claims"> {
  /** How often an answer was checked. */
  readonly evaluations: number;
}

/**
 * Checks each answer before it is accepted, if there is something to check it against: a `grounding` event. An answer
 * that is not supported is refused, and the model is told why. A judge that fails leaves the answer unchecked.
 */
export function groundingFeature({ model, threshold, maxReplans }: GroundingConfig): Feature {
  /** What the latest check came to; null if there was none. */
  let result: GroundingResult | null = null;

  function* check(
    context: FeatureContext,
    answer: string,
  ): Steps<Verdict | void> {
    const evidence = evidenceOf(context.executions);
    const checked = yield* until(judge(context, claimsIn(answer), evidence));
    if (checked === null) return;
    const { score, ungrounded_claims, requires_replan } = checked;
    const evaluations = (result?.evaluations ?? 0) + 1;
    result = { score, ungrounded_claims, evaluations };
    const isLast = evaluations > maxReplans;
    if (requires_replan && !isLast) {
      const list = ungrounded_claims.slice(0, MAX_LISTED).map((claim) => `- ${claim}`);
      context.append(systemMessage([UNGROUNDED, ...list, AGAIN].join("\n")));
    }
    const claims_evaluated = checked.claims.length;
    const told = { score, claims_evaluated, ungrounded_claims, requires_replan };
    yield createEvent("grounding", told);
    if (!requires_replan) return;
    return isLast ? { kind: "final", reason: "grounding_failed" } : { kind: "refused" };
  }

  async function judge(
    context: FeatureContext,
    claims: readonly string[],
    evidence: readonly string[],
  ): Promise<GroundingReport | null> {
    // Nothing to judge, or nothing to judge it by.
    if (claims.length === 0 || evidence.length === 0) return report([], threshold);
    try {
      const ask = (question: SideQuestion) =>
        context.ask(model ?? context.auxiliaryModel, question);
      return report(await judgeClaims(ask, claims, evidence), threshold);
    } catch (error) {
      if (context.signal.aborted) throw error;
      reportError("grounding: the answer could not be checked", error);
      return null;
    }
  }

  return {
    name: "grounding",
    responded(context, { content, tool_calls }) {
      if (tool_calls.length > 0 || !content || context.executions.length === 0) return;
      return check(context, content);
    },
    result: () =>
      result && {
        grounding_score: result.score,
        ungrounded_claims: result.ungrounded_claims,
        grounding_evaluations: result.evaluations,
      },
    save: () => result ?? undefined,
    load(data) {
      if (data !== undefined) result = readStored<GroundingResult>(STORED, data);
    },
  };
}

const STORED = /* @__PURE__ */ object<GroundingResult>({
  score: share,
  ungrounded_claims: list(text),
  evaluations: count,
});

const MAX_LISTED = 5;
const UNGROUNDED = "These claims of your answer are not supported by what the tools returned:";
const AGAIN = "Find evidence for them with your tools, or answer again without them.";
