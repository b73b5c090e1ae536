/** The conditions that others are combined from. */

import { checkFunction, describe } from "../../core/options.ts";
import { flag, readBy } from "../../core/option_rules.ts";
import { readNumber, readWhole } from "../../core/option_values.ts";
import { type AgentState, type ToolExecution, totalTokens } from "../state/state.ts";
import { Condition, type TerminationCondition, type TerminationContext } from "./condition.ts";
import { isRegExp } from "../../runtime/realm.ts";

/**
 * Ends the run after `count` turns, with the reason `max_iterations`. Unlike the agent's own option
 * `maxIterations`, without asking the model for a summary.
 *
 * @throws {RangeError} If `count` is not a whole number of at least 1.
 */
export function maxIterations(count: number): TerminationCondition {
  readWhole("maxIterations()", "count", count, 1);
  return condition(
    `maxIterations(${count})`,
    ({ iteration }) => iteration >= count,
    "max_iterations",
  );
}

/**
 * Ends the run when it has used `count` tokens, with the reason `token_budget`. While the provider
 * reports none, four characters count as one.
 *
 * @throws {RangeError} If `count` is not a whole number of at least 1.
 */
export function tokenLimit(count: number): TerminationCondition {
  readWhole("tokenLimit()", "count", count, 1);
  return condition(
    `tokenLimit(${count})`,
    (state) => totalTokens(state) >= count,
    "token_budget",
  );
}

/**
 * Ends the run when it has taken so many seconds, with the reason `time_budget`. The clock starts with
 * the run, and stands still while the run waits for a person. A turn is not interrupted.
 *
 * @throws {RangeError} If `seconds` is not a number above 0.
 */
export function timeLimit(seconds: number): TerminationCondition {
  if (!(typeof seconds === "number" && seconds > 0)) {
    throw new RangeError(`timeLimit(): "seconds" must be above 0, got ${describe(seconds)}`);
  }
  return condition(
    `timeLimit(${seconds})`,
    (_, { elapsedMs }) => elapsedMs >= seconds * 1000,
    "time_budget",
  );
}

/** Options of {@linkcode textMention}. */
export interface TextMentionOptions {
  /** Whether `Done` is another text than `done`; a regular expression says it itself. @default {false} */
  caseSensitive?: boolean;
}

/**
 * Ends the run when the last text of the model mentions `text`, with the reason `text_mention:<text>`.
 *
 * @param text A part of the text, or a regular expression.
 * @throws {TypeError} If `text` is neither, or empty, or an option is unknown or of the wrong type.
 */
export function textMention(
  text: string | RegExp,
  options: TextMentionOptions = {},
): TerminationCondition {
  const { caseSensitive } = readBy("textMention()", options, { caseSensitive: flag(false) });
  if (isRegExp(text)) {
    // With these flags an expression remembers where it was: it would match every other time.
    const pattern = new RegExp(text.source, text.flags.replace(/[gy]/g, ""));
    return mention(`textMention(${pattern})`, String(pattern), (said) => pattern.test(said));
  }
  if (typeof text !== "string" || text === "") {
    throw new TypeError(
      `textMention(): "text" must be a regular expression or a string that is not empty, ` +
        `got ${describe(text)}`,
    );
  }
  const quoted = JSON.stringify(text);
  if (caseSensitive) {
    const code = `textMention(${quoted}, { caseSensitive: true })`;
    return mention(code, text, (said) => said.includes(text));
  }
  const lower = text.toLowerCase();
  return mention(`textMention(${quoted})`, text, (said) => said.toLowerCase().includes(lower));
}

/**
 * Ends the run when a tool was called in it, with the reason `tool_called:<name>`. The call is over by
 * then, and may have failed; one that was cancelled, by a hook for example, was not made.
 *
 * @param predicate Which calls count: `(args, { error }) => error === null` for those that succeeded.
 * @default {all of them}
 * @throws {TypeError} If `name` is not a string, or `predicate` is not a function.
 */
export function toolCalled(
  name: string,
  predicate?: (args: Readonly<Record<string, unknown>>, execution: ToolExecution) => boolean,
): TerminationCondition {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(`toolCalled(): "name" must be a tool's name, got ${describe(name)}`);
  }
  checkFunction("toolCalled()", "predicate", predicate);
  const code = [JSON.stringify(name), ...(predicate ? [String(predicate)] : [])].join(", ");
  return new Condition(`toolCalled(${code})`, (_, { executions }) => {
    const isCalled = executions.some((execution) =>
      execution.tool_name === name && !execution.cancelled &&
      (predicate === undefined || predicate(execution.arguments, execution))
    );
    return isCalled ? `tool_called:${name}` : null;
  });
}

/**
 * Ends the run when the agent is this sure, with the reason `confidence_met`. An agent is as sure as
 * its option `reflexion` or a hook makes it: without them, not at all.
 *
 * @param threshold 0 to 1.
 * @throws {RangeError} If `threshold` is not a number from 0 to 1.
 */
export function confidenceMet(threshold: number = 0.9): TerminationCondition {
  readNumber("confidenceMet()", "threshold", threshold, 0, 1);
  return condition(
    `confidenceMet(${threshold})`,
    ({ confidence }) => confidence >= threshold,
    "confidence_met",
  );
}

/**
 * Ends the run when a turn called no tool, with the reason `no_tools`. Of use in explicit mode; in auto
 * mode such a turn is the answer, and the run is complete.
 */
export function noToolCalls(): TerminationCondition {
  return condition("noToolCalls()", (_, context) => context.noToolCalls, "no_tools");
}

/**
 * Ends the run when a function of yours says so.
 *
 * @param check Returns whether the run ends, or that with the reason: `[true, "out_of_stock"]`. What it
 * throws ends the run with the reason `error`. Keep nothing in it from one call to the next: it serves
 * all runs of the agent.
 * @throws {TypeError} If `check` is not a function. When the run is checked: if it returns something else.
 */
export function customCondition(
  check: (
    state: AgentState,
    context: TerminationContext,
  ) => boolean | readonly [ends: boolean, reason: string],
): TerminationCondition {
  checkFunction("customCondition()", "check", check ?? null);
  return new Condition(`customCondition(${check})`, (state, context) => {
    const answer: unknown = check(state, context);
    const [ends, reason] = Array.isArray(answer) ? answer : [answer, "custom"];
    if (typeof ends === "boolean" && typeof reason === "string") return ends ? reason : null;
    throw new TypeError(
      "customCondition(): the function must return true, false or [boolean, reason], not a promise, " +
        `got ${describe(answer)}`,
    );
  });
}

function condition(
  code: string,
  holds: (state: AgentState, context: TerminationContext) => boolean,
  reason: string,
): TerminationCondition {
  return new Condition(code, (state, context) => holds(state, context) ? reason : null);
}

function mention(code: string, text: string, isIn: (said: string) => boolean): Condition {
  return new Condition(
    code,
    (_, { lastMessage }) =>
      lastMessage !== null && isIn(lastMessage) ? `text_mention:${text}` : null,
  );
}
