/** An agent that checks its answer against what its tools returned. */

import { checkOptions, describe } from "../../core/options.ts";
import { checkWhole } from "../checks.ts";
import { type AgentEvent, createEvent } from "../events.ts";
import { systemMessage } from "../messages.ts";
import { asChatModel, type ChatModel, type LanguageModel } from "../model/language_model.ts";
import { report as reportError } from "../report.ts";
import type { RunHandle } from "../run_handle.ts";
import { claimsIn, evidenceOf } from "./claims.ts";
import { judgeClaims } from "./grounding_judge.ts";
import { checkThreshold, type GroundingReport, report } from "./grounding_score.ts";

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

/** Options, checked and complete. */
export interface GroundingConfig {
  readonly threshold: number;
  readonly maxReplans: number;
  /** Null for the auxiliary model. */
  readonly model: ChatModel | null;
}

/**
 * Checks the option `grounding`; null if it is off.
 *
 * @throws {TypeError} If it, or one of its options, is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 */
export function readGrounding(
  given: boolean | GroundingOptions | null | undefined,
): GroundingConfig | null {
  if (given === undefined || given === null || given === false) return null;
  const options = given === true ? {} : given;
  checkOptions(OWNER, options, ["enabled", "threshold", "maxReplans", "model"]);
  const { enabled = true, threshold = 0.65, maxReplans = 2, model = null } = options;
  if (typeof enabled !== "boolean") {
    throw new TypeError(`${OWNER}: "enabled" must be true or false, got ${describe(enabled)}`);
  }
  checkThreshold(OWNER, threshold);
  checkWhole(OWNER, "maxReplans", maxReplans, 0);
  const judge = model === null ? null : asChatModel("grounding.model", model);
  return enabled ? { threshold, maxReplans, model: judge } : null;
}

/**
 * Checks an answer: a `grounding` event, if there is something to check it against. A judge that fails
 * leaves the answer unchecked.
 *
 * @returns How the run ends with this answer; null if it goes on to find evidence, and has been told so.
 * @throws The abort reason, if the run is cancelled meanwhile.
 */
export async function* groundAnswer(
  run: RunHandle,
  answer: string | null,
): AsyncGenerator<AgentEvent, "complete" | "grounding_failed" | null> {
  const { state, progress, config: { grounding } } = run;
  const executions = state.tool_executions.slice(progress.firstExecution);
  if (grounding === null || !answer || executions.length === 0) return "complete";
  const checked = await check(run, grounding, claimsIn(answer), evidenceOf(executions));
  if (checked === null) return "complete";

  const { score, claims, ungrounded_claims, requires_replan } = checked;
  progress.grounding = { score, ungrounded_claims, evaluations: groundingsOf(run) + 1 };
  const isLast = groundingsOf(run) > grounding.maxReplans;
  if (requires_replan && !isLast) {
    const list = ungrounded_claims.slice(0, MAX_LISTED).map((claim) => `- ${claim}`);
    run.append(systemMessage([UNGROUNDED, ...list, AGAIN].join("\n")));
  }
  yield createEvent("grounding", {
    score,
    claims_evaluated: claims.length,
    ungrounded_claims,
    requires_replan,
  });
  if (!requires_replan) return "complete";
  return isLast ? "grounding_failed" : null;
}

function groundingsOf({ progress }: RunHandle): number {
  return progress.grounding?.evaluations ?? 0;
}

async function check(
  run: RunHandle,
  { model, threshold }: GroundingConfig,
  claims: readonly string[],
  evidence: readonly string[],
): Promise<GroundingReport | null> {
  // Nothing to judge, or nothing to judge it by.
  if (claims.length === 0 || evidence.length === 0) return report([], threshold);
  try {
    const judge = model ?? run.config.auxiliaryModel;
    return report(await judgeClaims(run, judge, claims, evidence), threshold);
  } catch (error) {
    if (run.signal.aborted) throw error;
    reportError("grounding: the answer could not be checked", error);
    return null;
  }
}

const OWNER = "Agent: grounding";
const MAX_LISTED = 5;
const UNGROUNDED = "These claims of your answer are not supported by what the tools returned:";
const AGAIN = "Find evidence for them with your tools, or answer again without them.";
