/** The option `gsar` of an agent. */

import { checkOptions } from "../../../core/options.ts";
import { readFlag } from "../../../core/option_values.ts";
import { asChatModel, type LanguageModel } from "../../model/language_model.ts";
import type { ChatModel } from "../../model/chat_model.ts";
import { type AnswerFormat, toAnswerFormat } from "../ask_for_data.ts";
import { type GsarJudgment, judgmentSchema } from "./gsar_data.ts";
import {
  type GsarScoreOptions,
  type GsarScoring,
  readScoring,
  SCORE_OPTIONS,
} from "./gsar_score.ts";

/** What there is to judge. */
export interface GsarInput {
  /** The answer of the run. */
  readonly text: string;
  /** What its tools returned: `[<tool>]: <result>`, a line for each call that succeeded, 2000 characters at most. */
  readonly evidence: readonly string[];
}

/** Judges an answer. What it throws, or returns that is not a judgment, leaves the answer unjudged. */
export type GsarJudge = (
  input: GsarInput,
  context: { readonly signal: AbortSignal },
) => GsarJudgment | Promise<GsarJudgment>;

/** Options of an agent's `gsar`. */
export interface GsarOptions extends GsarScoreOptions {
  /**
   * Who judges: a language model, or a function of your own.
   * @default {null: the auxiliaryModel, or the model}
   */
  judge?: LanguageModel | GsarJudge | null;
  /**
   * Whether a run whose answer may not `proceed` fails: then it ends with the reason `error`, and throws
   * a `GSARValidationError`. So does one whose answer could not be judged. @default {false}
   */
  failOnLowScore?: boolean;
}

/** Options, checked and complete. */
export interface GsarConfig {
  /** Null for the auxiliary model. */
  readonly judge: ChatModel | GsarJudge | null;
  readonly form: AnswerFormat<GsarJudgment>;
  readonly scoring: GsarScoring;
  readonly failOnLowScore: boolean;
}

/**
 * Checks the option `gsar`; null if it is off.
 *
 * @throws {TypeError} If it, or one of its options, is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 */
export function readGsar(given: boolean | GsarOptions | null | undefined): GsarConfig | null {
  if (given === undefined || given === null || given === false) return null;
  const options = given === true ? {} : given;
  checkOptions(OWNER, options, [...SCORE_OPTIONS, "judge", "failOnLowScore"]);
  const { judge = null, failOnLowScore = false } = options;
  readFlag(OWNER, "failOnLowScore", failOnLowScore);
  return {
    judge: judge === null || typeof judge === "function" ? judge : asChatModel("gsar.judge", judge),
    form: toAnswerFormat(judgmentSchema()),
    scoring: readScoring(OWNER, options),
    failOnLowScore,
  };
}

const OWNER = "Agent: gsar";
