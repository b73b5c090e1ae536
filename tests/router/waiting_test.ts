import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventBus, resetEventBus, setEventBus } from "../../mod.ts";
import { tool } from "../../src/agent/mod.ts";
import { GraphError } from "../../src/graph/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import {
  FrameExtractionError,
  PolicyDeniedError,
  type RouterOptions,
} from "../../src/router/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { RunPicture } from "../../src/view/mod.ts";
import { foldSpans, openSpans } from "../harness/support/span_tree.ts";
import { allOf, first, frameOf, routes, told, watch } from "./_support.ts";

const remedy = frameOf("remediate", "medium", "high");
const before = [
  "frame.extracted",
  "protocol.selected",
  "policy.verdict",
  "runnable.compiled",
  "runnable.executing",
];

test("an approval is asked for by the protocol's span, which goes on with the answer", async () => {
  const bus = new EventBus();
  const desk = routes(remedy, { approval: "ask" });
  const asked = await watch(() => desk.dispatch("Restart it", { threadId: "t" }), bus);
  assertEquals([asked.value.stop_reason, asked.value.text], ["interrupted", ""]);
  assertEquals(told(asked.events), before);
  const executing = first(asked.events, "router.runnable.executing")!;
  const question = first(asked.events, "agent.interrupt")!;
  assertEquals(question.span_id, executing.span_id);
  assertEquals(question.options, ["approve", "reject"]);
  assert(String(question.question_preview).includes("Restart it"));
  assertEquals(first(asked.events, "run.completed")?.outcome, "waiting");

  const { events, value } = await watch(() => desk.resume("approve", { threadId: "t" }), bus);
  assertEquals([value.stop_reason, value.text], ["completed", "done"]);
  assertEquals(told(events), [...before, "runnable.executing", "runnable.executed"]);
  const [, again] = allOf(events, "router.runnable.executing");
  assertEquals([again!.span_id, again!.resumed], [executing.span_id, true]);
  assertEquals(openSpans(foldSpans(events)), []);
  assertEquals(allOf(events, "run.completed").at(-1)?.outcome, "ok");
  const picture = new RunPicture("r1");
  for (const event of events) picture.add(event);
  const [row] = picture.rows;
  assert(row?.kind === "span");
  const protocols = row.children.filter((child) => child.kind === "span");
  assertEquals([row, ...protocols].map(({ name, state }) => [name, state]), [
    ["router", "done"],
    ["approval_gated_execution", "done"],
  ]);
});

for (const answer of ["reject", "yes please", null]) {
  test(`what is not clearly an approval is none: ${answer}`, async () => {
    const bus = new EventBus();
    const desk = routes(remedy, { approval: "ask" });
    await watch(() => desk.dispatch("go", { threadId: "t" }), bus);
    const { events, error } = await watch(() => desk.resume(answer, { threadId: "t" }), bus);
    assert(error instanceof PolicyDeniedError);
    assertEquals(told(events).at(-1), "runnable.failed");
    assertEquals(openSpans(foldSpans(events)), []);
  });
}

/** Asks a person from within an agent's tool. */
function asking(): Partial<RouterOptions> {
  const ask = tool({
    name: "ask",
    execute: (_, { interrupt }) => `They said ${interrupt("Sure?")}`,
  });
  return {
    capabilities: [{ id: "ask", description: "Asks", tool: ask }],
    model: scriptedModel(({ prompt }) =>
      prompt.at(-1)?.role === "tool" ? "Thanks." : { toolCalls: [{ toolName: "ask", input: {} }] }
    ),
  };
}
const withAsk = { required_capabilities: ["ask"] };

for (
  const [kind, frame] of Object.entries({
    "an agent": frameOf("answer", "low", "low", withAsk),
    "a pipeline of agents": frameOf("diagnose", "high", "low", withAsk),
  })
) {
  test(`a question of ${kind} waits, and its answer reaches the tool`, async () => {
    const bus = new EventBus();
    const desk = routes(frame, asking());
    const { value } = await watch(() => desk.dispatch("go", { threadId: "t" }), bus);
    assertEquals(value.interrupts.length, 1);
    const { events, value: ended } = await watch(() => desk.resume("yes", { threadId: "t" }), bus);
    assertEquals(ended.text, "Thanks.");
    // The spans of a pipeline's branches end where they wait, around those of their agents.
    if (kind === "an agent") assertEquals(openSpans(foldSpans(events)), []);
    assertEquals(told(events).slice(-2), ["runnable.executing", "runnable.executed"]);
  });
}

