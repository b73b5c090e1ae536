import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Agent } from "../../src/agent/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { orchestrator, type OrchestratorOptions, specialist } from "../../src/team/mod.ts";
import { scriptedModel, type Turn } from "../../src/testing/mod.ts";
import { foldSpans, openSpans, outlineOf } from "../harness/support/span_tree.ts";
import { calls, ofTeams, prompts, says, types, watched } from "./_support.ts";

/** An orchestrator with a model of its own, which says this. */
function led(
  turns: readonly Turn[],
  ids: readonly string[],
  more: Partial<OrchestratorOptions> = {},
) {
  const model = scriptedModel(turns);
  const specialists = ids.map((id) => says(id, () => `${id} found it`));
  return { model, team: orchestrator({ id: "lead", name: "Lead", specialists, model, ...more }) };
}

const END = [
  "orchestrator.specialists_invoked",
  "orchestrator.decision",
  "orchestrator.decision",
  "orchestrator.summary",
];

test("orchestrator(): without a model everybody works, and the answers are put together", async () => {
  const task = "x".repeat(500);
  const { events, value } = await watched(() =>
    orchestrator({
      id: "lead",
      specialists: [says("a", ["A."]), says("b", ["B."])],
    }).execute(task)
  );
  const seen = types(events);
  assertEquals(seen.slice(0, 2), ["orchestrator.routing", "orchestrator.decision"]);
  assertEquals(seen.slice(2, 6).sort(), [
    "specialist.completed",
    "specialist.completed",
    "specialist.started",
    "specialist.started",
  ]);
  assertEquals(seen.slice(6), END);
  assertEquals(value.summary, "## a\n\nA.\n\n## b\n\nB.");
  assertEquals(value.decisions.map(({ decision_type }) => decision_type), [
    "invoke",
    "correlate",
    "summarize",
  ]);
  const [routing] = ofTeams(events);
  assertEquals(routing!.data.task_preview, "x".repeat(160));
  assertEquals(routing!.data.specialist_count, 2);
  assertEquals(outlineOf(foldSpans(events)), [
    "run run",
    [
      "orchestrator Orchestrator",
      ["specialist a", ["agent a", "model scripted"]],
      ["specialist b", ["agent b", "model scripted"]],
    ],
  ]);
});

test("orchestrator(): the drawing comes before anybody works", async () => {
  const { events } = await watched(() => led([], ["a"], { model: null }).team.execute("x"));
  const start = events.find(({ data }) => data.kind === "orchestrator")!;
  const { topology } = start.data.attributes as { topology: { nodes: { id: string }[] } };
  assertEquals(topology.nodes.map(({ id }) => id), ["route", "a", "correlate", "summarize"]);
});

const choices: [what: string, reply: string, invoked: string[], failed: string[]][] = [
  ["fenced JSON", '```json\n{"specialists": ["b"], "subtasks": {"b": "look"}}\n```', ["b"], []],
  ["bare JSON", '{"specialists": ["b", "b"], "reasoning": "why"}', ["b"], []],
  ["prose that names one", "I think b can.", ["b"], []],
  ["prose that names nobody", "Hmm.", ["a", "b", "c"], []],
  ["an unknown id", '{"specialists": ["b", "zz"]}', ["b", "zz"], ["zz"]],
];

for (const [what, reply, invoked, failed] of choices) {
  test(`orchestrator(): who works, as the model says it by ${what}`, async () => {
    const { team } = led([reply, "compared", "The answer."], ["a", "b", "c"]);
    const { events, value } = await watched(() => team.execute("why?"));
    assertEquals(Object.keys(value.specialist_results), invoked);
    assertEquals(value.summary, "The answer.");
    const done = ofTeams(events).find(({ event_type }) => event_type.endsWith("_invoked"))!.data;
    assertEquals(done.specialists_invoked, invoked);
    assertEquals(done.specialists_failed, failed);
    if (failed.length === 0) return;
    assertEquals(value.specialist_results.zz?.error, "Specialist not found: zz");
    assertEquals(value.specialist_results.zz?.specialist_type, "unknown");
    assert(!events.some(({ data }) => data.specialist_id === "zz"));
  });
}

