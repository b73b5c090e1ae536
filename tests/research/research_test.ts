import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { EventBus, withRun } from "../../mod.ts";
import type { ToolContext } from "../../src/agent/mod.ts";
import { parseStreamEvent } from "../../src/events/schemas.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import {
  createResearchWorkflow,
  recoverResearch,
  type ResearchResult,
  resumeResearch,
  runResearch,
} from "../../src/research/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { expectedCatalogue, extrasOf } from "../events/expected_catalogue.ts";
import type { AnyEvent } from "../harness/support/read.ts";
import { foldSpans } from "../harness/support/span_tree.ts";
import { documents, type Script, scripted } from "./_support.ts";

type Options = Parameters<typeof scripted>[1];

/** A research on a bus of its own: what it came to, and what it said. */
async function watch(script: Script, options?: Options) {
  const bus = new EventBus();
  const made = scripted(script, options);
  const result = await runResearch(made.workflow, "Does rust sleep?", {
    bus,
    runId: "r1",
  });
  const events: AnyEvent[] = [...bus.history("*", { limit: 10_000 })].reverse();
  const own = events.filter(({ event_type }) => event_type.startsWith("research."));
  return {
    ...made,
    result,
    events,
    own,
    types: own.map(({ event_type }) => event_type.slice(9)),
  };
}

test("a summary that is supported ends the research; every event has all its keys, in one tree of spans", async () => {
  const { result, events, types } = await watch({});
  assertEquals(types, [
    "execute.started",
    "execute.completed",
    "causal.built",
    "summarize.completed",
    "grounding.evaluated",
    "completed",
  ]);
  assertEquals([result.stop_reason, result.score, result.error], [
    "grounded",
    1,
    null,
  ]);
  for (const event of events) parseStreamEvent(event);
  foldSpans(events);
  assertEquals(events.at(-1)!.data.outcome, "ok");
});

test("every research event has the keys of the catalogue and of its place", async () => {
  const { own } = await watch({ scores: [0] });
  for (const { event_type: type, data } of own) {
    if (type === "research.completed") continue;
    const keys = Object.keys({
      ...expectedCatalogue[type as "research.replan"],
      ...extrasOf(type),
    });
    assertEquals(Object.keys(data).sort(), keys.sort(), type);
  }
});

test("without support it writes again once, searches again twice, and says why it gives up", async () => {
  const { result, own, types } = await watch({ scores: [0] });
  const count = (type: string) => types.filter((other) => other === type).length;
  assertEquals([
    count("regenerate.completed"),
    count("replan"),
    count("grounding.evaluated"),
  ], [1, 2, 4]);
  const replans = own.filter(({ event_type }) => event_type === "research.execute.started");
  assertEquals(replans.map(({ data }) => data.replan), [0, 1, 2]);
  assertEquals([result.stop_reason, result.replans, result.regenerations], [
    "max_replans",
    2,
    1,
  ]);
  const end = own.at(-1)!.data;
  assertEquals([end.stop_reason, end.replans, end.regenerations], [
    "max_replans",
    2,
    1,
  ]);
});

test("a summary that was written again can be the answer", async () => {
  const { result, types } = await watch({ scores: [0, 1] });
  assertEquals(types.slice(4), [
    "grounding.evaluated",
    "regenerate.started",
    "regenerate.completed",
    "grounding.evaluated",
    "completed",
  ]);
  assertEquals([result.stop_reason, result.summary], [
    "grounded",
    "Rust never sleeps, they say.",
  ]);
});

const endings: readonly (readonly [string, Script, Options, Partial<ResearchResult>])[] = [[
  "no searches left",
  { scores: [0] },
  { maxReplans: 0 },
  { stop_reason: "max_regenerations" },
], ["no sources left", { scores: [0], queries: [["a", "b", "c"]] }, {
  maxSources: 2,
}, { stop_reason: "max_sources", replans: 0 }], [
  "nothing found",
  { queries: [[]], conclusions: [] },
  { maxReplans: 0, maxRegenerations: 0 },
  { stop_reason: "grounded" },
], ["an empty summary", { summaries: [""] }, {
  maxReplans: 0,
  maxRegenerations: 0,
}, { stop_reason: "failed" }], [
  "a summary that was cut off",
  { summaries: [{ text: "Half of", finishReason: "length" }] },
  {},
  { stop_reason: "failed" },
]];
for (const [name, script, options, expected] of endings) {
  test(`it ends with ${expected.stop_reason}: ${name}`, async () => {
    const { result, own, events } = await watch(script, options);
    const picked = Object.keys(expected).map((
      key,
    ) => [key, result[key as "summary"]]);
    assertEquals(Object.fromEntries(picked), expected);
    assertEquals(
      own.filter(({ event_type }) => event_type === "research.completed")
        .length,
      1,
    );
    foldSpans(events);
  });
}