test("with a checkpointer another process goes on, in an agent as well", async () => {
  const checkpointer = new MemoryCheckpointer();
  const frame = frameOf("remediate", "medium", "high", withAsk);
  const desk = () => routes(frame, { ...asking(), approval: "ask", checkpointer });
  const bus = new EventBus();
  await watch(() => desk().dispatch("go", { threadId: "t" }), bus);
  const { value: asked } = await watch(() => desk().resume("approve", { threadId: "t" }), bus);
  assertEquals(asked.stop_reason, "interrupted");
  const { value, events } = await watch(() => desk().resume("yes", { threadId: "t" }), bus);
  assertEquals(value.text, "Thanks.");
  assertEquals(openSpans(foldSpans(events)), []);
  assertEquals(told(events).filter((type) => type === "frame.extracted").length, 1);
});

test("a dispatch that waits as a run of its own is gone on with by the run's id", async () => {
  const bus = new EventBus();
  setEventBus(bus);
  try {
    const desk = routes(remedy, { approval: "ask" });
    const { run_id, stop_reason } = await desk.dispatch("go");
    assertEquals(stop_reason, "interrupted");
    const { text } = await desk.resume("approve", { runId: run_id });
    assertEquals(text, "done");
    const types: string[] = [];
    for await (const { event_type } of bus.subscribe(run_id)) types.push(event_type);
    assertEquals(types.at(-1), "run.completed");
  } finally {
    resetEventBus();
  }
});

test("an answer that nobody waits for is refused", async () => {
  const desk = routes(remedy, { approval: "ask" });
  const error = await assertRejects(() => desk.resume("yes", { threadId: "t" }), GraphError);
  assertEquals(error.code, "nothing_waits");
});

/** Is sure once it knows what is meant. */
function unsure(): Partial<RouterOptions> {
  return {
    minConfidence: 0.7,
    extractor: (text) =>
      frameOf("answer", "low", "low", {
        confidence: text.includes("the blue one") ? 0.9 : 0.2,
      }),
  };
}

test("below minConfidence a person is asked what is meant, and the words count", async () => {
  const bus = new EventBus();
  const desk = routes(null, unsure());
  const asked = await watch(() => desk.dispatch("Fix it", { threadId: "t" }), bus);
  assertEquals(told(asked.events), ["frame.extracted"]);
  const router = first(asked.events, "span.started")!;
  assertEquals(first(asked.events, "agent.interrupt")?.span_id, router.span_id);
  const { events, value } = await watch(() => desk.resume("the blue one", { threadId: "t" }), bus);
  assertEquals([value.text, value.frame?.confidence], ["done", 0.9]);
  assertEquals(told(events), [
    ...["frame.extracted", "frame.extracted", "protocol.selected", "policy.verdict"],
    ...["runnable.compiled", "runnable.executing", "runnable.executed"],
  ]);
  assertEquals(first(events, "router.runnable.executing")?.resumed, undefined);
  assertEquals(openSpans(foldSpans(events)), []);
});

test("a person who says yes is not asked again", async () => {
  const desk = routes(null, unsure());
  await watch(() => desk.dispatch("Fix it", { threadId: "t" }));
  const { value } = await watch(() => desk.resume("yes", { threadId: "t" }));
  assertEquals([value.stop_reason, value.frame?.confidence], ["completed", 0.2]);
});

test("after three questions it gives up", async () => {
  const bus = new EventBus();
  const desk = routes(null, unsure());
  await watch(() => desk.dispatch("Fix it", { threadId: "t" }), bus);
  let last = await watch(() => desk.resume("that one", { threadId: "t" }), bus);
  for (let nth = 2; nth <= 3; nth++) {
    assertEquals(last.error, null);
    last = await watch(() => desk.resume("that one", { threadId: "t" }), bus);
  }
  assert(last.error instanceof FrameExtractionError);
  assertEquals(told(last.events).at(-1), "frame.failed");
  assertEquals(openSpans(foldSpans(last.events)), []);
});

for (const who of ["extractor", "picker"] as const) {
  test(`a question of the ${who} waits as well, and nothing is told twice`, async () => {
    const bus = new EventBus();
    const asks: RouterOptions = {
      extractor: (_, ctx) => frameOf(who === "picker" ? "research" : ctx.interrupt("Which goal?")),
      picker: (_, ctx) => ({ protocol_id: ctx.interrupt("Which protocol?") }),
    };
    const desk = routes(null, asks);
    await watch(() => desk.dispatch("go", { threadId: "t" }), bus);
    const answer = who === "picker" ? "debate" : "answer";
    const { value, events } = await watch(() => desk.resume(answer, { threadId: "t" }), bus);
    assertEquals(value.protocol_id, who === "picker" ? "debate" : "direct_response");
    assertEquals(told(events), [...before, "runnable.executed"]);
    assertEquals(openSpans(foldSpans(events)), []);
  });
}