test("orchestrator(): a subtask takes the place of the task, which becomes context", async () => {
  const model = scriptedModel(["ok"]);
  const one = specialist({ id: "one", name: "One", model });
  const reply = '{"specialists": ["one"], "subtasks": {"one": "only this"}}';
  const team = orchestrator({ specialists: [one], model: scriptedModel([reply, "c", "s"]) });
  await team.execute("all of it", { context: { host: "a1" } });
  assert(prompts(model)[0]!.endsWith("### original_task:\nall of it only this"), prompts(model)[0]);
});

test("orchestrator(): one that fails does not stop the others", async () => {
  const specialists = [says("a", ["A"]), says("b", [new TypeError("bad day")]), says("c", ["C"])];
  const { events, value } = await watched(() => orchestrator({ specialists }).execute("x"));
  assertEquals(value.success, true);
  const failed = ofTeams(events).find(({ data }) => data.success === false)!.data;
  assertEquals([failed.specialist_id, failed.confidence, failed.output_length, failed.error], [
    "b",
    0,
    0,
    "TypeError: bad day",
  ]);
  assertEquals(value.summary, "## a\n\nA\n\n## b\n\nNo output\n\n## c\n\nC");
});

for (const [limit, most] of [[1, 1], [3, 3]] as const) {
  test(`orchestrator(): ${limit} at the same time`, async () => {
    let [working, seen] = [0, 0];
    const turn: Turn = async () => {
      seen = Math.max(seen, ++working);
      for (let i = 0; i < 50; i++) await Promise.resolve();
      working--;
      return "ok";
    };
    const specialists = ["a", "b", "c"].map((id) => says(id, [turn]));
    await orchestrator({ specialists, maxParallelSpecialists: limit }).execute("x");
    assertEquals(seen, most);
  });
}

test("orchestrator(): who says nothing is asked once more, and that is seen", async () => {
  const specialists = [says("a", ["", "found it"])];
  const { events, value } = await watched(() => orchestrator({ specialists }).execute("x"));
  assertEquals(types(events).filter((type) => type === "specialist.started").length, 2);
  assertEquals(value.specialist_results.a?.output, "found it");
});

test("orchestrator(): a model that cannot choose ends it, in the result", async () => {
  const { team } = led([new Error("overloaded")], ["a"]);
  const { events, value } = await watched(() => team.execute("x"));
  assertEquals([value.success, value.error], [false, "OrchestratorError: Error: overloaded"]);
  assertEquals(types(events), ["orchestrator.routing"]);
  assertEquals(openSpans(foldSpans(events)), []);
});

test("orchestrator(): specialists without a model get its own; withModel() replaces all", async () => {
  const bare = specialist({ id: "bare", name: "Bare" });
  const model = scriptedModel(["bare", "It is here.", "c", "s"]);
  const team = orchestrator({ specialists: [bare], model });
  assertEquals((await team.execute("x")).specialist_results.bare?.output, "It is here.");
  const other = scriptedModel(["bare", "There.", "c", "s"]);
  assertEquals(
    (await team.withModel(other).execute("x")).specialist_results.bare?.output,
    "There.",
  );
});

test("orchestrator(): as a tool of an agent, its span is below the call", async () => {
  const team = led([], ["a"], { model: null }).team;
  const agent = new Agent({
    agentId: "boss",
    model: scriptedModel([calls("lead"), "Done."]),
    tools: [team.asTool()],
  });
  const { events } = await watched(() => agent.invoke("go"));
  assertEquals(outlineOf(foldSpans(events)), [
    "run run",
    [
      "agent boss",
      "model scripted",
      ["tool lead", ["orchestrator Lead", ["specialist a", ["agent a", "model scripted"]]]],
      "model scripted",
    ],
  ]);
});

