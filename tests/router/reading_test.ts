import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus, hasEventBus, resetEventBus } from "../../mod.ts";
import { Agent } from "../../src/agent/mod.ts";
import { goalFrameSchema, type Protocol, router } from "../../src/router/mod.ts";
import { readSkill } from "../../src/skills/mod.ts";
import { orchestrator, specialist } from "../../src/team/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { requires } from "../harness/support/requires.ts";
import { foldSpans, openSpans } from "../harness/support/span_tree.ts";
import { capability, frameOf, routes, told, watch } from "./_support.ts";

test("explain() says how a request would be answered, and runs nothing", async () => {
  resetEventBus();
  let approvals = 0;
  const desk = routes(frameOf("remediate", "medium", "high", { confidence: 0.4 }), {
    onApproval: () => ++approvals > 0,
    minConfidence: 0.5,
    model: scriptedModel(() => {
      throw new Error("called");
    }),
  });
  const { protocol_id, verdict, asks, method, frame } = await desk.explain("go");
  assertEquals([protocol_id, method, asks, approvals], [
    "approval_gated_execution",
    "rule_based",
    true,
    0,
  ]);
  assertEquals([verdict?.allow, verdict?.require_approval], [true, true]);
  assertEquals(frame.primary_goal, "remediate");
  assert(!hasEventBus(), "outside of a run it says nothing");

  const none = await routes(frameOf("answer", "low", "high")).explain("go");
  assertEquals([none.protocol_id, none.verdict], [null, null]);
  assertEquals(none.candidates.find(({ id }) => id === "direct_response")?.reason, "risk");
});

test("a model alone reads the request and answers it, and is told of the capabilities", async () => {
  const model = scriptedModel([
    JSON.stringify(frameOf("answer", "low", "low", { required_capabilities: ["logs"] })),
    "From the logs.",
  ]);
  const { value } = await watch(() =>
    router({ model, capabilities: [capability("logs")] }).dispatch("What is it?")
  );
  assertEquals(value.text, "From the logs.");
  assert(JSON.stringify(model.calls[0]?.prompt).includes("- logs (any domain, risk low)"));
  assertEquals(model.calls[1]?.tools?.map(({ name }) => name), ["logs"]);
});

test("an agent with the frame's schema extracts, and an answer that does not pass is no frame", async () => {
  const extractor = (text: string) =>
    new Agent({
      model: scriptedModel([text]),
      outputSchema: goalFrameSchema,
      outputSchemaRetries: 0,
    });
  const good = await watch(() =>
    routes(null, { extractor: extractor(JSON.stringify(frameOf("answer"))) }).dispatch("go")
  );
  assertEquals(good.value.frame?.success_criteria, []);
  const bad = await watch(() => routes(null, { extractor: extractor("no") }).dispatch("go"));
  assertEquals(told(bad.events), ["frame.failed"]);
  assertEquals(openSpans(foldSpans(bad.events)), []);
});

test("agents get the skills of the request's domain, and those of all", async () => {
  const skill = (name: string) =>
    readSkill(`---\nname: ${name}\ndescription: ${name} things\n---\nDo.`).skill;
  const model = scriptedModel(() => "done");
  await watch(() =>
    routes(frameOf("answer"), {
      model,
      skills: [
        skill("always"),
        { skill: skill("shopping"), domain: "shop" },
        { skill: skill("sailing"), domain: "sea" },
      ],
    }).dispatch("go")
  );
  const told = JSON.stringify(model.calls[0]);
  assertEquals(["always", "shopping", "sailing"].map((name) => told.includes(`<name>${name}`)), [
    true,
    true,
    false,
  ]);
});

test(
  "a team answers through a protocol of one's own, in one tree",
  await requires("async-context"),
  async () => {
    const team = orchestrator({
      id: "team",
      specialists: [specialist({ id: "a", name: "A", model: scriptedModel(["Yes."]) })],
    });
    const own: Protocol = {
      id: "team",
      description: "The team",
      handles: ["answer"],
      build: () => async (task, { signal }) => (await team.execute(task, { signal })).summary,
    };
    const { value, events } = await watch(() =>
      routes(frameOf("answer"), { protocols: [own] }).dispatch("go")
    );
    assertEquals(value.text, "## A\n\nYes.");
    const [tree] = foldSpans(events).children;
    assertEquals(openSpans(tree!), []);
    assertEquals(tree!.children[0]!.children.map(({ kind }) => kind), ["orchestrator"]);
  },
);

test("what is more than a text is handed on as it is; nothing is an empty text", async () => {
  for (
    const [made, text, parsed] of [[{ ok: true }, `{"ok":true}`, { ok: true }], [null, "", null]]
  ) {
    const own: Protocol = {
      id: "own",
      description: "",
      handles: ["answer"],
      build: () => () => made,
    };
    const { value } = await watch(() =>
      routes(frameOf("answer"), { protocols: [own] }).dispatch("go")
    );
    assertEquals([value.text, value.parsed, value.raw], [text, parsed, made]);
  }
});

test("inside of a run an explanation is told, up to the verdict", async () => {
  const { events } = await watch(() => routes(frameOf("answer")).explain("go"));
  assertEquals(told(events), ["frame.extracted", "protocol.selected", "policy.verdict"]);
  assertEquals(openSpans(foldSpans(events)), []);
});

test("dispatches of one router side by side do not share anything", async () => {
  const desk = routes(null, {
    extractor: (text) => frameOf("answer", "low", text.includes("bad") ? "high" : "low"),
    model: scriptedModel(({ prompt }) => `re: ${JSON.stringify(prompt.at(-1)?.content)}`),
  });
  const { events, value } = await watch(() =>
    Promise.allSettled(["a1", "bad", "c3"].map((text) => desk.dispatch(text)))
  );
  const texts = value.map((end) => end.status === "fulfilled" ? end.value.text : end.reason.name);
  assertEquals(texts.map((text) => /a1|c3|NoMatching/.exec(text)?.[0]), ["a1", "NoMatching", "c3"]);
  assertEquals(foldSpans(events).children.map(({ kind }) => kind), ["router", "router", "router"]);
});

test("with content asked for, what comes out of a router is its answer, never how it was chosen", async () => {
  const own: Protocol = {
    id: "own",
    description: "",
    handles: ["answer"],
    build: () => () => "42",
  };
  const { events } = await watch(
    () => routes(frameOf("answer"), { protocols: [own] }).dispatch("go"),
    new EventBus({ content: true }),
  );
  const router = foldSpans(events).children[0]!;
  const outputs = events.flatMap(({ event_type, data }) =>
    event_type === "span.content" && data.span_id === router.id && data.direction === "output"
      ? [[data.kind, data.content]]
      : []
  );
  assertEquals(outputs, [["text", "42"]]);
});
