/** An agent whose answers are judged claim by claim before they go out. */

import { toStopReason } from "../../../events/stop_reason.ts";
import { GSARValidationError } from "../../errors.ts";
import type { Answer } from "../../output/structured_answer.ts";
import { report } from "../../report.ts";
import type { AgentResult } from "../../result.ts";
import type { RunHandle } from "../../run_handle.ts";
import { evidenceOf } from "../claims.ts";
import type { GsarJudgment } from "./gsar_data.ts";
import { askJudge } from "./gsar_judge.ts";
import type { GsarConfig } from "./gsar_options.ts";
import { scoreClaims } from "./gsar_score.ts";

/** What became of the judging; all null if there was none, or the judge failed. */
export type GsarOutcome = Pick<AgentResult, "gsar_judgment" | "gsar_score" | "gsar_decision">;

/** Nothing was judged. */
export const NOT_JUDGED: GsarOutcome = Object.freeze({
  gsar_judgment: null,
  gsar_score: null,
  gsar_decision: null,
});

/**
 * Judges what a run ends with, if it ends with a text, and notes it for the result. Without evidence
 * nobody is asked: there is nothing to judge by.
 *
 * @throws {GSARValidationError} If the agent is to fail then, and the answer may not proceed.
 * @throws The abort reason, if the run is cancelled meanwhile.
 */
export async function judgeAnswer(
  run: RunHandle,
  config: GsarConfig,
  { reason, message }: Answer,
): Promise<void> {
  const stopReason = toStopReason(reason);
  if (!message || stopReason === "cancelled" || stopReason === "error") return;
  let failure: unknown;
  try {
    const evidence = Object.freeze(evidenceFor(run));
    const judgment = evidence.length === 0
      ? NOTHING
      : await askJudge(run, config, Object.freeze({ text: message, evidence }));
    const claims = judgment.abstained ? [] : judgment.claims;
    const { score, decision } = scoreClaims(claims, config.scoring);
    run.gsar = { gsar_judgment: judgment, gsar_score: score, gsar_decision: decision };
  } catch (error) {
    if (run.signal.aborted) throw error;
    failure = error;
    report("gsar: the answer could not be judged", error);
  }
  if (config.failOnLowScore && run.gsar.gsar_decision !== "proceed") {
    throw new GSARValidationError(run.gsar, failure);
  }
}

/** What a terminal tool returns is the answer, and would prove itself. */
function evidenceFor({ state, progress, config }: RunHandle): string[] {
  const executions = state.tool_executions.slice(progress.firstExecution);
  return evidenceOf(
    executions.filter(({ tool_name }) => !config.terminalTools.has(tool_name)),
    MAX_EVIDENCE,
  );
}

/** More than grounding shows: a detail that the judge does not see is a claim without support. */
const MAX_EVIDENCE = 2000;

const NOTHING: GsarJudgment = Object.freeze({ claims: Object.freeze([]), abstained: true });
