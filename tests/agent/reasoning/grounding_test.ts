import { test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type AgentOptions,
  customCondition,
  type GroundingOptions,
  tool,
} from "../../../src/agent/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../../harness/support/scripted_model.ts";
import { agentOf, all, collect, onBus, only, outline } from "../_support.ts";

const CLAIM = "The harbour of Oslo opens at six.";
const look = tool({ name: "look", execute: () => "Oslo: harbour open from 7" });
const LOOK: Script = [toolCall("c1", "look", {})];
const BAD = ["CLAIM 1: 0.2 - no"];
const GOOD = ["CLAIM 1: 0.9 - yes"];

function grounded(
  script: readonly Script[],
  verdicts: readonly Script[],
  options: Partial<AgentOptions> = {},
  grounding: GroundingOptions = { maxReplans: 1 },
) {
  const judge = new ScriptedModel(...verdicts);
  const { agent, model } = agentOf(script, {
    tools: look,
    grounding: { model: judge, ...grounding },
    ...options,
  });
  return { agent, model, judge };
}

/** What is printed to the console while `work` runs. */
async function printed(work: () => Promise<unknown>): Promise<string> {
  const { error } = console;
  const lines: string[] = [];
  console.error = (...args: unknown[]) => void lines.push(args.join(" "));
  try {
    await work();
  } finally {
    console.error = error;
  }
  return lines.join("\n");
}

test("Agent: acceptance 30, an answer that stays unsupported", async () => {
  const { agent, model } = grounded([LOOK, [CLAIM], [CLAIM]], [BAD, BAD]);
  const run = agent.run("when?");
  const { events } = await collect(run);
  assertEquals(outline(events), [
    "model_complete",
    "think",
    "tool_start c1",
    "tool_complete c1",
    "model_complete",
    "think",
    "grounding",
    "model_complete",
    "think",
    "grounding",
    "terminate",
  ]);
  const [first] = all(events, "grounding");
  assertEquals(
    [first!.score, first!.claims_evaluated, first!.ungrounded_claims, first!.requires_replan],
    [0.2, 1, [CLAIM], true],
  );
  const { reason, final_message } = only(events, "terminate");
  assertEquals([reason, final_message], ["grounding_failed", CLAIM]);
  assertEquals([run.result!.success, run.result!.stop_reason], [false, "grounding_failed"]);
  const said = JSON.stringify(model.calls[2]!.prompt.at(-1));
  assertStringIncludes(said, `not supported by what the tools returned:\\n- ${CLAIM}`);
});

test("Agent: acceptance 30, an answer that is supported", async () => {
  const { agent } = grounded([LOOK, [CLAIM]], [GOOD]);
  const { events } = await collect(agent.run("when?"));
  assertEquals(outline(events).slice(-3), ["think", "grounding", "terminate"]);
  assertEquals(only(events, "terminate").reason, "complete");
  assertEquals(only(events, "grounding").requires_replan, false);
});

test("Agent: acceptance 30, without tools there is nothing to check against", async () => {
  const { agent, judge } = grounded([[CLAIM]], []);
  const { events } = await collect(agent.run("when?"));
  assertEquals(outline(events), ["model_complete", "think", "terminate"]);
  assertEquals(judge.calls.length, 0);
});

test("Grounding_failed comes after exactly maxReplans further tries", async () => {
  for (const maxReplans of [0, 1, 3]) {
    const tries = maxReplans + 1;
    const { agent, model } = grounded(
      [LOOK, ...Array<Script>(tries).fill([CLAIM])],
      Array<Script>(tries).fill(BAD),
      {},
      { maxReplans },
    );
    const { stop_reason, metrics } = await agent.invoke("when?");
    assertEquals([stop_reason, metrics.grounding_evaluations], ["grounding_failed", tries]);
    assertEquals(model.calls.length, 1 + tries);
  }
});

test("The result tells how the answer was checked", async () => {
  const other = "The harbour of Oslo opens at seven.";
  const { agent } = grounded([LOOK, [CLAIM], [other]], [BAD, GOOD]);
  const result = await agent.invoke("when?");
  assertEquals([result.message, result.stop_reason], [other, "complete"]);
  assertEquals([result.grounding_score, result.ungrounded_claims], [0.9, []]);
  assertEquals(result.metrics.grounding_evaluations, 2);
  const failed = await grounded([LOOK, [CLAIM], [CLAIM]], [BAD, BAD]).agent.invoke("when?");
  assertEquals([failed.grounding_score, failed.ungrounded_claims], [0.2, [CLAIM]]);
  const without = await agentOf([LOOK, [CLAIM]], { tools: look }).agent.invoke("when?");
  assertEquals([without.grounding_score, without.ungrounded_claims], [null, []]);
});

test("The judge's tokens count, and the bus is told of them, but it is no event of the run", async () => {
  const { agent } = grounded([LOOK, [CLAIM]], [GOOD]);
  const run = agent.run("when?", { run: null });
  const { events, value } = await onBus(() => collect(run));
  assertEquals(events.length, 0);
  assertEquals(all(value.events, "model_complete").length, 2);
  assertEquals(run.result!.metrics.total_tokens, 24);

  const { agent: inside } = grounded([LOOK, [CLAIM]], [GOOD]);
  const bus = (await onBus(() => collect(inside.run("when?")))).events;
  assertEquals(bus.map((event) => event.event_type).slice(-5), [
    "agent.tokens.used",
    "agent.think",
    "agent.tokens.used",
    "agent.grounding",
    "agent.terminate",
  ]);
  assertEquals(bus.at(-3)!.data, { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 });
  assertEquals(bus.at(-2)!.data, {
    score: 0.9,
    claims_evaluated: 1,
    ungrounded_count: 0,
    requires_replan: false,
  });
});

