/** The option `gsar` of an agent. */

import { flag, orNull, readBy } from "../../../core/option_rules.ts";
import { asChatModel, type LanguageModel } from "../../model/language_model.ts";
import type { ChatModel } from "../../model/chat_model.ts";
import { toAnswerFormat } from "../ask_for_data.ts";
import { type GsarJudgment, judgmentSchema } from "./gsar_data.ts";
import { checkScoring, type GsarScoreOptions, SCORE_RULES } from "./gsar_score.ts";

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

/**
 * Checks the option `gsar`; null if it is off.
 *
 * @throws {TypeError} If it, or one of its options, is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 */
export function readGsar(owner: string, name: string, given: unknown) {
  if (given === undefined || given === null || given === false) return null;
  const options: GsarOptions = given === true ? {} : given;
  const subject = `${owner}: ${name}`;
  const { judge, failOnLowScore, ...scoring } = readBy(subject, options, {
    ...SCORE_RULES,
    // Null for the auxiliary model.
    judge: orNull(readJudge),
    failOnLowScore: flag(false),
  });
  const form = toAnswerFormat(judgmentSchema());
  return { judge, form, failOnLowScore, scoring: checkScoring(subject, scoring) };
}

/** Options, checked and complete. */
export type GsarConfig = NonNullable<ReturnType<typeof readGsar>>;

function readJudge(_owner: string, _name: string, value: unknown): ChatModel | GsarJudge {
  return typeof value === "function" ? value as GsarJudge : asChatModel("gsar.judge", value);
}
