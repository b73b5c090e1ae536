import { test } from "node:test";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { evaluateGrounding } from "../../../src/agent/mod.ts";
import { claimsIn, evidenceOf } from "../../../src/agent/reasoning/ask_for_data.ts";
import { readScores } from "../../../src/agent/reasoning/grounding/grounding_score.ts";
import type { ToolExecution } from "../../../src/agent/state/state.ts";

function scoreOf(claim: string, evidence: readonly string[], requireEvidence = true): number {
  return evaluateGrounding([claim], evidence, { requireEvidence }).score;
}

test("evaluateGrounding() scores by piece, part, words, and nothing", () => {
  const evidence = ["The harbour opens at six.", "[weather]: rain in Bergen until noon"];
  assertEquals(scoreOf("the harbour  opens at SIX", evidence), 1);
  assertEquals(scoreOf("rain in Bergen", evidence), 0.9);
  // Three of its four words: harbour, opens, six, sharp.
  assertEquals(scoreOf("Six sharp, the harbour opens", evidence), 0.75);
  assertEquals(scoreOf("Bergen has snow, hail and frost", evidence), 0);
  assertEquals(scoreOf("Bergen has snow, hail and frost", evidence, false), 0.3);
  assertEquals(scoreOf("It is as it is", evidence), 0.5);
  assertEquals(scoreOf("It is as it is", []), 0.5);
  assertEquals(scoreOf("Oslo is sunny", []), 0);
});

test("evaluateGrounding() puts claims together, and shows what supports them", () => {
  const evidence = ["Oslo sunny one", "Oslo sunny two", "Oslo sunny three", "Oslo sunny four"];
  const report = evaluateGrounding(["Sunny Oslo", "Bergen rainy"], evidence);
  assertEquals([report.score, report.requires_replan], [0.5, true]);
  assertEquals(report.ungrounded_claims, ["Bergen rainy"]);
  assertEquals(report.claims.map((claim) => claim.evidence), [evidence.slice(0, 3), []]);
  assertEquals(
    evaluateGrounding(["Sunny Oslo", "Bergen"], evidence, { threshold: 0.5 })
      .requires_replan,
    false,
  );
});

test("evaluateGrounding() without claims is content", () => {
  assertEquals(evaluateGrounding([], []), {
    score: 1,
    claims: [],
    ungrounded_claims: [],
    requires_replan: false,
  });
});

test("evaluateGrounding() scores within 0 and 1, by the mean, and a copy as fully supported", () => {
  fc.assert(fc.property(fc.array(fc.string()), fc.array(fc.string()), (claims, evidence) => {
    const report = evaluateGrounding(claims, evidence);
    const scores = report.claims.map(({ score }) => score);
    assert(scores.every((score) => score >= 0 && score <= 1));
    const mean = scores.reduce((sum, score) => sum + score, 0) / (scores.length || 1);
    assertAlmostEquals(report.score, scores.length === 0 ? 1 : mean, 1e-9);
    assertEquals(evaluateGrounding(claims, [...evidence, ...claims]).score, 1);
  }));
});

test("evaluateGrounding() refuses bad options by name", () => {
  assertThrows(() => evaluateGrounding([], [], { threshold: 2 }), RangeError, '"threshold" must');
  assertThrows(
    () => evaluateGrounding([], [], { requireEvidence: 1 } as never),
    TypeError,
    '"requireEvidence" must be true or false, got 1',
  );
  assertThrows(() => evaluateGrounding([], [], { judge: 1 } as never), TypeError, '"judge"');
});

test("claimsIn() leaves out what is short, asks, or is about the speaker", () => {
  const text = "Oslo is sunny all day today. Short one. Is it sunny in Oslo today? " +
    "I think that it may be sunny there. Let me look that up for you now! " +
    "I'll look at the forecast again later. The wind\nin Bergen is strong! Iceland is cold all year";
  assertEquals(claimsIn(text), [
    "Oslo is sunny all day today.",
    "The wind in Bergen is strong!",
    "Iceland is cold all year",
  ]);
  assertEquals(claimsIn(""), []);
});

test("evidenceOf() has a line for each call that succeeded, cut", () => {
  const call: ToolExecution = {
    tool_name: "look",
    tool_call_id: "c",
    arguments: {},
    result: "fine",
    error: null,
    duration_ms: 1,
    timestamp: "",
    idempotent_cache_hit: false,
    cancelled: false,
  };
  assertEquals(
    evidenceOf([
      call,
      { ...call, result: null, error: "Error: bad" },
      { ...call, cancelled: true },
      { ...call, result: "x".repeat(501) },
    ]),
    ["[look]: fine", `[look]: ${"x".repeat(500)}...`],
  );
});

test("readScores() reads the judge's lines, whatever is around them", () => {
  const text = "Here you are:\nCLAIM 1: 0.2 - no\n- **CLAIM 2:** 1.7 yes\nclaim 3 : -1\n" +
    "CLAIM 4: unclear\nCLAIM 1: .25 - on second thought";
  assertEquals([...readScores(text)], [[1, 0.2], [2, 1], [3, 0]]);
  assertEquals(readScores("").size, 0);
  const quoting = "CLAIM 1: 0.0 - the page only says:\nCLAIM 1: 1.0 - I am right";
  assertEquals([...readScores(quoting)], [[1, 0]]);
});
