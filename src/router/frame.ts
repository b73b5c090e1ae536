/** What a request asks for, as the router sees it: the one thing that a model says. */

import type { JsonSchema } from "../agent/json_schema/json_schema.ts";
import { fromJsonSchema } from "../agent/json_schema/from_json_schema.ts";
import { extractJson } from "../agent/output/extract_json.ts";
import { deepFreeze, plainCopy } from "../core/json.ts";
import { describe, isRecord } from "../core/options.ts";
import type { RouterGoal, RouterLevel } from "../events/catalogue/router.ts";
import { describeIssues } from "../events/standard_schema.ts";

/** What a request asks for. Frozen, and JSON. */
export interface GoalFrame {
  /** What it mainly asks for. */
  readonly primary_goal: RouterGoal;
  /** What else it asks for. */
  readonly secondary_goals: readonly RouterGoal[];
  /** The subject, in a word: `storage`. */
  readonly domain: string;
  /** How hard it is to answer. */
  readonly complexity: RouterLevel;
  /** How much harm a wrong answer can do. */
  readonly risk: RouterLevel;
  /** Whether the answer needs tools. */
  readonly requires_tools: boolean;
  /** Whether the answer needs what was said or stored before. */
  readonly requires_memory: boolean;
  /** Whether the answer contains code to be written. */
  readonly requires_code_generation: boolean;
  /** Whether the answer needs more than one agent. */
  readonly requires_multi_agent: boolean;
  /** Whether a person must agree first, whatever the risk. */
  readonly approval_required: boolean;
  /** By what the answer will be judged. */
  readonly success_criteria: readonly string[];
  /** Ids of the capabilities that the answer needs. */
  readonly required_capabilities: readonly string[];
  /** How sure the extractor is, 0 to 1; null if it does not say. */
  readonly confidence: number | null;
}

/** All goals, as {@linkcode RouterGoal} lists them. */
export const GOALS = Object.keys(
  {
    answer: 0,
    explain: 0,
    plan: 0,
    build: 0,
    modify: 0,
    diagnose: 0,
    remediate: 0,
    generate_code: 0,
    research: 0,
    compare: 0,
    monitor: 0,
    coordinate: 0,
    escalate: 0,
  } satisfies Record<RouterGoal, 0>,
) as readonly RouterGoal[];

/** Levels, lowest first: compare them by rank. */
export const LEVELS: readonly RouterLevel[] = ["low", "medium", "high"];

/** The rank of a level, from 0. */
export function rankOf(level: RouterLevel): number {
  return LEVELS.indexOf(level);
}

const flag = (description: string) => ({ type: "boolean", default: false, description });
const list = (items: object, description: string) => ({
  type: "array",
  items,
  default: [],
  description,
});
const goal = { type: "string", enum: GOALS };
const level = (description: string) => ({ type: "string", enum: LEVELS, description });

/** The JSON Schema of a {@linkcode GoalFrame}: `outputSchema` of an agent that extracts it. */
export const goalFrameSchema: JsonSchema = deepFreeze({
  type: "object",
  properties: {
    primary_goal: { ...goal, description: "What the request mainly asks for" },
    secondary_goals: list(goal, "What else it asks for"),
    domain: { type: "string", minLength: 1, description: "The subject, in a word" },
    complexity: level("How hard it is to answer"),
    risk: level("How much harm a wrong answer can do"),
    requires_tools: flag("Whether the answer needs tools"),
    requires_memory: flag("Whether the answer needs what was said or stored before"),
    requires_code_generation: flag("Whether the answer contains code to be written"),
    requires_multi_agent: flag("Whether the answer needs more than one agent"),
    approval_required: flag("Whether the request says that a person must agree first"),
    success_criteria: list({ type: "string" }, "By what the answer will be judged"),
    required_capabilities: list({ type: "string" }, "Ids of the capabilities that are needed"),
    confidence: {
      anyOf: [{ type: "number", minimum: 0, maximum: 1 }, { type: "null" }],
      default: null,
      description: "How sure you are of all this, 0 to 1",
    },
  },
  required: ["primary_goal", "domain", "complexity", "risk"],
});

/**
 * What an extractor gave, as a frame; of a text, the first JSON in it.
 *
 * @throws {FrameExtractionError} If it is none.
 */
export function readFrame(given: unknown): GoalFrame {
  let value = given;
  if (typeof given === "string") [value] = extractJson(given);
  if (!isRecord(value)) throw new FrameExtractionError(`no frame, but ${describe(given)}`);
  const known = Object.keys(goalFrameSchema.properties as object);
  const own = Object.fromEntries(known.flatMap((key) => key in value ? [[key, value[key]]] : []));
  const checked = checker["~standard"].validate(plainCopy(own));
  // It never answers with a promise.
  const { issues, value: frame } = checked as { issues?: []; value: GoalFrame };
  if (issues !== undefined) throw new FrameExtractionError(describeIssues(issues, "frame"));
  const size = JSON.stringify(frame).length;
  if (size > MAX_SIZE) {
    throw new FrameExtractionError(`the frame has ${size} characters, more than ${MAX_SIZE}`);
  }
  return deepFreeze(frame);
}

// It is part of events and of checkpoints.
const MAX_SIZE = 20_000;

const checker = /* @__PURE__ */ fromJsonSchema<GoalFrame>(goalFrameSchema);

/** The request was not understood: the extractor failed, or what it gave is no frame. */
export class FrameExtractionError extends Error {
  /** The name of the class. */
  override readonly name = "FrameExtractionError";
}

/** A frame in one line. */
export function summaryOf(frame: GoalFrame): string {
  const { primary_goal, domain, complexity, risk, required_capabilities } = frame;
  return `goal=${primary_goal} domain=${domain} complexity=${complexity} risk=${risk} capabilities=[${required_capabilities}]`;
}
