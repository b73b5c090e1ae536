/** What an answer claims, and what there is to prove it. */

import type { ToolExecution } from "../state/state.ts";
import { clip } from "../state/texts.ts";

/**
 * The sentences of a text that claim something: without short ones, questions, and those about the
 * model itself.
 */
export function claimsIn(text: string): string[] {
  return text.split(/(?<=[.!?])\s+/)
    .map((sentence) => sentence.replace(/\s+/g, " ").trim())
    .filter((sentence) =>
      sentence.length > MIN_LENGTH && !sentence.endsWith("?") &&
      !/^(i |i'm |i'll |let me)/i.test(sentence)
    );
}

/** What the tools returned, a line for each call that succeeded, cut to `maxLength`. */
export function evidenceOf(
  executions: readonly ToolExecution[],
  maxLength: number = MAX_EVIDENCE,
): string[] {
  return executions.flatMap(({ tool_name, result, error, cancelled }) => {
    if (error !== null || cancelled || result === null || result === "") return [];
    const text = result.length > maxLength ? `${clip(result, maxLength)}...` : result;
    return [`[${tool_name}]: ${text}`];
  });
}

const MIN_LENGTH = 20;
const MAX_EVIDENCE = 500;