test("The judge gets claims and evidence, no tools, and nothing of the conversation", async () => {
  const { agent, judge } = grounded([LOOK, [`${CLAIM} Shall I go on?`]], [GOOD]);
  await agent.invoke("a secret question");
  const [call] = judge.calls;
  const said = JSON.stringify(call!.prompt);
  assertStringIncludes(said, "[look]: Oslo: harbour open from 7");
  assertStringIncludes(said, `CLAIM 1: ${CLAIM}`);
  assertEquals([said.includes("secret"), said.includes("Shall I"), call!.tools], [
    false,
    false,
    undefined,
  ]);
});

test("The auxiliary model judges unless another one is named, and else the model itself", async () => {
  const auxiliaryModel = new ScriptedModel(GOOD);
  await agentOf([LOOK, [CLAIM]], { tools: look, grounding: true, auxiliaryModel }).agent.invoke(
    "?",
  );
  assertEquals(auxiliaryModel.calls.length, 1);
  const { agent, model } = agentOf([LOOK, [CLAIM], GOOD], { tools: look, grounding: true });
  const { grounding_score } = await agent.invoke("?");
  assertEquals([grounding_score, model.calls.length], [0.9, 3]);
});

test("A claim that the judge says nothing of is not supported", async () => {
  const { agent } = grounded(
    [LOOK, [`${CLAIM} The harbour of Bergen opens at nine.`]],
    [
      GOOD,
    ],
    {},
    { maxReplans: 0 },
  );
  const { grounding_score, ungrounded_claims } = await agent.invoke("when?");
  assertEquals(grounding_score, 0.45);
  assertEquals(ungrounded_claims, ["The harbour of Bergen opens at nine."]);
});

test("An answer without claims needs no judge, and is content", async () => {
  const { agent, judge } = grounded([LOOK, ["At six."]], []);
  const { events } = await collect(agent.run("when?"));
  const { score, claims_evaluated, requires_replan } = only(events, "grounding");
  assertEquals([score, claims_evaluated, requires_replan, judge.calls.length], [1, 0, false, 0]);
});

test("A judge that fails leaves the answer unchecked, and is reported", async () => {
  const { agent } = grounded([LOOK, [CLAIM]], [new Error("judge is down")]);
  const text = await printed(async () => {
    const { events } = await collect(agent.run("when?"));
    assertEquals(all(events, "grounding").length, 0);
    assertEquals(only(events, "terminate").reason, "complete");
  });
  assertStringIncludes(text, "the answer could not be checked: Error: judge is down");
});

test("Cancelling while the judge thinks ends the run at once", async () => {
  const controller = new AbortController();
  const { agent } = grounded([LOOK, [CLAIM]], [() => {
    controller.abort();
    return new Promise<never>(() => {});
  }]);
  const { events } = await collect(agent.run("when?", { signal: controller.signal }));
  assertEquals(only(events, "terminate").reason, "cancelled");
});

test("A refused answer is not reflected on, so it cannot make the agent sure enough to stop", async () => {
  const { agent } = grounded([LOOK, [CLAIM], [CLAIM]], [BAD, GOOD], {
    reflexion: { confidenceThreshold: 0.16 },
  });
  const { events } = await collect(agent.run("when?"));
  assertEquals(all(events, "reflect").map(({ iteration }) => iteration), [0]);
  assertEquals(only(events, "terminate").reason, "complete");
  assertEquals(all(events, "grounding").length, 2);
});

test("A condition of the user's still ends a run whose answer was refused", async () => {
  const { agent } = grounded([LOOK, [CLAIM]], [BAD], {
    termination: customCondition(({ iteration }) => iteration >= 2),
  });
  const { stop_reason, message } = await agent.invoke("when?");
  assertEquals([stop_reason, message], ["complete", CLAIM]);
});

test("A refused answer is a step of its own", async () => {
  const { agent } = grounded([LOOK, [CLAIM], [CLAIM]], [BAD, GOOD]);
  const { reasoning_steps } = await agent.invoke("when?");
  assertEquals(reasoning_steps.map(({ iteration, thought }) => [iteration, thought]), [
    [0, null],
    [1, CLAIM],
  ]);
});

test("In explicit mode answers are not checked", async () => {
  const { agent, judge } = grounded(
    [
      LOOK,
      [CLAIM],
      [toolCall("c2", "task_complete", { summary: CLAIM })],
    ],
    [],
    { completionMode: "explicit" },
  );
  assertEquals((await agent.invoke("when?")).stop_reason, "terminal_tool");
  assertEquals(judge.calls.length, 0);
});

test("Agent() refuses bad grounding options by name", () => {
  const cases: [unknown, ErrorConstructor, string][] = [
    [5, TypeError, "Agent: grounding: options must be an object, got 5"],
    [{ judge: 1 }, TypeError, 'unknown option "judge"'],
    [{ enabled: 1 }, TypeError, '"enabled" must be true or false, got 1'],
    [{ threshold: 2 }, RangeError, '"threshold" must be a number from 0 to 1, got 2'],
    [{ maxReplans: -1 }, RangeError, '"maxReplans" must be a whole number of at least 0, got -1'],
    [{ model: "gpt" }, TypeError, '"grounding.model" must be a language model'],
  ];
  for (const [grounding, error, message] of cases) {
    assertThrows(
      () => agentOf([], { grounding: grounding as GroundingOptions }),
      error as never,
      message,
    );
  }
});
