import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Agent } from "../../src/agent/mod.ts";
import { parseStreamEvent } from "../../src/events/schemas.ts";
import { channel, graph, START } from "../../src/graph/mod.ts";
import { loop, parallel, type Pipeline, sequential } from "../../src/pipeline/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { RunPicture, visitRows } from "../../src/view/mod.ts";
import { EventBus, type StreamEvent, withSpan } from "../../mod.ts";
import { expectedCatalogue, extrasOf } from "../events/expected_catalogue.ts";
import { foldSpans, openSpans, outlineOf } from "../harness/support/span_tree.ts";
import { requires } from "../harness/support/requires.ts";
import { compositionOf, dataOf, fail, hang, thread, watch } from "./_support.ts";

test("every composition.* event of a real run has all keys of the catalogue", async () => {
  const all = sequential([
    parallel([(n: number) => `${n}`, () => "b"]),
    (text) => text.length,
    loop((n: number) => n * 2, (n) => n > 20),
  ]);
  const events = await watch(() => all.execute(1));
  const seen = new Set<string>();
  for (const event of events) {
    parseStreamEvent(event);
    const { event_type: type, data } = event;
    if (!type.startsWith("composition.")) continue;
    seen.add(type);
    const keys = { ...expectedCatalogue[type as "composition.stage.started"], ...extrasOf(type) };
    assertEquals(Object.keys(data).sort(), Object.keys(keys).sort(), type);
  }
  const family = Object.keys(expectedCatalogue).filter((type) => type.startsWith("composition."));
  assertEquals([...seen].sort(), family.sort());
});

test("two stages begin and end one after the other, each with its place", async () => {
  const events = await watch(() =>
    sequential([(n: number) => n + 1, (n) => "x".repeat(n)]).execute(3)
  );
  assertEquals(events.map(({ event_type }) => event_type), [
    "run.started",
    "span.started",
    "composition.stage.started",
    "composition.stage.completed",
    "composition.stage.started",
    "composition.stage.completed",
    "span.completed",
    "run.completed",
  ]);
  const starts = dataOf(events, "composition.stage.started");
  assertEquals(starts.map(({ stage, stage_count }) => [stage, stage_count]), [[0, 2], [1, 2]]);
  const ends = dataOf(events, "composition.stage.completed");
  assertEquals(ends.map(({ output_length, success }) => [output_length, success]), [[1, true], [
    4,
    true,
  ]]);
  assertEquals(dataOf(events, "span.started")[0]!.kind, "pipeline");
  assertEquals(dataOf(events, "run.completed")[0]!.outcome, "ok");
});

test("a stage that throws has an end that says so, and no stage comes after it", async () => {
  const events = await watch(() => sequential([() => 1, () => fail("x"), () => 3]).execute(""));
  assertEquals(
    dataOf(events, "composition.stage.completed").map((
      { stage, success, output_length, error, status },
    ) => [stage, success, output_length, error, status]),
    [[0, true, 1, null, "completed"], [1, false, 0, "Error: x", "failed"]],
  );
  assertEquals(dataOf(events, "span.completed")[0]!.error, "stage[1]: Error: x");
  assertEquals(dataOf(events, "run.completed")[0]!.outcome, "error");
});

test("a fan-out counts who answered and who failed", async () => {
  const events = await watch(() => parallel([() => "a", () => fail("x"), () => "c"]).execute(""));
  const [start] = dataOf(events, "composition.fanout.started");
  assertEquals([start!.agent_count, start!.merge_strategy], [3, "concatenate"]);
  const [end] = dataOf(events, "composition.fanout.completed");
  assertEquals([end!.success_count, end!.error_count], [2, 1]);
});

test("a fan-out with a branch that asks counts it, and is drawn as waiting", async () => {
  const asks = parallel([() => "a", (_: string, ctx) => ctx.interrupt<string>("B?")]);
  const events = await watch(() => asks.execute(""));
  const [end] = dataOf(events, "composition.fanout.completed");
  assertEquals([end!.success_count, end!.error_count, end!.interrupted_count], [1, 0, 1]);
  const picture = new RunPicture("r1");
  for (const event of events) picture.add(event);
  const drawn: unknown[] = [];
  visitRows(picture.rows, (row) => {
    if (row.kind === "span" && row.role === "fanout") drawn.push([row.state, row.result]);
  });
  assertEquals(drawn, [["waiting", "1 answered, 0 failed, 1 waiting"]]);
});

