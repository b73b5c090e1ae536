/** Routers that are measured, and extractors that ask a model last. */

import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Agent } from "../../src/agent/mod.ts";
import { hashEmbedder } from "../../src/rag/testing/mod.ts";
import {
  byExamples,
  chain,
  evaluateRouter,
  type FrameExample,
  goalFrameSchema,
} from "../../src/router/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { frameOf, routes, told, watch } from "./_support.ts";

const example = (text: string, goal: string) => ({ text, frame: frameOf(goal) }) as FrameExample;
const examples = [
  example("What does the red shoe cost?", "answer"),
  example("Write a plan for the winter sale.", "plan"),
  example("Why is the checkout slow?", "diagnose"),
];
const byRule = (text: string) => {
  if (text === "?") throw new Error("unreadable");
  return frameOf(/why/i.test(text) ? "diagnose" : /plan/.test(text) ? "plan" : "answer");
};

test("evaluateRouter() counts what is right, and says what was taken for what", async () => {
  const { accuracy, confusion, cases } = await evaluateRouter(routes(null, { extractor: byRule }), [
    { text: "Why is it slow?", protocol_id: "specialist_fanout" },
    { text: "What is planned?", protocol_id: "direct_response" },
    { text: "What is there?", protocol_id: "direct_response" },
    { text: "Hello", protocol_id: null },
    { text: "?", protocol_id: null },
  ]);
  assertEquals(accuracy, 0.4);
  assertEquals(confusion, [
    { expected: "specialist_fanout", protocol_id: "specialist_fanout", count: 1 },
    { expected: "direct_response", protocol_id: "plan_execute_validate", count: 1 },
    { expected: "direct_response", protocol_id: "direct_response", count: 1 },
    { expected: null, protocol_id: "direct_response", count: 1 },
    { expected: null, protocol_id: null, count: 1 },
  ]);
  assert(
    cases[4]!.error!.includes("unreadable"),
    "what is not understood is wrong, also where nothing is right",
  );
});

test("evaluateRouter() runs nothing, and stops when it is aborted", async () => {
  const model = scriptedModel(() => new Error("called") as never);
  const desk = routes(frameOf("answer"), { model });
  const cases = [{ text: "a", protocol_id: "direct_response" }];
  assertEquals((await evaluateRouter(desk, cases)).accuracy, 1);
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => evaluateRouter(desk, cases, { signal }), Error, "enough");
  await assertRejects(() => evaluateRouter(desk, []), TypeError, "expected cases");
});

test("byExamples() gives the frame of the nearest example, and how near it is", async () => {
  const desk = routes(null, { extractor: byExamples(hashEmbedder(), examples) });
  const same = await desk.explain("Why is the checkout slow?");
  assertEquals([same.frame.primary_goal, same.protocol_id], ["diagnose", "specialist_fanout"]);
  assert(same.frame.confidence! > 0.99);
  const near = await desk.explain("What does this blue shoe cost?");
  assertEquals(near.frame.primary_goal, "answer");
  assert(near.frame.confidence! < same.frame.confidence!);
});

test("byExamples() embeds the examples once, and again if that failed", async () => {
  const embedder = hashEmbedder();
  let calls = 0;
  const flaky: typeof embedder = {
    ...embedder,
    embed(texts, options) {
      if (options.for === "document" && ++calls === 1) return Promise.reject(new Error("busy"));
      return embedder.embed(texts, options);
    },
  };
  const desk = routes(null, { extractor: byExamples(flaky, examples) });
  await assertRejects(() => desk.explain("a"), Error, "busy");
  await Promise.all([desk.explain("a"), desk.explain("b")]);
  assertEquals(calls, 2);
});

test("chain() asks the next one where one is not sure or fails, and a model last", async () => {
  const model = scriptedModel(() => JSON.stringify(frameOf("plan")));
  const last = new Agent({ model, outputSchema: goalFrameSchema });
  const broken = () => {
    throw new Error("down");
  };
  const extractor = chain([broken, byExamples(hashEmbedder(), examples), last], {
    minConfidence: 0.9,
  });
  const desk = routes(null, { extractor });
  assertEquals((await desk.explain("Why is the checkout slow?")).frame.primary_goal, "diagnose");
  assertEquals(model.calls.length, 0);
  assertEquals((await desk.explain("Hm.")).frame.primary_goal, "plan");
  assertEquals(model.calls.length, 1);
});

test("chain() passes over what is no frame, however sure it says it is", async () => {
  const wrong = [{ ...frameOf("answer"), confidence: 95 }, { confidence: 1 }, "no JSON", null];
  const extractor = chain([...wrong.map((frame) => () => frame), () => frameOf("plan")]);
  assertEquals((await routes(null, { extractor }).explain("go")).frame.primary_goal, "plan");
});

test("chain() fails as its last one does", async () => {
  const { events } = await watch(() =>
    routes(null, { extractor: chain([() => null, () => Promise.reject(new Error("down"))]) })
      .dispatch("go")
  );
  assertEquals(told(events), ["frame.failed"]);
});

test("extractors refuse what they cannot work with", () => {
  const embedder = hashEmbedder();
  for (
    const [make, message] of [
      [() => byExamples(embedder, []), "expected examples"],
      [() => byExamples({} as never, examples), '"embedder" must be'],
      [() => byExamples(embedder, [{ text: 5 } as never]), "examples[0] must have a text"],
      [() => byExamples(embedder, [{ text: "a", frame: {} } as never]), "primary_goal: is missing"],
      [() => chain([]), "expected extractors"],
      [() => chain([5 as never]), "extractors[0]"],
      [() => chain([byRule], { minConfidence: 2 }), '"minConfidence" must be'],
    ] as const
  ) assert(assertThrows(make, Error).message.includes(message), message);
});

test("a frame that is too large for an event is none", async () => {
  const large = { ...frameOf("answer"), domain: "x".repeat(30_000) };
  const { events, error } = await watch(() => routes(large).dispatch("go"));
  assert(String(error).includes("more than 20000"), String(error));
  assertEquals(told(events), ["frame.failed"]);
});

test("a picker whose answer cannot be told is not followed", async () => {
  const circular: Record<string, unknown> = {};
  circular.protocol_id = circular;
  const desk = routes(frameOf("research", "high"), { picker: () => circular });
  assertEquals((await desk.explain("go")).method, "rule_based_fallback");
});