test("causes that are no JSON, or are not asked for, leave the research without them", async () => {
  assert(
    !(await watch({ causes: "Well, water." })).types.includes("causal.built"),
  );
  const { types, result, workflow } = await watch({}, {
    causalInference: false,
  });
  assert(!types.includes("causal.built"));
  assertEquals(result.stop_reason, "grounded");
  assert(
    !workflow.topology().nodes.some(({ id }) => id === "causal_inference"),
  );
});

test("facts are numbered through all searches, and each claim names the sentence that it stands on", async () => {
  const { result } = await watch({
    queries: [["rust never sleeps", "iron rusts in water"], [
      "zinc protects iron",
    ]],
    scores: [0, 0, 1],
    summaries: [
      "Iron rusts in water. Nobody knows about gold at all.",
      "Zinc protects iron.",
    ],
  });
  assertEquals(result.facts.map(({ id, source }) => [id, source]), [
    ["fact_000", "search"],
    ["fact_001", "search"],
    ["fact_002", "agent_conclusion"],
    ["fact_003", "search"],
    ["fact_004", "agent_conclusion"],
  ]);
  const [{ claim, sources }] = result.citations as [
    ResearchResult["citations"][number],
  ];
  const [source] = sources;
  const fact = result.facts.find(({ id }) => id === source!.fact_id)!;
  assertEquals([claim, fact.text.slice(source!.start, source!.end)], [
    "Zinc protects iron.",
    "It is known that zinc protects iron.",
  ]);
  assertEquals(source!.tool_span_id?.length, 16);
});

test("calls of a provider that gives them all the same id are facts of their own, with their own spans", async () => {
  const calls = (...queries: string[]) => ({
    toolCalls: queries.map((query) => ({ toolName: "search", input: { query }, toolCallId: "0" })),
  });
  const { search } = documents();
  const said = [calls("a is b", "c is d"), calls("e is f"), "That is it.", "A is b.", "CLAIM 1: 1"];
  const model = scriptedModel(said);
  const workflow = createResearchWorkflow({ model, tools: [search], causalInference: false });
  const bus = new EventBus();
  const { facts } = await runResearch(workflow, "What is what?", { bus, runId: "r1" });
  assertEquals(facts.slice(0, 3).map(({ text }) => text), [
    "It is known that a is b.",
    "It is known that c is d.",
    "It is known that e is f.",
  ]);
  assertEquals(new Set(facts.map(({ tool_span_id }) => tool_span_id)).size, 4);
});

test("claims that nothing supports are listed: eight to write again, six to search again", async () => {
  const claims = Array.from(
    { length: 9 },
    (_, i) => `Claim number ${i} is made here.`,
  );
  const { own, prompts } = await watch({
    scores: [0],
    summaries: [claims.join(" ")],
    rewritten: [claims.join(" ")],
  });
  const listed = (task: string, nth: number) =>
    prompts.filter(([name]) => name === task)[nth]![1].match(/- Claim number/g)
      ?.length;
  assertEquals([listed("regenerate", 0), listed("search", 1)], [8, 6]);
  const replan = own.find(({ event_type }) => event_type === "research.replan");
  assertEquals(replan!.data.ungrounded_count, 9);
});

test("a schema gives a structured output beside the summary", async () => {
  const outputSchema = {
    type: "object",
    properties: { sleeps: { type: "boolean" } },
  } as const;
  const { result, own } = await watch({ summaries: ['{"sleeps":false}'] }, {
    outputSchema,
  });
  assertEquals(result.structured_output, { sleeps: false });
  const summarized = own.find(({ event_type }) => event_type === "research.summarize.completed");
  assertEquals(summarized!.data.has_structured_output, true);
});

