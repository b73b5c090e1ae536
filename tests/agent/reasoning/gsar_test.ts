import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "../../harness/support/property.ts";
import {
  type AgentOptions,
  type GsarClaim,
  type GsarInput,
  type GsarJudge,
  type GsarOptions,
  gsarScore,
  type GsarScoreOptions,
  GSARValidationError,
  type GsarVerdict,
  tool,
} from "../../../src/agent/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../../harness/support/scripted_model.ts";
import { agentOf, collect, onBus, only, outline } from "../_support.ts";
import { printed } from "../hooks/_support.ts";
import { z } from "zod";

const ANSWER = "The harbour of Oslo opens at seven.";
const look = tool({ name: "look", execute: () => "Oslo: harbour open from 7" });
const fail = tool({
  name: "fail",
  execute: () => {
    throw new Error("no line");
  },
});
const LOOK: Script = [toolCall("c1", "look", {})];

function claim(verdict: GsarVerdict, evidence_type = "tool_match"): GsarClaim {
  return { claim: ANSWER, verdict, evidence_type };
}

const PROCEED = { claims: [claim("grounded")] };
const REPLAN = { claims: [claim("grounded"), claim("ungrounded"), claim("ungrounded")] };

/** An agent that looks once, and answers; its answer is judged. */
function judged(gsar: boolean | GsarOptions, options: Partial<AgentOptions> = {}) {
  return agentOf([LOOK, [ANSWER]], { tools: [look, fail], gsar, ...options });
}

test("gsarScore() weighs claims by their evidence, and contradictions by the penalty", () => {
  // The worked example of the published method: (1.95 + 0.85) / (1.95 + 0.6 + 0.5 * 0.6 + 0.85).
  const { score, decision, weights } = gsarScore([
    claim("grounded", "tool_match"),
    claim("grounded", "specific_data"),
    claim("ungrounded", "inference"),
    claim("complementary", "complementary_finding"),
    claim("contradicted", "inference"),
  ]);
  assertEquals(score.toFixed(9), "0.756756757");
  assertEquals(decision, "regenerate");
  assertEquals(weights, {
    grounded: 1.95,
    ungrounded: 0.6,
    contradicted: 0.6,
    complementary: 0.85,
  });
});

test("gsarScore() decides by thresholds that belong to the better side", () => {
  const decide = (grounded: number, ungrounded: number, options?: GsarScoreOptions) =>
    gsarScore([
      ...Array<GsarClaim>(grounded).fill(claim("grounded", "specific_data")),
      ...Array<GsarClaim>(ungrounded).fill(claim("ungrounded", "specific_data")),
    ], options).decision;
  assertEquals([decide(4, 1), decide(13, 7), decide(12, 8)], ["proceed", "regenerate", "replan"]);
  assertEquals(decide(1, 1, { tauProceed: 0.5, tauRegenerate: 0.2 }), "proceed");
});

test("gsarScore() abstains where there is nothing to score", () => {
  const nothing = { score: 0.5, decision: "abstain" };
  const short = ({ score, decision }: ReturnType<typeof gsarScore>) => ({ score, decision });
  assertEquals(short(gsarScore([])), nothing);
  assertEquals(short(gsarScore([claim("grounded", "x")], { weightMap: { x: 0 } })), nothing);
  assertEquals(short(gsarScore([claim("contradicted")], { contradictionPenalty: 0 })), nothing);
});

test("gsarScore() lays weightMap over the published weights, and takes what is unknown for inferred", () => {
  const weigh = (type: string, weightMap?: Record<string, number>) =>
    gsarScore([claim("grounded", type)], { weightMap }).weights.grounded;
  assertEquals([weigh("synthesis"), weigh("gossip"), weigh("toString")], [0.8, 0.6, 0.6]);
  assertEquals([weigh("gossip", { gossip: 0.1 }), weigh("domain", { gossip: 0.1 })], [0.1, 0.6]);
});

test("gsarScore() holds what the method promises, for any claims", () => {
  const verdicts = ["grounded", "ungrounded", "contradicted", "complementary"] as const;
  const types = ["tool_match", "specific_data", "synthesis", "inference", "domain", "other"];
  const anyClaim = fc.record({
    claim: fc.constant("c"),
    verdict: fc.constantFrom(...verdicts),
    evidence_type: fc.constantFrom(...types),
  });
  const penalty = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(fc.array(anyClaim), penalty, (claims, contradictionPenalty) => {
    const scoreOf = (some: readonly GsarClaim[]) => gsarScore(some, { contradictionPenalty }).score;
    const score = scoreOf(claims);
    assert(score >= 0 && score <= 1);
    if (claims.length === 0) return;
    // A further contradiction never helps, unless nothing weighed before.
    const held = claims.some(({ verdict }) => verdict !== "contradicted");
    if (held) assert(scoreOf([...claims, claim("contradicted")]) <= score);
    // To find evidence for a claim that had none never harms.
    const found = claims.map((one): GsarClaim =>
      one.verdict === "ungrounded" ? { ...one, verdict: "grounded" } : one
    );
    if (held) assert(scoreOf(found) >= score);
    // Nor does another view.
    if (held) assert(scoreOf([...claims, claim("complementary")]) >= score);
  }));
});

