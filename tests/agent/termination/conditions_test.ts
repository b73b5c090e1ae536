import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import {
  all,
  any,
  confidenceMet,
  customCondition,
  maxIterations,
  noToolCalls,
  type TerminationCondition,
  type TerminationContext,
  textMention,
  timeLimit,
  tokenLimit,
  toolCalled,
} from "../../../src/agent/mod.ts";
import {
  type AgentState,
  createState,
  type ToolExecution,
} from "../../../src/agent/state/state.ts";

function stateWith(fields: Partial<AgentState>): AgentState {
  return createState({
    run_id: "r",
    messages: [],
    max_iterations: 20,
    tool_loop_threshold: 3,
    terminal_tools: [],
    ...fields,
  });
}

function contextWith(fields: Partial<TerminationContext>): TerminationContext {
  return { lastMessage: null, noToolCalls: false, executions: [], elapsedMs: 0, ...fields };
}

function execution(fields: Partial<ToolExecution>): ToolExecution {
  return {
    tool_name: "book",
    tool_call_id: "c1",
    arguments: {},
    result: "ok",
    error: null,
    duration_ms: 1,
    timestamp: "",
    idempotent_cache_hit: false,
    cancelled: false,
    ...fields,
  };
}

function check(
  condition: TerminationCondition,
  state: Partial<AgentState>,
  context: Partial<TerminationContext> = {},
): string | null {
  return condition.check(stateWith(state), contextWith(context));
}

test("maxIterations(), tokenLimit() and timeLimit() hold from their bound on", () => {
  assertEquals(check(maxIterations(2), { iteration: 1 }), null);
  assertEquals(check(maxIterations(2), { iteration: 2 }), "max_iterations");
  assertEquals(check(tokenLimit(10), { total_tokens_used: 9 }), null);
  assertEquals(check(tokenLimit(10), { total_tokens_used: 10 }), "token_budget");
  assertEquals(check(timeLimit(0.5), {}, { elapsedMs: 499 }), null);
  assertEquals(check(timeLimit(0.5), {}, { elapsedMs: 500 }), "time_budget");
});

test("confidenceMet() and noToolCalls() give their reasons", () => {
  assertEquals(check(confidenceMet(), { confidence: 0.89 }), null);
  assertEquals(check(confidenceMet(), { confidence: 0.9 }), "confidence_met");
  assertEquals(check(noToolCalls(), {}), null);
  assertEquals(check(noToolCalls(), {}, { noToolCalls: true }), "no_tools");
});

test("textMention() ignores case unless told, and takes a regular expression", () => {
  const said = { lastMessage: "All DONE now" };
  assertEquals(check(textMention("done"), {}), null);
  assertEquals(check(textMention("done"), {}, said), "text_mention:done");
  assertEquals(check(textMention("done", { caseSensitive: true }), {}, said), null);
  assertEquals(check(textMention("DONE", { caseSensitive: true }), {}, said), "text_mention:DONE");
  assertEquals(check(textMention(/done/), {}, said), null);
  assertEquals(check(textMention(/\bd.ne\b/i), {}, said), "text_mention:/\\bd.ne\\b/i");
});

test("textMention() with a global expression matches every time", () => {
  const condition = textMention(/done/g);
  const checks = Array.from({ length: 4 }, () => check(condition, {}, { lastMessage: "done" }));
  assertEquals(checks, Array(4).fill("text_mention:/done/"));
});

test("toolCalled() counts calls of this run that were made, also those that failed", () => {
  const condition = toolCalled("book");
  const calls = (...executions: ToolExecution[]) => check(condition, {}, { executions });
  assertEquals(calls(), null);
  assertEquals(calls(execution({ tool_name: "search" })), null);
  assertEquals(calls(execution({ cancelled: true })), null);
  assertEquals(calls(execution({ result: null, error: "Error: full" })), "tool_called:book");
});

test("toolCalled() asks its predicate about arguments and outcome", () => {
  const condition = toolCalled("book", ({ seats }, { error }) => seats === 2 && error === null);
  const calls = (fields: Partial<ToolExecution>) =>
    check(condition, {}, { executions: [execution(fields)] });
  assertEquals(calls({ arguments: { seats: 1 } }), null);
  assertEquals(calls({ arguments: { seats: 2 }, result: null, error: "Error: full" }), null);
  assertEquals(calls({ arguments: { seats: 2 } }), "tool_called:book");
});

test("customCondition() may return a boolean, or one with a reason", () => {
  assertEquals(check(customCondition(() => false), {}), null);
  assertEquals(check(customCondition(() => true), {}), "custom");
  assertEquals(check(customCondition(() => [false, "not yet"]), {}), null);
  const late = customCondition(({ iteration }, { elapsedMs }) => [
    iteration > 1 && elapsedMs > 5,
    "late",
  ]);
  assertEquals(check(late, { iteration: 2 }, { elapsedMs: 6 }), "late");
  assertThrows(
    () => check(customCondition((() => Promise.resolve(true)) as never), {}),
    TypeError,
    "must return true, false or [boolean, reason], not a promise",
  );
});

test("Conditions refuse what makes no sense, and say so", () => {
  const cases: [() => unknown, ErrorConstructor, string][] = [
    [() => maxIterations(0), RangeError, '"count" must be a whole number of at least 1, got 0'],
    [() => tokenLimit(1.5), RangeError, 'tokenLimit(): "count"'],
    [() => timeLimit(0), RangeError, '"seconds" must be above 0, got 0'],
    [() => textMention(""), TypeError, "a string that is not empty"],
    [() => textMention("a", { loud: true } as never), TypeError, 'unknown option "loud"'],
    [() => textMention("a", { caseSensitive: 1 } as never), TypeError, "true or false, got 1"],
    [() => toolCalled(5 as never), TypeError, '"name" must be a tool\'s name, got 5'],
    [() => toolCalled("a", 5 as never), TypeError, '"predicate" must be a function, got 5'],
    [() => confidenceMet(1.1), RangeError, "a number from 0 to 1, got 1.1"],
    [() => customCondition(undefined as never), TypeError, '"check" must be a function'],
    [() => any(5 as never), TypeError, "any(): each argument must be a termination condition"],
    [() => all(maxIterations(1), null as never), TypeError, "got null"],
  ];
  for (const [make, error, message] of cases) assertThrows(make, error as never, message);
});

const EVERYTHING = {
  all,
  any,
  confidenceMet,
  customCondition,
  maxIterations,
  noToolCalls,
  textMention,
  timeLimit,
  tokenLimit,
  toolCalled,
};

test("TerminationCondition.toString() is the code that makes the condition", () => {
  const conditions = [
    any(maxIterations(8), toolCalled("submit")),
    all(confidenceMet(0.5), any(tokenLimit(10), timeLimit(1.5)), noToolCalls()),
    textMention('say "done"').or(textMention(/a|b/i), textMention("X", { caseSensitive: true })),
    toolCalled("book", ({ seats }) => seats === 2),
    customCondition(({ iteration }) => [iteration > 2, "late"]),
    any(),
  ];
  const names = Object.keys(EVERYTHING);
  for (const condition of conditions) {
    const code = String(condition);
    const made = new Function(...names, `return ${code}`)(...Object.values(EVERYTHING));
    assertEquals(String(made), code);
    assertEquals(typeof made.check, "function");
  }
  assertEquals(String(conditions[0]), 'any(maxIterations(8), toolCalled("submit"))');
});
