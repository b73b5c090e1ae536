/** Turns that repeat themselves. */

import { isSameJson } from "../../core/same_json.ts";
import type { StopCheck } from "../loop/stop_checks.ts";
import type { ReasoningStep } from "../state/state.ts";
import { referenceKeyOf } from "../state/texts.ts";

/**
 * Whether the last `threshold` turns made the very same calls, arguments included, got the same results, and did nothing
 * else.
 * Repeats within one turn do not count, and a turn without calls breaks the chain.
 */
export function isRepeating(steps: readonly ReasoningStep[], threshold: number): boolean {
  const [first, ...others] = callingSteps(steps, threshold)?.reverse() ?? [];
  return first !== undefined && others.every((step) => areSame(first, step));
}

/** Ends a run whose last `threshold` turns made the very same calls. */
export function isLooping(threshold: number): StopCheck {
  return ({ state }) =>
    isRepeating(state.reasoning_steps, threshold) ? { reason: "tool_loop" } : null;
}

/** Whether the last four turns took turns between two sets of calls. */
export function isAlternating(steps: readonly ReasoningStep[]): boolean {
  const [a, b, c, d] = callingSteps(steps, 4) ?? [];
  return a !== undefined && areSame(a, c!) && areSame(b!, d!) && !areSame(a, b!);
}

/** The last `count` turns; undefined if there are fewer, or one called nothing. */
function callingSteps(steps: readonly ReasoningStep[], count: number): ReasoningStep[] | undefined {
  const latest = steps.slice(-count);
  const areCalling = latest.length === count && latest.every((step) => step.tool_calls.length > 0);
  return areCalling ? latest : undefined;
}

/** Same calls with same results: whoever asks again until something changes does not go in circles. */
function areSame(a: ReasoningStep, b: ReasoningStep): boolean {
  return covers(a, b) && covers(b, a);
}

/** Whether each call of `b` was made in `a` as well, and came to the same. */
function covers(a: ReasoningStep, b: ReasoningStep): boolean {
  return b.tool_calls.every((call, i) =>
    a.tool_calls.some(({ name, arguments: args }, j) =>
      name === call.name && isSameJson(args, call.arguments) &&
      withoutKey(a.tool_results[j] ?? "") === withoutKey(b.tool_results[i] ?? "")
    )
  );
}

/** A result that is kept elsewhere has a key of its own each time, whatever it says. */
function withoutKey(result: string): string {
  const key = referenceKeyOf(result);
  return key === null ? result : result.replaceAll(key, "");
}