test("gsarScore() refuses bad options and claims by name", () => {
  const cases: [GsarScoreOptions, ErrorConstructor, string][] = [
    [{ tau: 1 } as object, TypeError, 'gsarScore(): unknown option "tau"'],
    [
      { contradictionPenalty: 2 },
      RangeError,
      '"contradictionPenalty" must be a number from 0 to 1',
    ],
    [{ tauProceed: -1 }, RangeError, '"tauProceed" must be a number from 0 to 1, got -1'],
    [
      { tauRegenerate: 0.8 },
      RangeError,
      '"tauRegenerate" must be below "tauProceed", got 0.8 and 0.8',
    ],
    [{ weightMap: 1 as never }, TypeError, '"weightMap" must be an object of weights, got 1'],
    [{ weightMap: { a: NaN } }, RangeError, '"weightMap.a" must be a number from 0 to 1, got NaN'],
  ];
  for (const [options, error, message] of cases) {
    assertThrows(() => gsarScore([], options), error as never, message);
  }
  assertThrows(() => gsarScore(1 as never), TypeError, '"claims" must be an array, got 1');
  assertThrows(
    () => gsarScore([{ claim: "c", verdict: "true", evidence_type: "x" } as never]),
    TypeError,
    '"verdict" of a claim must be one of "grounded", "ungrounded", "contradicted", ' +
      '"complementary", got "true"',
  );
});

test("Agent: gsar judges the answer by what its tools returned, and tells the result", async () => {
  const seen: GsarInput[] = [];
  const judge: GsarJudge = (input, { signal }) => {
    assertInstanceOf(signal, AbortSignal);
    seen.push(input);
    return PROCEED;
  };
  const { agent } = agentOf(
    [[toolCall("c1", "look", {}), toolCall("c2", "fail", {})], [ANSWER]],
    { tools: [look, fail], gsar: { judge } },
  );
  const run = agent.run("when?");
  const { events } = await collect(run);
  assertEquals(seen, [{ text: ANSWER, evidence: ["[look]: Oslo: harbour open from 7"] }]);
  assertEquals(outline(events).slice(-2), ["think", "terminate"]);
  const { gsar_judgment, gsar_score, gsar_decision } = run.result!;
  assertEquals([gsar_judgment, gsar_score, gsar_decision], [PROCEED, 1, "proceed"]);
  assert(Object.isFrozen(gsar_judgment!.claims[0]));
});

test("Agent: gsar shows at most 2000 characters of a result", async () => {
  const long = tool({ name: "look", execute: () => "x".repeat(3000) });
  let evidence: readonly string[] = [];
  const judge: GsarJudge = (input) => {
    evidence = input.evidence;
    return PROCEED;
  };
  await judged({ judge }, { tools: long }).agent.invoke("?");
  assertEquals(evidence, [`[look]: ${"x".repeat(2000)}...`]);
});

test("Agent: gsar decides by its options", async () => {
  const judge = () => ({ claims: [claim("grounded"), claim("contradicted", "rumour")] });
  const decision = async (options: GsarOptions) =>
    (await judged({ judge, ...options }).agent.invoke("?")).gsar_decision;
  assertEquals(await decision({}), "regenerate");
  assertEquals(await decision({ contradictionPenalty: 1 }), "replan");
  assertEquals(await decision({ weightMap: { rumour: 0.1 } }), "proceed");
  assertEquals(await decision({ tauProceed: 0.7 }), "proceed");
  assertEquals(await decision({ tauProceed: 1, tauRegenerate: 0.9 }), "replan");
});

test("Agent: gsar asks a model for the claims, beside the conversation", async () => {
  const judge = new ScriptedModel([JSON.stringify({ ...REPLAN, abstained: false })]);
  const { agent, model } = judged({ judge, weightMap: { rumour: 0.1 } });
  const { events, value } = await onBus(() => agent.invoke("when?"));
  assertEquals([value.gsar_score, value.gsar_decision], [0.333333333333, "replan"]);
  assertEquals(value.gsar_judgment!.claims.length, 3);
  const { prompt, responseFormat } = judge.calls[0]!;
  assertEquals(responseFormat?.type, "json");
  const asked = JSON.stringify(prompt);
  for (const part of [ANSWER, "[look]: Oslo", "- neg_evidence: something", "- rumour"]) {
    assertStringIncludes(asked, part);
  }
  assertEquals(model.calls.length, 2);
  assertEquals(value.messages.map(({ role }) => role), [
    "system",
    "user",
    "assistant",
    "tool",
    "assistant",
  ]);
  // Two calls of the agent, and one of the judge.
  assertEquals(value.metrics.total_tokens, 24);
  assertEquals(events.filter(({ event_type }) => event_type === "agent.tokens.used").length, 3);
  assertEquals(events.at(-1)!.event_type, "agent.terminate");
});

