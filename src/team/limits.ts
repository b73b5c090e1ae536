/** How much the agents of a run may do together, however they call each other. */

import { checkOptions } from "../core/options.ts";
import { readWhole } from "../core/option_values.ts";
import type { AnyRun } from "../core/run/run.ts";
import { scopeOf } from "../core/run/run_context.ts";
import { AsyncVariable, hasAsyncContext } from "../runtime/async_context.ts";

/** What bounds a team. Inside of another team the smaller of two limits holds. */
export interface TeamLimits {
  /** How deep agents may call agents. @default {8} */
  maxDepth?: number;
  /** How many agents may be set to work in one run, all teams together. @default {100} */
  maxAgents?: number;
  /** After so many tokens, used by all agents below together, no further turn begins. @default {null: no limit} */
  tokenBudget?: number | null;
}

/** The limit that ended a branch, as `error` says it. */
export type LimitName = "max_depth" | "max_agents" | "budget";

/** Limits, checked. */
export type Limits = Readonly<Required<TeamLimits>>;

export const LIMIT_OPTIONS: readonly string[] = ["maxDepth", "maxAgents", "tokenBudget"];

/** @throws {RangeError} If one is not a whole number of at least 1. */
export function readLimits(owner: string, options: TeamLimits): Limits {
  checkOptions(owner, options, LIMIT_OPTIONS);
  const { maxDepth, maxAgents, tokenBudget = null } = options;
  return {
    maxDepth: maxDepth === undefined ? Infinity : readWhole(owner, "maxDepth", maxDepth, 1),
    maxAgents: maxAgents === undefined ? Infinity : readWhole(owner, "maxAgents", maxAgents, 1),
    tokenBudget: tokenBudget === null ? null : readWhole(owner, "tokenBudget", tokenBudget, 1),
  };
}

/** What was used so far: one for each run. */
interface Used {
  agents: number;
  tokens: number;
}

/** Where code is in its team. */
interface Place {
  readonly depth: number;
  readonly maxDepth: number;
  readonly maxAgents: number;
  /** Up to which count of `used.tokens`. */
  readonly maxTokens: number;
  readonly used: Used;
}

const place = new AsyncVariable<Place>({ name: "locus.team" });
const usedByRun = new WeakMap<object, Used>();

/** Where this code is. Without async context each call is the outermost; what a run has used is known all the same. */
function placeIn(run: AnyRun | undefined): Place {
  const around = hasAsyncContext() ? place.get() : undefined;
  if (around !== undefined) return around;
  const scope = run && scopeOf(run);
  const used = (scope && usedByRun.get(scope)) ?? { agents: 0, tokens: 0 };
  if (scope !== undefined) usedByRun.set(scope, used);
  return { depth: 0, maxDepth: Infinity, maxAgents: Infinity, maxTokens: Infinity, used };
}

/** Calls `fn` within these limits, and those around it. */
export function withinLimits<R>(
  { maxDepth, maxAgents, tokenBudget }: Limits,
  run: AnyRun | undefined,
  fn: () => R,
): R {
  const at = placeIn(run);
  const inner: Place = {
    ...at,
    maxDepth: Math.min(at.maxDepth, at.depth + maxDepth),
    maxAgents: Math.min(at.maxAgents, maxAgents),
    maxTokens: Math.min(at.maxTokens, at.used.tokens + (tokenBudget ?? Infinity)),
  };
  return place.run(inner, fn);
}

/**
 * Calls `fn` as one more agent, one level deeper; with the limit that forbids it, or null.
 *
 * @param isOwn Whether it is what a team itself asks its model: no further agent.
 */
export function asAgent<R>(
  run: AnyRun | undefined,
  isOwn: boolean,
  fn: (refused: LimitName | null) => R,
): R {
  const at = placeIn(run);
  const refused = isOwn ? spentIn(at) : refusal(at);
  if (refused !== null) return fn(refused);
  if (isOwn) return place.run(at, () => fn(null));
  at.used.agents++;
  return place.run({ ...at, depth: at.depth + 1 }, () => fn(null));
}

/** Counts tokens that an agent here has used. */
export function spendTokens(tokens: number): void {
  if (hasAsyncContext() && place.get() !== undefined) place.get()!.used.tokens += tokens;
}

/** Whether the budget of this place is used up. */
export function isSpent(): boolean {
  const at = hasAsyncContext() ? place.get() : undefined;
  return at !== undefined && at.used.tokens >= at.maxTokens;
}

function refusal(at: Place): LimitName | null {
  const { depth, maxDepth, maxAgents, used } = at;
  if (depth >= orDefault(maxDepth, MAX_DEPTH)) return "max_depth";
  if (used.agents >= orDefault(maxAgents, MAX_AGENTS)) return "max_agents";
  return spentIn(at);
}

function spentIn({ used, maxTokens }: Place): LimitName | null {
  return used.tokens >= maxTokens ? "budget" : null;
}

/** The defaults hold where nobody around has said anything, so that they can be raised. */
function orDefault(limit: number, value: number): number {
  return limit === Infinity ? value : limit;
}

const MAX_DEPTH = 8;
const MAX_AGENTS = 100;
