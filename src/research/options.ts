/** What a research workflow is made of. */

import { Agent } from "../agent/agent.ts";
import { asChatModel, type LanguageModel } from "../agent/model/language_model.ts";
import type { AgentOptions } from "../agent/options.ts";
import { toolsIn } from "../agent/tools/ai_tool.ts";
import { SEARCH } from "./instructions.ts";
import { checkOptions } from "../core/options.ts";
import { readFlag, readNumber, readWhole } from "../core/option_values.ts";

/** Options of {@linkcode createResearchWorkflow}. */
export interface ResearchOptions {
  /** Searches, and does whatever has no model of its own. */
  model: LanguageModel;
  /** What it searches with: at least one tool of an agent. Tools that ask a person are refused when they ask. */
  tools: NonNullable<AgentOptions["tools"]>;
  /** Put in front of what each step of the work is told. @default {""} */
  systemPrompt?: string;
  /** What is asked for beside the summary: a schema, as an agent's `outputSchema`. @default {none} */
  outputSchema?: AgentOptions["outputSchema"];
  /** The mean support of its claims from which a summary is good enough, 0 to 1. @default {0.65} */
  groundingThreshold?: number;
  /** How often it searches again. @default {2} */
  maxReplans?: number;
  /** How often the summary is written again before it searches again. @default {1} */
  maxRegenerations?: number;
  /** Turns of one search. @default {20} */
  maxIterations?: number;
  /** Tool calls that are made in all; a search that asks for more is told to come to an end. @default {no limit} */
  maxSources?: number | null;
  /** Tokens of one search. @default {no limit} */
  maxTokens?: number | null;
  /** Minutes of one search. @default {no limit} */
  maxMinutes?: number | null;
  /** Writes the summary. @default {model} */
  summarizationModel?: LanguageModel | null;
  /** Judges the claims. @default {model} */
  groundingModel?: LanguageModel | null;
  /** Whether the search reflects on its turns. @default {true} */
  reflexion?: boolean;
  /** Whether causes and effects are derived from the evidence, by one more model call. @default {true} */
  causalInference?: boolean;
  /** Whether it may first ask the person up to three questions, by one more model call. @default {false} */
  clarify?: boolean;
}

/** The same, checked and complete. */
export type ResearchSettings = ResearchOptions & typeof DEFAULTS;

/** @throws {TypeError | RangeError} If an option is missing, unknown, or not what it must be. */
export function readResearch(options: ResearchOptions): ResearchSettings {
  checkOptions(OWNER, options, [...REQUIRED, ...Object.keys(DEFAULTS)]);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings: ResearchSettings = { ...DEFAULTS, ...options, ...Object.fromEntries(given) };
  const { maxReplans, maxRegenerations, maxSources, maxMinutes } = settings;
  readNumber(OWNER, "groundingThreshold", settings.groundingThreshold, 0, 1);
  readWhole(OWNER, "maxReplans", maxReplans, 0);
  readWhole(OWNER, "maxRegenerations", maxRegenerations, 0);
  if (maxSources !== null) readWhole(OWNER, "maxSources", maxSources, 1);
  if (maxMinutes !== null) readNumber(OWNER, "maxMinutes", maxMinutes, 0);
  readFlag(OWNER, "causalInference", settings.causalInference);
  readFlag(OWNER, "clarify", settings.clarify);
  for (const name of ["summarizationModel", "groundingModel"] as const) {
    if (settings[name] !== null) asChatModel(name, settings[name]);
  }
  // The agents are made anew for each step; what is wrong with them is said now.
  new Agent(searcherOf(settings));
  if (toolsIn(OWNER, settings.tools).length === 0) {
    throw new TypeError(`${OWNER}: "tools" must hold what to search with, got none`);
  }
  return settings;
}

/** The agent that searches. */
export function searcherOf(settings: ResearchSettings): AgentOptions {
  const { model, tools, reflexion, maxIterations, maxTokens, maxMinutes } = settings;
  return {
    agentId: "researcher",
    model,
    tools,
    ...instructed(settings, SEARCH),
    reflexion,
    maxIterations,
    tokenBudget: maxTokens,
    timeBudgetSeconds: maxMinutes === null ? null : maxMinutes * 60,
  };
}

/** What an agent of the workflow is told. */
export function instructed(
  { systemPrompt }: ResearchSettings,
  task: string,
): { systemPrompt: string } {
  return { systemPrompt: systemPrompt === "" ? task : `${systemPrompt}\n\n${task}` };
}

const OWNER = "createResearchWorkflow()";
const REQUIRED = ["model", "tools"];
const DEFAULTS = {
  systemPrompt: "",
  outputSchema: null as AgentOptions["outputSchema"],
  groundingThreshold: 0.65,
  maxReplans: 2,
  maxRegenerations: 1,
  maxIterations: 20,
  maxSources: null as number | null,
  maxTokens: null as number | null,
  maxMinutes: null as number | null,
  summarizationModel: null as LanguageModel | null,
  groundingModel: null as LanguageModel | null,
  reflexion: true,
  causalInference: true,
  clarify: false,
};