test("Agent: gsar: true asks the auxiliary model, else the agent's own", async () => {
  const answer = [JSON.stringify(PROCEED)];
  const auxiliaryModel = new ScriptedModel(answer);
  const other = await judged(true, { auxiliaryModel }).agent.invoke("?");
  assertEquals([other.gsar_decision, auxiliaryModel.calls.length], ["proceed", 1]);
  const { agent, model } = agentOf([LOOK, [ANSWER], answer], { tools: look, gsar: true });
  assertEquals((await agent.invoke("?")).gsar_decision, "proceed");
  assertEquals(model.calls.length, 3);
});

test("Agent: gsar asks in words where the provider refuses a response format", async () => {
  const judge = new ScriptedModel(new Error("no response_format"), [
    `Here it is:\n\`\`\`json\n${JSON.stringify(PROCEED)}\n\`\`\``,
  ]);
  const { gsar_decision } = await judged({ judge }).agent.invoke("?");
  assertEquals(gsar_decision, "proceed");
  assertEquals(judge.calls[1]!.responseFormat, undefined);
  assertStringIncludes(JSON.stringify(judge.calls[1]!.prompt), "JSON Schema");
});

test("Agent: a gsar judge that fails leaves the answer unjudged, and is reported", async () => {
  const judges: [GsarOptions["judge"], string][] = [
    [() => Promise.reject(new Error("judge is down")), "Error: judge is down"],
    [() => {
      throw new Error("judge is ill");
    }, "Error: judge is ill"],
    [() => ({ claims: [{}] }) as never, "the judge must return a judgment: claims.0.claim: "],
    [() => null as never, "the judge must return a judgment"],
    [new ScriptedModel(["It looks fine."]), "has not the form asked for"],
    [new ScriptedModel(), "No reply is written down"],
  ];
  for (const [judge, message] of judges) {
    const text = await printed(async () => {
      const result = await judged({ judge }).agent.invoke("?");
      const { gsar_judgment, gsar_score, gsar_decision, stop_reason, error } = result;
      assertEquals([gsar_judgment, gsar_score, gsar_decision], [null, null, null]);
      assertEquals([stop_reason, result.message, error], ["complete", ANSWER, null]);
    });
    assertStringIncludes(text, "gsar: the answer could not be judged: ");
    assertStringIncludes(text, message);
  }
});

test("Agent: gsar abstains where there is no claim, or nothing to judge by", async () => {
  const verdictOf = async (judge: GsarJudge, script: readonly Script[]) => {
    const { agent } = agentOf(script, { tools: [look, fail], gsar: { judge } });
    const { gsar_score, gsar_decision } = await agent.invoke("?");
    return [gsar_score, gsar_decision];
  };
  assertEquals(await verdictOf(() => ({ claims: [] }), [LOOK, [ANSWER]]), [0.5, "abstain"]);
  const unwilling = () => ({ ...PROCEED, abstained: true });
  assertEquals(await verdictOf(unwilling, [LOOK, [ANSWER]]), [0.5, "abstain"]);
  const unasked = () => {
    throw new Error("nobody is asked");
  };
  assertEquals(await verdictOf(unasked, [["Hello!"]]), [0.5, "abstain"]);
  const FAIL: Script = [toolCall("c1", "fail", {})];
  assertEquals(await verdictOf(unasked, [FAIL, ["It failed."]]), [0.5, "abstain"]);
});

test("Agent: gsar does not take what a terminal tool returns for evidence", async () => {
  const submit = tool({ name: "submit", execute: () => ANSWER });
  let asked: GsarInput | null = null;
  const { agent } = agentOf([LOOK, [toolCall("c2", "submit", {})]], {
    tools: [look, submit],
    gsar: {
      judge: (input) => {
        asked = input;
        return PROCEED;
      },
    },
  });
  assertEquals((await agent.invoke("?")).stop_reason, "terminal_tool");
  assertEquals(asked, { text: ANSWER, evidence: ["[look]: Oslo: harbour open from 7"] });
});

test("Agent: gsar judges structured output as it goes out", async () => {
  let text = "";
  const { agent } = agentOf([LOOK, ['{"opens":  7}']], {
    tools: look,
    outputSchema: z.object({ opens: z.number() }),
    gsar: {
      judge: (input) => {
        text = input.text;
        return PROCEED;
      },
    },
  });
  const { parsed, gsar_decision } = await agent.invoke("?");
  assertEquals([text, parsed, gsar_decision], ['{"opens":7}', { opens: 7 }, "proceed"]);
});

