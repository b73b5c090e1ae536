/** How a turn went, by rules: no model is asked. */

import { describe } from "../../../core/options.ts";
import { flag, number, readBy, type Rules, whole } from "../../../core/option_rules.ts";
import type { ReflectEvent } from "../../state/events.ts";
import type { AgentState, ReasoningStep, ToolExecution } from "../../state/state.ts";
import { clip, referenceKeyOf } from "../../state/texts.ts";
import { isSameJson } from "../../../core/same_json.ts";
import type { StopCheck } from "../../loop/stop_checks.ts";

/** What a turn came to. */
export interface ProgressReport {
  /** How it is going. */
  readonly assessment: ReflectEvent["assessment"];
  /** The new confidence minus the one before. */
  readonly confidence_delta: number;
  /** 0 to 1. */
  readonly new_confidence: number;
  /** Advice for the next turn; null if it needs none. */
  readonly guidance: string | null;
}

/** Options of {@linkcode evaluateProgress}. */
export interface ProgressOptions {
  /** After so many turns with the very same calls, it is a loop. @default {3} */
  loopThreshold?: number;
  /** What a call that succeeds adds to the confidence. @default {0.15} */
  successWeight?: number;
  /** What a call that fails takes from it. @default {0.2} */
  errorPenalty?: number;
  /** Whether the surer the agent is, the less it gains. @default {true} */
  diminishingReturns?: boolean;
  /** Gains below this are slow progress, losses above it mean being stuck. @default {0.05} */
  minProgressDelta?: number;
}

/**
 * Judges the latest turn of a run by what its tools returned.
 *
 * - The same calls in the last turns, or two sets of calls in alternation, are a loop.
 * - Otherwise every success adds to the confidence and every failure takes from it; calls that were
 *   cancelled do neither. With diminishing returns a gain is multiplied by what is missing to 1.
 * - Long results are new findings. More failures than successes, or a loss, mean that it is stuck.
 *
 * @param state Its latest reasoning step is the turn that is judged.
 * @param executions The tool calls of that turn. @default {those that the latest step asked for}
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 */
export function evaluateProgress(
  state: AgentState,
  executions?: readonly ToolExecution[],
  options: ProgressOptions = {},
): ProgressReport {
  if (!Array.isArray((state as Partial<AgentState> | null | undefined)?.reasoning_steps)) {
    throw new TypeError(`${OWNER}: "state" must be the state of an agent, got ${describe(state)}`);
  }
  if (executions !== undefined && !Array.isArray(executions)) {
    throw new TypeError(`${OWNER}: "executions" must be an array, got ${describe(executions)}`);
  }
  const rules = readBy(OWNER, options, RULES);
  const ran = (executions ?? latestExecutions(state)).filter(({ cancelled }) => !cancelled);
  const successes = ran.filter(({ error }) => error === null);
  const failures = ran.filter(({ error }) => error !== null);
  const before = state.confidence;

  const loop = findLoop(state, rules.loopThreshold);
  const raw = loop?.delta ?? rawDelta(successes.length, failures.length, before, rules);
  const { assessment, advice } = loop ?? assess(successes, failures, raw, rules);
  const after = exact(Math.min(1, Math.max(0, before + raw)));
  return Object.freeze({
    assessment,
    confidence_delta: exact(after - before),
    new_confidence: after,
    guidance: advice.length === 0 ? null : [`[Reflection - ${assessment}]`, ...advice].join("\n"),
  });
}

interface Assessment {
  readonly assessment: ReflectEvent["assessment"];
  readonly advice: readonly string[];
}

function findLoop(
  { iteration, reasoning_steps: steps }: AgentState,
  threshold: number,
): Assessment & { delta: number } | null {
  if (iteration < threshold) return null;
  const pattern = isRepeating(steps, threshold)
    ? { delta: -0.3, text: `the same calls ${threshold} times in a row` }
    : threshold >= 4 && isAlternating(steps)
    ? { delta: -0.25, text: "two sets of calls, one after the other and again" }
    : null;
  if (pattern === null) return null;
  const advice = [
    "You are repeating yourself. Try another tool or other arguments, or answer with what you have.",
    `Pattern: ${pattern.text}`,
  ];
  return { assessment: "loop_detected", delta: pattern.delta, advice };
}

function rawDelta(
  successes: number,
  failures: number,
  confidence: number,
  { successWeight, errorPenalty, diminishingReturns }: Required<ProgressOptions>,
): number {
  const raw = successes + failures === 0
    ? IDLE_DELTA
    : successes * successWeight - failures * errorPenalty;
  // Once, here: applied to the sum again it would slow down every gain.
  const factor = raw > 0 && diminishingReturns ? 1 - confidence : 1;
  return Math.min(1, Math.max(-1, raw * factor));
}

function assess(
  successes: readonly ToolExecution[],
  failures: readonly ToolExecution[],
  delta: number,
  { minProgressDelta }: Required<ProgressOptions>,
): Assessment {
  const findings = successes.map(({ result }) => result ?? "").join("\n");
  if (findings.length > LONG_RESULT) {
    return {
      assessment: "new_findings",
      advice: [
        "There are new findings. Weigh them before you call more tools: they may be the answer.",
        `Findings: ${clip(findings, MAX_FINDINGS)}`,
      ],
    };
  }
  if (exact(delta) >= minProgressDelta) return { assessment: "on_track", advice: [] };
  if (failures.length > successes.length || exact(delta) < -minProgressDelta) {
    const error = failures.at(-1)?.error ?? "nothing was gained";
    return {
      assessment: "stuck",
      advice: [`This does not work: ${error}. Find the cause, or take another way.`],
    };
  }
  return {
    assessment: "on_track",
    advice: ["Progress is slow. Take the step that brings you closest to an answer."],
  };
}

/** The executions that the latest step asked for: their ids are only unique within a turn. */
function latestExecutions({ reasoning_steps, tool_executions }: AgentState): ToolExecution[] {
  const asked = reasoning_steps.at(-1)?.tool_calls.length ?? 0;
  return asked === 0 ? [] : tool_executions.slice(-asked);
}

const OWNER = "evaluateProgress()";

const RULES = /* @__PURE__ */ (() => ({
  loopThreshold: whole(3, 2),
  successWeight: number(0.15, 0, 1),
  errorPenalty: number(0.2, 0, 1),
  diminishingReturns: flag(true),
  minProgressDelta: number(0.05, 0, 1),
} satisfies Rules<ProgressOptions>))();

const IDLE_DELTA = 0.05;
const LONG_RESULT = 100;
const MAX_FINDINGS = 200;

/** Without the last digits, which only tell how computers add: 0.2775, not 0.27749999999999997. */
function exact(value: number): number {
  return Math.round(value * 1e12) / 1e12;
}

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

/** The same calls with the same results. Polling until something changes is not a loop. */
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
