/** Turns that repeat themselves. */

import { canonicalJson } from "../json.ts";
import type { ReasoningStep } from "../state.ts";

/**
 * Whether the last `threshold` turns made the very same calls, arguments included, and nothing else.
 * Repeats within one turn do not count, and a turn without calls breaks the chain.
 */
export function isRepeating(steps: readonly ReasoningStep[], threshold: number): boolean {
  const latest = signaturesOf(steps, threshold);
  return latest !== null && latest.every((signature) => signature === latest[0]);
}

/** Whether the last four turns took turns between two sets of calls. */
export function isAlternating(steps: readonly ReasoningStep[]): boolean {
  const latest = signaturesOf(steps, 4);
  if (latest === null) return false;
  const [a, b, c, d] = latest;
  return a === c && b === d && a !== b;
}

/** What the last `count` turns called, as text; null if there are fewer, or one called nothing. */
function signaturesOf(steps: readonly ReasoningStep[], count: number): string[] | null {
  const latest = steps.slice(-count);
  // Comparing texts is the expensive part: not while some turn of them called no tool.
  if (latest.length < count || latest.some((step) => step.tool_calls.length === 0)) return null;
  return latest.map(({ tool_calls }) => {
    const calls = tool_calls.map((call) => `${call.name} ${canonicalJson(call.arguments)}`);
    return [...new Set(calls)].sort().join("\n");
  });
}
