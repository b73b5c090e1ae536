/** A person's word before a tool is called: what is asked, and what the answer means. */

import { describe } from "../../../core/options.ts";
import { type Question, readQuestion } from "../../tools/question.ts";
import { cancelledByHook } from "../../tools/outcome.ts";
import { type Plan, settled } from "./tool_plan.ts";
import { clip } from "../../state/texts.ts";

/**
 * What a person is asked.
 *
 * @param before What is asked already: one answer is for both, so both must be seen.
 * @throws {TypeError} If it cannot be shown.
 */
export function approvalOf(
  question: string,
  metadata: Readonly<Record<string, unknown>> | undefined,
  before: Question | null,
): Question {
  if (typeof question !== "string") {
    throw new TypeError(
      `BeforeToolCallEvent.requireApproval(): expected a question, got ${describe(question)}`,
    );
  }
  const asked = readQuestion({ question, options: [APPROVE, REJECT] }, metadata);
  if (before === null) return asked;
  return {
    ...before,
    question: `${before.question}\n${asked.question}`,
    metadata: Object.freeze({ ...asked.metadata, ...before.metadata }),
  };
}

/** What an answer makes of a call. Whatever is not clearly an approval is none. */
export function decide(plan: Plan & { kind: "approve" }, answer: unknown): Plan {
  if (answer === APPROVE || answer === true) return plan.then;
  const words = typeof answer === "string" && answer !== REJECT ? answer.trim() : "";
  return settled(cancelledByHook(words === "" ? REJECTED : `${REJECTED}: ${clip(words, 1000)}`));
}

const APPROVE = "approve";
const REJECT = "reject";
const REJECTED = "A person did not approve this call";
