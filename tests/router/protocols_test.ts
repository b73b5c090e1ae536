import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { parseStreamEvent } from "../../src/events/schemas.ts";
import { builtinProtocols, type Protocol } from "../../src/router/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { EventBus } from "../../mod.ts";
import { RunPicture } from "../../src/view/mod.ts";
import { expectedCatalogue, extrasOf } from "../events/expected_catalogue.ts";
import { requires } from "../harness/support/requires.ts";
import { foldSpans, openSpans, outlineOf } from "../harness/support/span_tree.ts";
import { allOf, capability, first, frameOf, routes, told, watch } from "./_support.ts";

const caps = [capability("logs"), capability("metrics"), capability("boss", { tool: "$human" })];
const needs = { required_capabilities: ["logs", "metrics", "boss", "tea"] };
const agentIn = (name: string) => [`agent ${name}`, "model scripted"];

/** What each built-in protocol is, in a run: below `runnable`. */
const built: Record<string, readonly [frame: unknown, outline: unknown[]]> = {
  direct_response: [frameOf("answer", "low", "low", needs), [agentIn("responder")]],
  plan_execute_validate: [frameOf("plan", "medium", "low", needs), [[
    "pipeline plan_execute_validate",
    ...["planner", "executor", "validator"].map((name) => [`stage ${name}`, agentIn(name)]),
  ]]],
  specialist_fanout: [frameOf("diagnose", "high", "low", needs), [[
    "pipeline specialist_fanout",
    [
      "fanout",
      ...["logs", "metrics"].map((name) => [`task ${name}`, agentIn(name)]),
    ],
  ]]],
  debate: [frameOf("compare", "high", "low", needs), [[
    "pipeline debate",
    ["stage arguments", ["pipeline arguments", [
      "fanout",
      ...["for", "against"].map((name) => [`task ${name}`, agentIn(name)]),
    ]]],
    ["stage judge", agentIn("judge")],
  ]]],
  codegen_test_validate: [frameOf("generate_code", "medium", "low", needs), [[
    "loop codegen_test_validate",
    ["iteration", agentIn("coder")],
  ]]],
  approval_gated_execution: [frameOf("escalate", "medium", "low", needs), [agentIn("operator")]],
  a2a_delegate: [frameOf("coordinate", "medium", "low", needs), []],
  handoff_chain: [frameOf("coordinate", "medium", "low", needs), [[
    "pipeline handoff_chain",
    ...["logs", "metrics"].map((name) => [`stage ${name}`, agentIn(name)]),
  ]]],
};

for (const [id, [frame, outline]] of Object.entries(built)) {
  test(`${id} is built of what exists`, await requires("async-context"), async () => {
    const { events, value, error } = await watch(() =>
      routes(frame, {
        capabilities: caps,
        model: scriptedModel(() => "PASS done"),
        onApproval: () => true,
        delegate: (task) => `${task} is done`,
        picker: () => ({ protocol_id: id, rationale: "" }),
      }).dispatch("go")
    );
    assertEquals(error, null);
    assertEquals(value.protocol_id, id);
    assert(value.text.includes("done"));
    assertEquals(first(events, "router.runnable.compiled")?.capability_count, 2);
    assertEquals(first(events, "router.frame.extracted")?.unknown_capabilities, ["tea"]);
    const [tree] = foldSpans(events).children;
    const runnable = tree!.children.find(({ kind }) => kind === "runnable")!;
    assertEquals(runnable.children.map(outlineOf).map(plain), outline);
    assertEquals(openSpans(tree!), []);
  });
}

/** An outline without the names of what has none of its own. */
function plain(outline: unknown): unknown {
  if (Array.isArray(outline)) return outline.map(plain);
  return String(outline).replace(/^(fanout|iteration) .*/, "$1");
}

test("without a capability a fan-out and a chain are one agent without a tool", async () => {
  for (
    const [id, frame] of [["specialist_fanout", frameOf("diagnose", "high")], [
      "handoff_chain",
      frameOf("research", "medium"),
    ]] as const
  ) {
    const { value, events } = await watch(() => routes(frame).dispatch("go"));
    assertEquals([value.protocol_id, value.text], [id, "done"]);
    assertEquals(allOf(events, "span.started").filter(({ kind }) => kind === "agent").length, 1);
  }
});

test("a2a_delegate without a delegate fails as it is built", async () => {
  const picker = () => ({ protocol_id: "a2a_delegate" });
  const { events, error } = await watch(() =>
    routes(frameOf("coordinate"), { picker }).dispatch("go")
  );
  assert(String(error).includes(`give router() the option "delegate"`));
  assertEquals(told(events).slice(-2), ["policy.verdict", "runnable.failed"]);
  const picture = new RunPicture("r1");
  for (const event of events) picture.add(event);
  const [row] = picture.rows;
  assert(row?.kind === "span");
  const [last] = row.children.filter((child) => child.kind === "span").slice(-1);
  assertEquals([row.state, last?.name, last?.state], ["failed", "a2a_delegate", "failed"]);
});

test("every router.* event of real runs has all keys of the catalogue", async () => {
  const bus = new EventBus();
  const desk = routes(frameOf("escalate", "medium", "high"), { approval: "ask" });
  await watch(() => desk.dispatch("go", { threadId: "t" }), bus);
  const { events: waited } = await watch(() => desk.resume("approve", { threadId: "t" }), bus);
  const { events: failed } = await watch(async () => {
    for (
      const frame of [null, frameOf("answer", "low", "high"), frameOf("escalate", "low", "high")]
    ) {
      await routes(frame).dispatch("go").catch(() => {});
    }
  });
  const seen = new Set<string>();
  for (const event of [...waited, ...failed]) {
    parseStreamEvent(event);
    const { event_type: type, data } = event;
    if (!type.startsWith("router.")) continue;
    seen.add(type);
    const keys = { ...expectedCatalogue[type as "router.frame.failed"], ...extrasOf(type) };
    // It is there where it waited.
    const own = Object.keys(data).filter((key) => key !== "resumed");
    assertEquals(own.sort(), Object.keys(keys).filter((key) => key !== "resumed").sort(), type);
  }
  const family = Object.keys(expectedCatalogue).filter((type) => type.startsWith("router."));
  assertEquals([...seen].sort(), family.sort());
});

test("routes that were not taken are told with the reasons", async () => {
  const strict: Protocol = {
    id: "strict",
    description: "",
    handles: ["research"],
    requiresCapabilities: ["tea"],
    build: () => () => "",
  };
  const { events } = await watch(() =>
    routes(frameOf("research", "high", "medium"), { protocols: [...builtinProtocols, strict] })
      .dispatch("go")
  );
  const { candidates } = first(events, "router.protocol.selected") as {
    candidates: { id: string; chosen: boolean; reason: string; score: number | null }[];
  };
  assertEquals(
    candidates.map(({ id, chosen, reason }) => [id, chosen, reason]),
    [
      ["specialist_fanout", true, "distance=0 canonical=true cost=high"],
      ["handoff_chain", false, "distance=1 canonical=false cost=medium"],
      ["direct_response", false, "risk"],
      ["plan_execute_validate", false, "goal"],
      ["debate", false, "risk"],
      ["codegen_test_validate", false, "goal"],
      ["approval_gated_execution", false, "goal"],
      ["a2a_delegate", false, "goal"],
      ["strict", false, "capability"],
    ],
  );
  assert(candidates[0]!.score! > candidates[1]!.score!);
  assertEquals(candidates[2]!.score, null);
});