test("what is left open is asked first, and the answers are searched with, in another process too", async () => {
  const script = { questions: '["Which year?", "Which metal?"]' };
  const bus = new EventBus();
  const at = {
    bus,
    runId: "r1",
    threadId: "t",
    checkpointer: new MemoryCheckpointer(),
  };
  const first = await runResearch(
    scripted(script, { clarify: true }).workflow,
    "Rust?",
    at,
  );
  assertEquals(first.interrupts.map(({ question }) => question), [{
    question: "Which year?",
  }]);
  assertEquals(bus.history("research.completed").length, 0);
  const second = scripted(script, { clarify: true });
  await resumeResearch(second.workflow, "1975", at);
  const result = await resumeResearch(second.workflow, "iron", at);
  assertEquals(result.stop_reason, "grounded");
  const [, text] = second.prompts.find(([task]) => task === "search")!;
  assert(text.includes("Which year? 1975\\nWhich metal? iron"), text);
  assertEquals(second.prompts.filter(([task]) => task === "scope").length, 0);
  assertEquals(bus.history("research.completed").length, 1);
});

test("a tool that asks a person fails the search, and says why", async () => {
  const { search } = documents();
  const ask = {
    ...search,
    execute: (_: unknown, { interrupt }: ToolContext) => interrupt("May I?"),
  };
  const { result, own } = await watch({}, { tools: [ask] });
  assertEquals(result.stop_reason, "failed");
  assert(
    result.error!.includes("tools of a research cannot ask a person"),
    result.error!,
  );
  const ended = own.find(({ event_type }) => event_type === "research.execute.completed");
  assertEquals([ended!.data.fact_count, typeof ended!.data.error], [
    0,
    "string",
  ]);
});

test("inside of a run it is a part of it, and outside it is silent where nobody opted in", async () => {
  const bus = new EventBus();
  const { workflow } = scripted({});
  await withRun({ runId: "mine", bus }, () => runResearch(workflow, "Rust?"));
  const events = [...bus.history("*", { limit: 10_000 })].reverse();
  assertEquals(new Set(events.map(({ run_id }) => run_id)), new Set(["mine"]));
  assertEquals(events.at(-2)!.event_type, "research.completed");
  const before = bus.history("*", { limit: 10_000 }).length;
  const { state } = await workflow.execute({ prompt: "Rust?" });
  assertEquals(
    [state.stop_reason, bus.history("*", { limit: 10_000 }).length],
    ["grounded", before],
  );
});

test("an abort ends it as cancelled, and it goes on from there", async () => {
  const abort = new AbortController();
  const at = {
    threadId: "t",
    checkpointer: new MemoryCheckpointer(),
    bus: new EventBus(),
  };
  const { search } = documents((query) => {
    abort.abort();
    return `It is known that ${query}.`;
  });
  const made = scripted({}, { tools: [search] });
  const cut = await runResearch(made.workflow, "Rust?", {
    ...at,
    signal: abort.signal,
  });
  assertEquals(cut.stop_reason, "cancelled");
  foldSpans(at.bus.history("*", { limit: 10_000 }).reverse() as AnyEvent[]);
  const { workflow, asked } = scripted({});
  assertEquals((await recoverResearch(workflow, at)).stop_reason, "grounded");
  assertEquals(asked, []);
});

test("bad options are refused when the workflow is made", () => {
  const { search } = documents();
  const { model } = scripted({});
  const bad: readonly [object, string][] = [
    [{ model: 1, tools: [search] }, '"model" must be a language model'],
    [{ model, tools: [] }, '"tools" must hold what to search with'],
    [{ model, tools: [search], maxReplans: -1 }, '"maxReplans" must be'],
    [
      { model, tools: [search], groundingThreshold: 2 },
      '"groundingThreshold" must be',
    ],
    [{ model, tools: [search], threshold: 1 }, 'unknown option "threshold"'],
    [{ model, tools: [search], maxMinutes: "1" }, '"maxMinutes" must be'],
    [{ model, tools: [search], judge: model }, 'unknown option "judge"'],
  ];
  for (const [options, message] of bad) {
    assertThrows(
      () => createResearchWorkflow(options as never),
      Error,
      message,
    );
  }
});
