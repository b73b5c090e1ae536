/** Conditions that end a run, and how they are combined. */

import { describe } from "../../core/options.ts";
import { isRecord } from "../../core/json.ts";
import type { StopCheck } from "../loop/stop_checks.ts";
import { lastAssistantText } from "../state/messages.ts";
import type { AgentState, ToolExecution } from "../state/state.ts";

/** What a condition looks at beside the state: this run, without what its thread had before. */
export interface TerminationContext {
  /** The last text that the model wrote in this run; null if it wrote none. */
  readonly lastMessage: string | null;
  /** Whether the latest turn of this run called no tool; false before the first turn. */
  readonly noToolCalls: boolean;
  /** The tool calls of this run that are over, in the order of the calls. */
  readonly executions: readonly ToolExecution[];
  /** How long the run has taken, in milliseconds, without waiting for a person. */
  readonly elapsedMs: number;
}

/**
 * What ends a run, looked at before each of its turns.
 *
 * A condition is a plain value that remembers nothing: it says what it says of the run that it is
 * shown. So one condition may serve any number of agents and runs at the same time, and there is
 * nothing to reset between them.
 */
export interface TerminationCondition {
  /** Why this run ends now; null if it goes on. */
  check(state: AgentState, context: TerminationContext): string | null;
  /** Holds when this condition or one of the others does: see {@linkcode any}. */
  or(...others: readonly TerminationCondition[]): TerminationCondition;
  /** Holds when this condition and all of the others do: see {@linkcode all}. */
  and(...others: readonly TerminationCondition[]): TerminationCondition;
  /** The condition as the code that makes it: `any(maxIterations(8), toolCalled("submit"))`. */
  toString(): string;
}

/**
 * Ends the run when one of these conditions holds. The first one that does gives the reason; without
 * any, nothing ends the run.
 *
 * @throws {TypeError} If one is not a condition.
 */
export function any(...conditions: readonly TerminationCondition[]): TerminationCondition {
  return new Combination("any", conditions, (state, context, parts) => {
    for (const part of parts) {
      const reason = part.check(state, context);
      if (reason !== null) return reason;
    }
    return null;
  });
}

/**
 * Ends the run when all of these conditions hold at the same time. Their reasons are joined by
 * `" AND "`; without any, there is nothing to wait for, and the reason is `all_conditions_met`.
 *
 * Every condition is looked at each time, also after one that does not hold.
 *
 * @throws {TypeError} If one is not a condition.
 */
export function all(...conditions: readonly TerminationCondition[]): TerminationCondition {
  return new Combination("all", conditions, (state, context, parts) => {
    const reasons = parts.map((part) => part.check(state, context));
    if (reasons.includes(null)) return null;
    return reasons.filter((reason) => reason !== "").join(" AND ") || "all_conditions_met";
  });
}

/** @throws {TypeError} If `value` is not a condition. */
export function checkCondition(subject: string, value: unknown): TerminationCondition {
  if (isRecord(value) && typeof value.check === "function") return value as Checked;
  throw new TypeError(
    `${subject} must be a termination condition such as maxIterations(8), got ${describe(value)}`,
  );
}

type Checked = Record<string, unknown> & TerminationCondition;

export class Condition implements TerminationCondition {
  readonly #text: string;
  readonly #check: TerminationCondition["check"];

  constructor(text: string, check: TerminationCondition["check"]) {
    this.#text = text;
    this.#check = check;
  }

  check(state: AgentState, context: TerminationContext): string | null {
    return this.#check(state, context);
  }

  or(...others: readonly TerminationCondition[]): TerminationCondition {
    return any(this, ...others);
  }

  and(...others: readonly TerminationCondition[]): TerminationCondition {
    return all(this, ...others);
  }

  toString(): string {
    return this.#text;
  }
}

type Rule = (
  state: AgentState,
  context: TerminationContext,
  parts: readonly TerminationCondition[],
) => string | null;

class Combination extends Condition {
  readonly #name: "any" | "all";
  readonly #parts: readonly TerminationCondition[];

  constructor(name: "any" | "all", conditions: readonly TerminationCondition[], rule: Rule) {
    // One inside another of its kind says the same as its parts in its place: chains of or() stay flat,
    // and an empty combination adds nothing to what it is combined with.
    const parts = conditions.flatMap((condition) => {
      checkCondition(`${name}(): each argument`, condition);
      return condition instanceof Combination && condition.#name === name
        ? condition.#parts
        : [condition];
    });
    super(`${name}(${parts.join(", ")})`, (state, context) => rule(state, context, parts));
    this.#name = name;
    this.#parts = parts;
  }
}

export function holds(condition: TerminationCondition): StopCheck {
  return (run) => {
    const { state, firstMessage, executions } = run;
    const answer = state.messages.findLast(({ role }, i) =>
      role === "assistant" && i >= firstMessage
    );
    const reason = condition.check(state, {
      lastMessage: lastAssistantText(state.messages, firstMessage),
      noToolCalls: answer?.tool_calls.length === 0,
      executions,
      elapsedMs: run.elapsedMs(),
    });
    return reason === null ? null : { reason };
  };
}