test("Agent: failOnLowScore ends the run with one terminate, and throws", async () => {
  const { agent } = judged({ judge: () => REPLAN, failOnLowScore: true });
  const run = agent.run("?");
  const { events, error } = await collect(run);
  assertInstanceOf(error, GSARValidationError);
  assertEquals([error.kind, error.decision, error.judgment], ["gsar", "replan", REPLAN]);
  assertEquals(error.message, "The answer may not go out: replan, with a score of 0.33");
  const { reason, final_message } = only(events, "terminate");
  assertEquals([reason, final_message], ["error", null]);
  assertEquals(events.at(-1)!.event_type, "terminate");
  const { gsar_score, gsar_decision, stop_reason, success } = run.result!;
  assertEquals([gsar_score, gsar_decision], [0.333333333333, "replan"]);
  assertEquals([stop_reason, success], ["error", false]);
});

test("Agent: failOnLowScore lets go out what may proceed, and nothing that was not judged", async () => {
  const good = judged({ judge: () => PROCEED, failOnLowScore: true });
  assertEquals((await good.agent.invoke("?")).message, ANSWER);

  const down = new Error("judge is down");
  const { agent } = judged({ judge: () => Promise.reject(down), failOnLowScore: true });
  await printed(async () => {
    const { error } = await collect(agent.run("?"));
    assertInstanceOf(error, GSARValidationError);
    assertEquals([error.decision, error.score, error.cause], [null, null, down]);
  });
});

test("Agent: cancelling while the gsar judge thinks ends the run at once", async () => {
  const controller = new AbortController();
  let aborted = false;
  const { agent } = judged({
    judge: (_, { signal }) => {
      signal.addEventListener("abort", () => aborted = true);
      controller.abort();
      return new Promise<never>(() => {});
    },
  });
  const { events, error } = await collect(agent.run("?", { signal: controller.signal }));
  assertEquals([only(events, "terminate").reason, error, aborted], ["cancelled", null, true]);
});

test("Agent: gsar judges no run that waits for a person, fails, or is without an answer", async () => {
  let asked = 0;
  const judge = () => {
    asked++;
    return PROCEED;
  };
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => `heard ${interrupt("when?")}` });
  const ASK: Script = [toolCall("c1", "ask", {})];
  const { agent } = agentOf([ASK, [ANSWER]], { tools: ask, gsar: { judge } });
  const waits = await agent.invoke("?");
  assertEquals([waits.stop_reason, waits.gsar_decision, asked], ["interrupted", null, 0]);
  await collect(agent.resume("at 7"));
  assertEquals(asked, 1);

  const failing = agentOf([LOOK, new Error("down")], { tools: look, gsar: { judge } });
  await failing.agent.invoke("?", { throwOnError: false });
  const silent = agentOf([LOOK, []], { tools: look, gsar: { judge } });
  assertEquals((await silent.agent.invoke("?")).gsar_decision, null);
  assertEquals(asked, 1);
});

test("Agent: without gsar nobody judges, and the result says null", async () => {
  for (const gsar of [false, null, undefined]) {
    const { agent, model } = agentOf([LOOK, [ANSWER]], { tools: look, gsar });
    const { gsar_judgment, gsar_score, gsar_decision } = await agent.invoke("?");
    assertEquals([gsar_judgment, gsar_score, gsar_decision], [null, null, null]);
    assertEquals(model.calls.length, 2);
  }
});

test("Agent() refuses bad gsar options by name", () => {
  const cases: [unknown, ErrorConstructor, string][] = [
    [5, TypeError, "Agent: gsar: options must be an object, got 5"],
    [{ tau: 1 }, TypeError, 'Agent: gsar: unknown option "tau"'],
    [{ judge: "gpt" }, TypeError, '"gsar.judge" must be a language model'],
    [{ failOnLowScore: 1 }, TypeError, '"failOnLowScore" must be true or false, got 1'],
    [{ tauProceed: 2 }, RangeError, '"tauProceed" must be a number from 0 to 1, got 2'],
    [{ tauProceed: 0.5 }, RangeError, '"tauRegenerate" must be below "tauProceed"'],
    [{ contradictionPenalty: -1 }, RangeError, '"contradictionPenalty" must be a number from 0'],
    [{ weightMap: { a: 2 } }, RangeError, '"weightMap.a" must be a number from 0 to 1, got 2'],
  ];
  for (const [gsar, error, message] of cases) {
    assertThrows(() => agentOf([], { gsar: gsar as GsarOptions }), error as never, message);
  }
});
