/** An agent that looks back after its turns. */

import { describe } from "../../../core/options.ts";
import { flag, readSwitched, type Rules, whole } from "../../../core/option_rules.ts";
import { createEvent } from "../../state/events.ts";
import { systemMessage } from "../../state/messages.ts";
import type { Feature } from "../../loop/feature.ts";
import type { RunLook, Stop } from "../../loop/stop_checks.ts";
import { count, object, readStored } from "../../json_schema/shapes.ts";
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
  /** Whether the advice is sent to the model. @default {true} */
  includeGuidance?: boolean;
}

/** The option `reflexion`; null if it is off. @throws {TypeError | RangeError} If it is wrong. */
export function readReflexion(owner: string, name: string, given: unknown) {
  return readSwitched(
    `${owner}: ${name}`,
    given,
    {
      confidenceThreshold: readThreshold,
      diminishingReturns: flag(true),
      evaluateEveryNIterations: whole(1, 1),
      includeGuidance: flag(true),
    } satisfies Rules<Omit<ReflexionOptions, "enabled">>,
  );
}

export type ReflexionConfig = NonNullable<ReturnType<typeof readReflexion>>;

function readThreshold(owner: string, name: string, value: unknown = 0.85): number {
  if (typeof value === "number" && value > 0 && value <= 1) return value;
  throw new RangeError(
    `${owner}: "${name}" must be a number above 0 and at most 1, got ${describe(value)}`,
  );
}

/** Looks back at each turn that called tools: a `reflect` event, the new confidence, and advice for the model. */
export function reflexionFeature(
  { evaluateEveryNIterations, diminishingReturns, includeGuidance }: ReflexionConfig,
  { planning, toolLoopThreshold }: { planning: boolean; toolLoopThreshold: number },
): Feature {
  let evaluations = 0;
  return {
    name: "reflexion",

    *acted(context, { executions }) {
      const { state } = context;
      if (state.iteration % evaluateEveryNIterations !== 0) return;
      const rules = { loopThreshold: toolLoopThreshold, diminishingReturns };
      const report = evaluateProgress(state, executions, rules);
      const { assessment, confidence_delta, new_confidence, guidance } = report;
      evaluations++;
      const reflected = { reflection: guidance ?? assessment, confidence_delta };
      const last = Object.freeze({ ...state.reasoning_steps.at(-1)!, ...reflected });
      context.update({
        confidence: new_confidence,
        reasoning_steps: [...state.reasoning_steps.slice(0, -1), last],
      });
      if (guidance !== null && includeGuidance) {
        context.append(systemMessage(`[Agent Self-Reflection]\n${guidance}`));
      }
      if (planning && (assessment === "stuck" || assessment === "loop_detected")) {
        context.append(systemMessage(REPLAN));
      }
      yield createEvent("reflect", { iteration: state.iteration - 1, ...report });
    },

    result: () => ({ reflexion_evaluations: evaluations }),
    save: (): Stored => ({ evaluations }),
    load(data) {
      if (data !== undefined) evaluations = readStored<Stored>(STORED, data).evaluations;
    },
  };
}

export function isConfident({ state }: RunLook): Stop | null {
  return state.confidence >= state.confidence_threshold ? { reason: "confidence_met" } : null;
}

interface Stored {
  readonly evaluations: number;
}

const STORED = /* @__PURE__ */ object<Stored>({ evaluations: count });

const REPLAN = "The plan does not work out. Write a new numbered plan before you go on.";