test("parallel: maxConcurrency bounds how many branches run at once, and tells of each as it begins", async () => {
  let [running, most] = [0, 0];
  const branch = async (n: number) => {
    most = Math.max(most, ++running);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    running--;
    return n;
  };
  const made = parallel([branch, branch, branch, branch, branch], {
    mergeStrategy: "list",
    maxConcurrency: 2,
  });
  let outputs: unknown;
  const events = await watch(async () => void (outputs = await made.invoke(1)));
  assertEquals([most, outputs], [2, [1, 1, 1, 1, 1]]);
  let [open, mostOpen] = [0, 0];
  for (const { event_type, data } of events) {
    if (!("kind" in data) || data.kind !== "task") continue;
    open += event_type === "span.started" ? 1 : -1;
    mostOpen = Math.max(mostOpen, open);
  }
  assertEquals([open, mostOpen], [0, 2]);
});

test("parallel: with maxConcurrency and stopOnError, branches after one that failed never begin", async () => {
  const begun: string[] = [];
  const made = parallel([
    () => void begun.push("a"),
    () => (begun.push("b"), fail("x")),
    () => void begun.push("c"),
  ], { maxConcurrency: 1, stopOnError: true });
  const { stop_reason, error } = await made.execute("");
  assertEquals([stop_reason, error, begun], ["failed", "agent[1] Error: x", ["a", "b"]]);
});

for (
  const [because, made, expected] of [
    ["condition", loop((n: number) => n + 1, () => true, { maxLoops: 3 }), [1, "condition"]],
    ["max_loops", loop((n: number) => n + 1, () => false, { maxLoops: 2 }), [2, "max_loops"]],
    ["error", loop((n: number) => n > 1 ? fail("x") : n + 1, () => false), [2, "error"]],
  ] as const
) {
  test(`a loop that ends by ${because} says so once, after its rounds`, async () => {
    const events = await watch(() => made.execute(1));
    const rounds = Array.from({ length: expected[0] }, () => [
      "loop.iteration.started",
      "loop.iteration.completed",
    ]);
    assertEquals(compositionOf(events), [...rounds.flat(), "loop.terminated"]);
    const [end] = dataOf(events, "composition.loop.terminated");
    assertEquals([end!.iterations_run, end!.terminated_by], [...expected]);
    const last = dataOf(events, "composition.loop.iteration.completed").at(-1)!;
    assertEquals(
      last.condition_met,
      { condition: true, max_loops: false, error: null }[because],
    );
  });
}

/** A pipeline of each kind, around one stage. */
const kinds: Record<
  string,
  (stage: () => Promise<string>, timeoutMs?: number) => Pipeline<string, string>
> = {
  sequential: (stage, timeoutMs) =>
    sequential([() => "a", { stage, ...timeoutMs && { timeoutMs } }, () => "c"]),
  parallel: (stage, timeoutMs) => parallel([() => "a", { stage, ...timeoutMs && { timeoutMs } }]),
  loop: (stage, timeoutMs) =>
    loop({ stage, ...timeoutMs && { timeoutMs } }, () => false, { maxLoops: 2 }),
  nested: (stage, timeoutMs) =>
    sequential([{
      stage: parallel([loop(sequential([(_: string) => stage()]), () => true)]),
      ...timeoutMs && { timeoutMs },
    }]),
};

for (const [kind, make] of Object.entries(kinds)) {
  const endings: Record<string, readonly [() => Promise<StreamEvent[]>, outcome: string]> = {
    "succeeds": [() => watch(() => make(() => Promise.resolve("b")).execute("")), "ok"],
    "throws": [() => watch(() => make(() => Promise.reject(new Error("x"))).execute("")), "error"],
    "hangs": [() => watch(() => make(hang, 5).execute("")), "error"],
    "is aborted": [() => {
      const stop = new AbortController();
      return watch(() =>
        make(() => {
          stop.abort();
          return hang();
        }).execute("", { signal: stop.signal })
      );
    }, "cancelled"],
    "is aborted before it begins": [
      () => watch(() => make(hang).execute("", { signal: AbortSignal.abort() })),
      "cancelled",
    ],
  };
  for (const [how, [run, outcome]] of Object.entries(endings)) {
    test(`${kind}: what ${how} has one tree with one end for each span`, async () => {
      const events = await run();
      const root = foldSpans(events);
      assertEquals(openSpans(root), []);
      assertEquals(root.children.length, 1);
      const ends = dataOf(events, "span.completed");
      assertEquals(ends.at(-1)!.success, outcome === "ok");
      assertEquals(dataOf(events, "run.completed")[0]!.outcome, outcome);
      assertEquals(events.at(-1)!.event_type, "run.completed");
    });
  }
}