test("orchestrator(): in another process, what had ended is kept, and the log says what runs again", async () => {
  const checkpointer = new MemoryCheckpointer();
  const asked: string[] = [];
  const made = (b: Turn) =>
    orchestrator({
      id: "lead",
      checkpointer,
      maxParallelSpecialists: 1,
      specialists: [
        says("a", () => (asked.push("a"), "A.")),
        says("b", () => (asked.push("b"), b)),
      ],
    });
  const stop = new AbortController();
  const dies = made(() => {
    stop.abort(new Error("the process is gone"));
    return new Promise(() => {});
  });
  const options = { threadId: "t", signal: stop.signal };
  const first = await watched(() => dies.execute("x", options));
  assertEquals((first.error as Error).message, "the process is gone");
  assertEquals(openSpans(foldSpans(first.events)), []);

  const { events, value } = await watched(() => made("B.").recover({ threadId: "t" }));
  assertEquals(value.summary, "## a\n\nA.\n\n## b\n\nB.");
  assertEquals(asked, ["a", "b", "b"]);
  const ended = events.findLast(({ data }) => data.kind === "orchestrator")!.data;
  assertEquals(ended.attributes, { kept: ["route", "specialist a"] });
  const loaded = events.find(({ event_type }) => event_type === "memory.checkpoint.loaded")!.data;
  assertEquals([loaded.because, loaded.span_id], ["recover", ended.span_id]);
  assertEquals(types(events).filter((type) => type === "specialist.started").length, 1);
  assertEquals(openSpans(foldSpans(events)), []);
  // It is over: its result is there, and nobody works again.
  assertEquals((await made("B.").recover({ threadId: "t" })).summary, value.summary);
  assertEquals(asked.length, 3);
  await assertRejects(() => made("B.").recover({ threadId: "u" }), Error, "nothing to go on with");
});

test("orchestrator(): a step that failed is done again by recover(), and no other", async () => {
  const checkpointer = new MemoryCheckpointer();
  const specialists = [says("a", ["A."])];
  const made = (turns: readonly Turn[]) =>
    orchestrator({ specialists, checkpointer, model: scriptedModel(turns) });
  const broken = await made(["a", new Error("down")]).execute("x", { threadId: "t" });
  assertEquals([broken.success, Object.keys(broken.specialist_results)], [false, ["a"]]);
  const { summary } = await made(["c", "The end."]).recover({ threadId: "t" });
  assertEquals(summary, "The end.");
});

test("orchestrator(): refuses bad options by name", async () => {
  const bad: [unknown, string][] = [
    [{}, '"specialists" must be an array, got undefined'],
    [{ specialists: ["a"] }, '"specialists" must hold what specialist() makes, got "a"'],
    [{ specialists: [says("a", []), says("a", [])] }, 'there is already a specialist "a"'],
    [{ specialists: [], agents: [] }, 'unknown option "agents"'],
    [{ specialists: [], maxParallelSpecialists: 0 }, '"maxParallelSpecialists" must be a whole'],
    [{ specialists: [], maxDepth: 0 }, '"maxDepth" must be a whole number of at least 1, got 0'],
    [{ specialists: [], tokenBudget: "x" }, '"tokenBudget" must be a whole number'],
    [{ specialists: [], checkpointer: {} }, '"checkpointer" must be'],
  ];
  for (const [options, message] of bad) {
    const error = assertThrows(() => orchestrator(options as OrchestratorOptions)) as Error;
    assert(error.message.includes(message), error.message);
  }
  const team = orchestrator({ specialists: [] });
  const stored = () => team.execute("x", { threadId: "t" });
  await assertRejects(
    async () => await stored(),
    TypeError,
    '"threadId" needs the option "checkpointer"',
  );
});
