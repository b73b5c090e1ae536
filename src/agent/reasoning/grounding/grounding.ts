/** An agent that checks its answer against what its tools returned. */

import { number, orNull, readSwitched, type Rules, whole } from "../../../core/option_rules.ts";
import { type AgentEvent, createEvent } from "../../state/events.ts";
import { systemMessage } from "../../state/messages.ts";
import { chatModel, type LanguageModel } from "../../model/language_model.ts";
import { report as reportError } from "../../state/texts.ts";
import { count, list, object, readStored, share, text } from "../../json_schema/shapes.ts";
import type { Feature, FeatureContext, SideQuestion, Verdict } from "../../loop/feature.ts";
import type { ModelResponse } from "../../model/response.ts";
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

/**
 * Checks the option `grounding`; null if it is off.
 *
 * @throws {TypeError} If it, or one of its options, is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 */
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

export interface GroundingResult extends Pick<GroundingReport, "score" | "ungrounded_claims"> {
  readonly evaluations: number;
}

/**
 * Checks each answer before it is accepted, if there is something to check it against: a `grounding` event. An answer
 * that is not supported is refused, and the model is told why. A judge that fails leaves the answer unchecked.
 */
export class Grounding implements Feature {
  readonly name = "grounding";
  /** What the latest check came to; null if there was none. */
  result: GroundingResult | null = null;
  readonly #config: GroundingConfig;

  constructor(config: GroundingConfig) {
    this.#config = config;
  }

  responded(
    context: FeatureContext,
    { content, tool_calls }: ModelResponse,
  ): AsyncGenerator<AgentEvent, Verdict | void> | void {
    if (tool_calls.length > 0 || !content || context.executions.length === 0) return;
    return this.#check(context, content);
  }

  save(): GroundingResult | undefined {
    return this.result ?? undefined;
  }

  load(data: unknown): void {
    if (data !== undefined) this.result = readStored<GroundingResult>(STORED, data);
  }

  /** @throws The abort reason, if the run is cancelled meanwhile. */
  async *#check(
    context: FeatureContext,
    answer: string,
  ): AsyncGenerator<AgentEvent, Verdict | void> {
    const claims = claimsIn(answer);
    const checked = await this.#judge(context, claims, evidenceOf(context.executions));
    if (checked === null) return;

    const { score, ungrounded_claims, requires_replan } = checked;
    const evaluations = (this.result?.evaluations ?? 0) + 1;
    this.result = { score, ungrounded_claims, evaluations };
    const isLast = evaluations > this.#config.maxReplans;
    if (requires_replan && !isLast) {
      const list = ungrounded_claims.slice(0, MAX_LISTED).map((claim) => `- ${claim}`);
      context.append(systemMessage([UNGROUNDED, ...list, AGAIN].join("\n")));
    }
    yield createEvent("grounding", {
      score,
      claims_evaluated: checked.claims.length,
      ungrounded_claims,
      requires_replan,
    });
    if (!requires_replan) return;
    return isLast ? { kind: "final", reason: "grounding_failed" } : { kind: "refused" };
  }

  async #judge(
    context: FeatureContext,
    claims: readonly string[],
    evidence: readonly string[],
  ): Promise<GroundingReport | null> {
    const { model, threshold } = this.#config;
    // Nothing to judge, or nothing to judge it by.
    if (claims.length === 0 || evidence.length === 0) return report([], threshold);
    try {
      const judge = model ?? context.auxiliaryModel;
      const ask = (question: SideQuestion) => context.ask(judge, question);
      return report(await judgeClaims(ask, claims, evidence), threshold);
    } catch (error) {
      if (context.signal.aborted) throw error;
      reportError("grounding: the answer could not be checked", error);
      return null;
    }
  }
}

const STORED = object<GroundingResult>({
  score: share,
  ungrounded_claims: list(text),
  evaluations: count,
});

const MAX_LISTED = 5;
const UNGROUNDED = "These claims of your answer are not supported by what the tools returned:";
const AGAIN = "Find evidence for them with your tools, or answer again without them.";
