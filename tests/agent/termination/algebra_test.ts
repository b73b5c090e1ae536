import { test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "../../harness/support/property.ts";
import {
  all,
  any,
  customCondition,
  type TerminationCondition,
  type TerminationContext,
  toStopReason,
} from "../../../src/agent/mod.ts";
import { createState } from "../../../src/agent/state/state.ts";

const STATE = createState({
  run_id: "r",
  messages: [],
  max_iterations: 20,
  tool_loop_threshold: 3,
  terminal_tools: [],
});
const CONTEXT: TerminationContext = {
  lastMessage: null,
  noToolCalls: false,
  executions: [],
  elapsedMs: 0,
};

function check(condition: TerminationCondition): string | null {
  return condition.check(STATE, CONTEXT);
}

function holds(condition: TerminationCondition): boolean {
  return check(condition) !== null;
}

/** A condition that always says the same. */
function fixed(reason: string | null): TerminationCondition {
  return customCondition(() => [reason !== null, reason ?? ""]);
}

const conditions: fc.Arbitrary<TerminationCondition> = fc.letrec<{ node: TerminationCondition }>(
  (tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      fc.option(fc.constantFrom("a", "b", "c")).map(fixed),
      fc.array(tie("node"), { maxLength: 3 }).map((parts) => any(...parts)),
      fc.array(tie("node"), { maxLength: 3 }).map((parts) => all(...parts)),
    ),
  }),
).node;

test("any() holds if one does, with the reason of the first; all() if every one does", () => {
  fc.assert(fc.property(fc.array(conditions, { maxLength: 4 }), (parts) => {
    const reasons = parts.map(check);
    assertEquals(check(any(...parts)), reasons.find((reason) => reason !== null) ?? null);
    assertEquals(holds(all(...parts)), parts.every(holds));
  }));
});

test("any() and all() are associative, and have a neutral element", () => {
  fc.assert(fc.property(conditions, conditions, conditions, (a, b, c) => {
    for (const combine of [any, all]) {
      const flat = combine(a, b, c);
      for (const nested of [combine(a, combine(b, c)), combine(combine(a, b), c)]) {
        assertEquals(check(nested), check(flat));
        assertEquals(String(nested), String(flat));
      }
      assertEquals(check(combine(a, combine())), check(combine(a)));
      assertEquals(check(combine(a)), check(a));
    }
  }));
});

test("any() and all() commute, absorb and distribute, as far as ending the run goes", () => {
  fc.assert(fc.property(conditions, conditions, conditions, (a, b, c) => {
    assertEquals(holds(a.or(b)), holds(b.or(a)));
    assertEquals(holds(a.and(b)), holds(b.and(a)));
    assertEquals(holds(a.and(a.or(b))), holds(a));
    assertEquals(holds(a.or(a.and(b))), holds(a));
    assertEquals(holds(a.and(b.or(c))), holds(a.and(b).or(a.and(c))));
    assertEquals(holds(a.or(b.and(c))), holds(a.or(b).and(a.or(c))));
  }));
});

test("all() joins reasons, and without any says that all are met", () => {
  assertEquals(check(all(fixed("a"), fixed("b"), fixed("c"))), "a AND b AND c");
  assertEquals(check(all(fixed("a"), fixed(""))), "a");
  assertEquals(check(all(fixed(""))), "all_conditions_met");
  assertEquals(check(all()), "all_conditions_met");
  assertEquals(check(any()), null);
});

test("all() looks at every condition each time", () => {
  const seen: string[] = [];
  const spy = (name: string, ends: boolean) =>
    customCondition(() => {
      seen.push(name);
      return ends;
    });
  assertEquals(check(all(spy("first", false), spy("second", true))), null);
  assertEquals(seen, ["first", "second"]);
});

test("toStopReason() maps every reason to one literal, always the same", () => {
  const cases: [string, string][] = [
    ["", "complete"],
    ["tool_loop", "tool_loop"],
    ["cancelled", "cancelled"],
    ["tool_called:book", "terminal_tool"],
    ["error AND tool_called:book", "terminal_tool"],
    ["text_mention:error", "complete"],
    ["confidence_met AND max_iterations", "confidence_met"],
    ["max_iterations AND confidence_met", "confidence_met"],
    ["time_budget AND token_budget", "token_budget"],
    ["custom", "complete"],
    ["all_conditions_met", "complete"],
  ];
  for (const [reason, expected] of cases) assertEquals(toStopReason(reason), expected, reason);
});
