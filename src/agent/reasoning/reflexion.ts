/** An agent that looks back after its turns. */

import { checkOptions, describe } from "../../core/options.ts";
import { checkWhole } from "../checks.ts";
import { type AgentEvent, createEvent } from "../events.ts";
import { systemMessage } from "../messages.ts";
import type { RunHandle } from "../run_handle.ts";
import type { ReasoningStep, ToolExecution } from "../state.ts";
import { evaluateProgress } from "./progress.ts";

/** Options of an agent's `reflexion`. */
export interface ReflexionOptions {
  /** Whether the agent reflects at all. @default {true} */
  enabled?: boolean;
  /** In auto mode, the run ends when the agent is this sure: above 0, at most 1. @default {0.85} */
  confidenceThreshold?: number;
  /** Whether the surer the agent is, the less it gains. @default {true} */
  diminishingReturns?: boolean;
  /** Reflect after every so many turns. @default {1} */
  evaluateEveryNIterations?: number;
  /** Whether the model is told the advice. @default {true} */
  includeGuidance?: boolean;
}

/** Options, checked and complete. */
export type ReflexionConfig = Readonly<Required<Omit<ReflexionOptions, "enabled">>>;

/**
 * Checks the option `reflexion`; null if it is off.
 *
 * @throws {TypeError} If it, or one of its options, is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 */
export function readReflexion(
  given: boolean | ReflexionOptions | null | undefined,
): ReflexionConfig | null {
  if (given === undefined || given === null || given === false) return null;
  const options = given === true ? {} : given;
  checkOptions(OWNER, options, [...Object.keys(DEFAULTS), "enabled"]);
  const { enabled = true, ...rest } = options;
  const config = { ...DEFAULTS, ...rest };
  for (const name of ["diminishingReturns", "includeGuidance"] as const) {
    checkFlag(name, config[name]);
  }
  checkFlag("enabled", enabled);
  const threshold: unknown = config.confidenceThreshold;
  if (!(typeof threshold === "number" && threshold > 0 && threshold <= 1)) {
    throw new RangeError(
      `${OWNER}: "confidenceThreshold" must be a number above 0 and at most 1, ` +
        `got ${describe(threshold)}`,
    );
  }
  checkWhole(OWNER, "evaluateEveryNIterations", config.evaluateEveryNIterations, 1);
  return enabled ? config : null;
}

/**
 * Looks back at the turn that has just been recorded, if it is time to: a `reflect` event, the new
 * confidence, and a word to the model if there is something to say.
 *
 * @param executions The tool calls of that turn.
 */
export function* reflect(
  run: RunHandle,
  executions: readonly ToolExecution[],
): Generator<AgentEvent, void> {
  const { reflexion, planning, toolLoopThreshold } = run.config;
  const { iteration } = run.state;
  if (reflexion === null || iteration % reflexion.evaluateEveryNIterations !== 0) return;
  const { diminishingReturns, includeGuidance } = reflexion;
  const report = evaluateProgress(run.state, executions, {
    loopThreshold: toolLoopThreshold,
    diminishingReturns,
  });
  const { assessment, confidence_delta, new_confidence, guidance } = report;
  run.progress.reflexionEvaluations++;
  run.update({
    confidence: new_confidence,
    reasoning_steps: withReflection(run.state.reasoning_steps, {
      reflection: guidance ?? assessment,
      confidence_delta,
    }),
  });
  if (guidance !== null && includeGuidance) {
    run.append(systemMessage(`[Agent Self-Reflection]\n${guidance}`));
  }
  if (planning && (assessment === "stuck" || assessment === "loop_detected")) {
    run.append(systemMessage(REPLAN));
  }
  yield createEvent("reflect", { iteration: iteration - 1, ...report });
}

function withReflection(
  steps: readonly ReasoningStep[],
  reflection: Pick<ReasoningStep, "reflection" | "confidence_delta">,
): readonly ReasoningStep[] {
  return [...steps.slice(0, -1), Object.freeze({ ...steps.at(-1)!, ...reflection })];
}

function checkFlag(name: string, value: unknown): void {
  if (typeof value === "boolean") return;
  throw new TypeError(`${OWNER}: "${name}" must be true or false, got ${describe(value)}`);
}

const OWNER = "Agent: reflexion";

const DEFAULTS: ReflexionConfig = {
  confidenceThreshold: 0.85,
  diminishingReturns: true,
  evaluateEveryNIterations: 1,
  includeGuidance: true,
};

const REPLAN = "The plan does not work out. Write a new numbered plan before you go on.";
