/** An agent whose answers are judged claim by claim before they go out. */

import { toStopReason } from "../../../events/stop_reason.ts";
import type { AgentEvent } from "../../state/events.ts";
import { report } from "../../state/report.ts";
import type { Answer, Feature, FeatureContext } from "../../loop/feature.ts";
import { evidenceOf } from "../claims.ts";
import type { GsarJudgment } from "./gsar_data.ts";
import { askJudge } from "./gsar_judge.ts";
import type { GsarConfig } from "./gsar_options.ts";
import { type GsarOutcome, GSARValidationError, NOT_JUDGED } from "./gsar_outcome.ts";
import { scoreClaims } from "./gsar_score.ts";

/**
 * Judges what a run ends with, if it ends with a text, and notes it for the result. Without evidence
 * no judge is called: there is nothing to judge by.
 */
export class Gsar implements Feature {
  readonly name = "gsar";
  outcome: GsarOutcome = NOT_JUDGED;
  readonly #config: GsarConfig;
  readonly #terminalTools: ReadonlySet<string>;

  constructor(config: GsarConfig, terminalTools: ReadonlySet<string>) {
    this.#config = config;
    this.#terminalTools = terminalTools;
  }

  /**
   * @throws {GSARValidationError} If the agent is to fail then, and the answer may not proceed.
   * @throws The abort reason, if the run is cancelled meanwhile.
   */
  // deno-lint-ignore require-yield
  async *ending(context: FeatureContext, answer: Answer): AsyncGenerator<AgentEvent, Answer> {
    const stopReason = toStopReason(answer.reason);
    if (!answer.message || stopReason === "cancelled" || stopReason === "error") return answer;
    const { scoring, failOnLowScore } = this.#config;
    let failure: unknown;
    try {
      const evidence = Object.freeze(this.#evidence(context));
      const judgment = evidence.length === 0
        ? NOTHING
        : await askJudge(context, this.#config, Object.freeze({ text: answer.message, evidence }));
      const claims = judgment.abstained ? [] : judgment.claims;
      const { score, decision } = scoreClaims(claims, scoring);
      this.outcome = { gsar_judgment: judgment, gsar_score: score, gsar_decision: decision };
    } catch (error) {
      if (context.signal.aborted) throw error;
      failure = error;
      report("gsar: the answer could not be judged", error);
    }
    if (failOnLowScore && this.outcome.gsar_decision !== "proceed") {
      throw new GSARValidationError(this.outcome, failure);
    }
    return answer;
  }

  /** What a terminal tool returns is the answer, and would prove itself. */
  #evidence({ executions }: FeatureContext): string[] {
    return evidenceOf(
      executions.filter(({ tool_name }) => !this.#terminalTools.has(tool_name)),
      MAX_EVIDENCE,
    );
  }
}

/** More than grounding shows: a detail that the judge does not see is a claim without support. */
const MAX_EVIDENCE = 2000;

const NOTHING: GsarJudgment = Object.freeze({ claims: Object.freeze([]), abstained: true });
