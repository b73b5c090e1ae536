import { test } from "node:test";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "../../harness/support/property.ts";
import { type AgentState, evaluateProgress, type ToolExecution } from "../../../src/agent/mod.ts";
import { createState } from "../../../src/agent/state/state.ts";

function stateOf(fields: Partial<AgentState> = {}): AgentState {
  return createState({
    run_id: "r",
    messages: [],
    max_iterations: 20,
    tool_loop_threshold: 3,
    terminal_tools: [],
    iteration: 1,
    ...fields,
  });
}

function success(result = "ok"): ToolExecution {
  return {
    tool_name: "t",
    tool_call_id: "c",
    arguments: {},
    result,
    error: null,
    duration_ms: 1,
    timestamp: "",
    idempotent_cache_hit: false,
    cancelled: false,
  };
}

function failure(error = "Error: bad"): ToolExecution {
  return { ...success(), result: null, error };
}

/** A state after turns that called these tools; a name with arguments, or nothing. */
function after(...turns: ([string, Record<string, unknown>] | null)[]): AgentState {
  return stateOf({
    iteration: turns.length,
    confidence: 0.5,
    reasoning_steps: turns.map((turn, iteration) => ({
      iteration,
      thought: null,
      tool_calls: turn === null ? [] : [{ id: "c", name: turn[0], arguments: turn[1] }],
      tool_results: [],
      reflection: null,
      confidence_delta: 0,
      timestamp: "",
    })),
  });
}

test("evaluateProgress() gains less the surer the agent is, once", () => {
  let confidence = 0;
  const seen = Array.from({ length: 4 }, () => {
    const report = evaluateProgress(stateOf({ confidence }), [success()]);
    confidence = report.new_confidence;
    return [report.confidence_delta, report.new_confidence];
  });
  assertEquals(seen.slice(0, 3), [[0.15, 0.15], [0.1275, 0.2775], [0.108375, 0.385875]]);
  assertAlmostEquals(confidence, 0.478, 0.0001);
});

test("evaluateProgress() reports the real change", () => {
  const failures = [failure(), failure("Error: worse")];
  const low = evaluateProgress(stateOf(), failures);
  assertEquals([low.assessment, low.confidence_delta, low.new_confidence], ["stuck", 0, 0]);
  assertStringIncludes(low.guidance!, "[Reflection - stuck]\nThis does not work: Error: worse.");
  const high = evaluateProgress(stateOf({ confidence: 0.6 }), failures);
  assertEquals([high.confidence_delta, high.new_confidence], [-0.4, 0.2]);
  const full = evaluateProgress(stateOf({ confidence: 0.95 }), [success(), success()], {
    diminishingReturns: false,
  });
  assertEquals([full.confidence_delta, full.new_confidence], [0.05, 1]);
});

test("evaluateProgress() takes long results for findings", () => {
  const report = evaluateProgress(stateOf(), [success("x".repeat(60)), success("y".repeat(300))]);
  assertEquals(report.assessment, "new_findings");
  const [header, , findings] = report.guidance!.split("\n", 3);
  assertEquals(header, "[Reflection - new_findings]");
  assertEquals(findings, `Findings: ${"x".repeat(60)}`);
  assertEquals(evaluateProgress(stateOf(), [success("x".repeat(100))]).assessment, "on_track");
});

test("evaluateProgress() tells slow progress from none", () => {
  const slow = evaluateProgress(stateOf({ confidence: 0.9 }), [success()]);
  assertEquals(slow.assessment, "on_track");
  assertStringIncludes(slow.guidance!, "Progress is slow");
  assertEquals(evaluateProgress(stateOf(), []).guidance, null);
  assertEquals(evaluateProgress(stateOf(), []).new_confidence, 0.05);
});

test("evaluateProgress() leaves out calls that were cancelled", () => {
  const cancelled = { ...success(), cancelled: true };
  assertEquals(evaluateProgress(stateOf(), [cancelled]).new_confidence, 0.05);
  assertEquals(evaluateProgress(stateOf(), [cancelled, success()]).new_confidence, 0.15);
});

test("evaluateProgress() takes the same tools with the same arguments for a loop, on the turn it closes", () => {
  const same = after(["get", { page: 1 }], ["get", { page: 1 }], ["get", { page: 1 }]);
  const report = evaluateProgress(same, [success()]);
  assertEquals([report.assessment, report.confidence_delta], ["loop_detected", -0.3]);
  assertStringIncludes(report.guidance!, "Pattern: the same calls 3 times in a row");

  const paging = after(["get", { page: 1 }], ["get", { page: 2 }], ["get", { page: 3 }]);
  assertEquals(evaluateProgress(paging, [success()]).assessment, "on_track");
  const broken = after(["get", {}], null, ["get", {}]);
  assertEquals(evaluateProgress(broken, [success()]).assessment, "on_track");
  const reordered = after(["get", { a: 1, b: 2 }], ["get", { b: 2, a: 1 }]);
  assertEquals(
    evaluateProgress(reordered, [], { loopThreshold: 2 }).assessment,
    "loop_detected",
  );
});

test("evaluateProgress() sees two sets of calls in alternation, with a threshold of 4", () => {
  const state = after(["a", {}], ["b", {}], ["a", {}], ["b", {}]);
  const report = evaluateProgress(state, [success()], { loopThreshold: 4 });
  assertEquals([report.assessment, report.confidence_delta], ["loop_detected", -0.25]);
  assertEquals(evaluateProgress(state, [success()]).assessment, "on_track");
});

test("evaluateProgress() without executions looks at those of the latest step", () => {
  const state = { ...after(["a", {}]), confidence: 0, tool_executions: [success(), failure()] };
  assertEquals(evaluateProgress(state).assessment, "stuck");
});

test("evaluateProgress() keeps the confidence within 0 and 1, and its numbers consistent", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const executions = fc.array(fc.boolean().map((ok) => ok ? success() : failure()));
  fc.assert(fc.property(share, executions, share, share, fc.boolean(), (...given) => {
    const [confidence, calls, successWeight, errorPenalty, diminishingReturns] = given;
    const report = evaluateProgress(stateOf({ confidence }), calls, {
      successWeight,
      errorPenalty,
      diminishingReturns,
    });
    assert(report.new_confidence >= 0 && report.new_confidence <= 1);
    assertAlmostEquals(confidence + report.confidence_delta, report.new_confidence, 1e-9);
    const failures = calls.filter(({ error }) => error !== null).length;
    if (calls.length > 0 && failures === 0) assert(report.confidence_delta >= -1e-9);
    if (failures === calls.length && failures > 0) assert(report.confidence_delta <= 1e-9);
  }));
});

test("evaluateProgress() refuses bad options by name", () => {
  const cases: [Record<string, unknown>, ErrorConstructor, string][] = [
    [{ model: "gpt" }, TypeError, 'unknown option "model"'],
    [{ loopThreshold: 1 }, RangeError, '"loopThreshold" must be a whole number of at least 2'],
    [{ successWeight: 2 }, RangeError, '"successWeight" must be a number from 0 to 1, got 2'],
    [{ diminishingReturns: 1 }, TypeError, '"diminishingReturns" must be true or false, got 1'],
  ];
  for (const [options, error, message] of cases) {
    assertThrows(() => evaluateProgress(stateOf(), [], options), error as never, message);
  }
});