test(
  "agents, graphs, functions and pipelines are one tree, whatever they do below them",
  await requires("async-context"),
  async () => {
    const agent = new Agent({ model: scriptedModel(["four"]) });
    const shout = graph({
      id: "shout",
      state: { text: channel("") },
      nodes: { upper: (s) => ({ text: s.text.toUpperCase() }) },
      edges: { [START]: "upper" },
    });
    const all = sequential([
      agent,
      { name: "wrap", stage: (text) => withSpan("look", () => ({ text })) },
      shout,
      parallel(
        [({ text }: { text: string }) => text, loop((s: { text: string }) => s, () => true)],
        {
          id: "both",
          mergeStrategy: "list",
        },
      ),
    ], { id: "all" });
    const events = await watch(() => all.execute("2 + 2?"));
    const [tree] = foldSpans(events).children;
    assertEquals(outlineOf(tree!), [
      "pipeline all",
      ["stage agent", ["agent agent", "model scripted"]],
      ["stage wrap", "work look"],
      ["stage shout", ["graph shout", "node upper"]],
      ["stage both", ["pipeline both", [
        "fanout composition.fanout.started",
        "task stage",
        ["task loop", ["loop loop", "iteration 0"]],
      ]]],
    ]);
  },
);

test("a question and its answer: the stage waits, and then says that it runs again", async () => {
  const asks = sequential([() => "text", (text, ctx) => ctx.interrupt<string>(`${text}?`)]);
  const t = thread();
  const bus = new EventBus();
  const shown = () => {
    const picture = new RunPicture("r1");
    for (const event of [...bus.history("*")].reverse()) picture.add(event);
    const [row] = picture.rows;
    assert(row?.kind === "span");
    return [
      row.state,
      ...row.children.flatMap((row) => row.kind === "span" ? [`${row.name} ${row.state}`] : []),
    ];
  };
  await watch(() => asks.execute("", t), bus);
  assertEquals(shown(), ["waiting", "stage 1 done", "stage 2 waiting"]);
  const events = await watch(() => asks.resume("yes", t), bus);
  assertEquals(shown(), ["done", "stage 1 done", "stage 2 waiting", "stage 2 done"]);
  assertEquals(openSpans(foldSpans(events)), []);
  assertEquals(
    dataOf(events, "composition.stage.started").map((
      { execution, because },
    ) => [execution, because]),
    [[1, "scheduled"], [1, "scheduled"], [2, "answer"]],
  );
});

test("a branch that asks is drawn as waiting, and so is a pipeline inside that it asks in", async () => {
  const asks = parallel([(n: number) => n, (_: number, ctx) => ctx.interrupt<number>("More?")]);
  const outer = sequential([asks], { id: "outer" });
  const picture = new RunPicture("r1");
  for (const event of await watch(() => outer.execute(1, thread()))) picture.add(event);
  const shown: string[] = [];
  visitRows(picture.rows, (row) => {
    if (row.kind === "span" && row.role === "span") shown.push(`${row.name} ${row.state}`);
  });
  assertEquals(shown, ["outer waiting", "parallel waiting", "stage done", "stage waiting"]);
});

test("a pipeline is drawn with its thread, and not with the drawing of its parts", async () => {
  const picture = new RunPicture("r1");
  for (const event of await watch(() => sequential([String]).execute(1, thread("t7")))) {
    picture.add(event);
  }
  const [row] = picture.rows;
  assertEquals(row?.kind === "span" && row.subject, "t7");
});

test("a loop that waits is not over", async () => {
  const asks = loop((n: number, ctx) => n + ctx.interrupt<number>("More?"), (n) => n > 3);
  const t = thread();
  assertEquals(compositionOf(await watch(() => asks.execute(1, t))), [
    "loop.iteration.started",
    "loop.iteration.completed",
  ]);
  const events = await watch(async () => {
    await asks.resume(1, t);
    await asks.resume(2, t);
  });
  const [end, ...more] = dataOf(events, "composition.loop.terminated");
  assertEquals([end!.iterations_run, end!.terminated_by, more.length], [2, "condition", 0]);
});

test("outside of a run nothing is said, and no bus is made", async () => {
  const { success } = await sequential([() => 1]).execute("");
  assert(success);
});
