/** Turns that repeat themselves. */

import { canonicalJson } from "../json.ts";
import type { ReasoningStep } from "../state.ts";

/**
 * Whether the last `threshold` turns made the very same calls, arguments included, and nothing else.
 * Repeats within one turn do not count, and a turn without calls breaks the chain.
 */
export function isRepeating(steps: readonly ReasoningStep[], threshold: number): boolean {
  const latest = callingSteps(steps, threshold)?.reverse();
  if (latest === undefined) return false;
  const [last, ...before] = latest;
  const signature = signatureOf(last!);
  // Comparing texts is the expensive part: mostly the turn before is another one already.
  return before.every((step) => signatureOf(step) === signature);
}

/** Whether the last four turns took turns between two sets of calls. */
export function isAlternating(steps: readonly ReasoningStep[]): boolean {
  const [a, b, c, d] = callingSteps(steps, 4)?.map(signatureOf) ?? [];
  return a !== undefined && a === c && b === d && a !== b;
}

/** The last `count` turns; undefined if there are fewer, or one called nothing. */
function callingSteps(steps: readonly ReasoningStep[], count: number): ReasoningStep[] | undefined {
  const latest = steps.slice(-count);
  const areCalling = latest.length === count && latest.every((step) => step.tool_calls.length > 0);
  return areCalling ? latest : undefined;
}

/** What a turn called, as text: the same for the same calls. */
function signatureOf({ tool_calls }: ReasoningStep): string {
  const calls = tool_calls.map((call) => `${call.name} ${canonicalJson(call.arguments)}`);
  return [...new Set(calls)].sort().join("\n");
}
