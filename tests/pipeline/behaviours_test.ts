import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { z } from "zod";
import { Agent } from "../../src/agent/mod.ts";
import { channel, graph, GraphError, START } from "../../src/graph/mod.ts";
import { loop, parallel, sequential } from "../../src/pipeline/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { fail, hang, thread } from "./_support.ts";

test("what one stage hands on is what the next one gets", async () => {
  const made = sequential([(n: number) => n + 1, async (n) => await [n, n], (list) => list.length]);
  const { success, final_output, outputs, error, interrupts } = await made.execute(1);
  assertEquals({ success, final_output, outputs, error, interrupts }, {
    success: true,
    final_output: 2,
    outputs: [2, [2, 2], 2],
    error: null,
    interrupts: [],
  });
});

test("a stage that hands on nothing hands on null, and null is handed on as such", async () => {
  assertEquals((await sequential([() => {}, (x) => [x]]).execute("")).outputs, [null, [null]]);
  assertEquals((await parallel([() => null]).execute("")).outputs, [null]);
});

test("the second agent is asked with the first one's answer and the task; other braces stay", async () => {
  const [first, second] = [scriptedModel(["A {task} draft"]), scriptedModel(["done"])];
  const promptTemplate = 'As {"json": 1} of {task}: {previous_output}';
  const made = sequential([new Agent({ model: first }), new Agent({ model: second })], {
    promptTemplate,
  });
  assertEquals(await made.invoke("gaps"), "done");
  const said = JSON.stringify(second.calls[0]!.prompt);
  assert(
    said.includes(JSON.stringify('As {"json": 1} of gaps: A {task} draft').slice(1, -1)),
    said,
  );
});

test("an agent with an outputSchema hands on the value; an answer that does not pass fails", async () => {
  const agent = (answer: string) =>
    new Agent({
      model: scriptedModel([answer]),
      outputSchema: z.object({ n: z.number() }),
      outputSchemaRetries: 0,
    });
  assertEquals(await sequential([agent('{"n":2}'), ({ n }) => n + 1]).invoke("?"), 3);
  const { error } = await sequential([agent('{"n":"x"}'), ({ n }) => n + 1]).execute("?");
  assert(error?.startsWith("stage[0] Error: "), `${error}`);
});

test("parallel: the outputs are joined, the last one, or a list", async () => {
  const branches = [(n: number) => `${n}`, () => "", (n: number) => ({ n })] as const;
  assertEquals(await parallel(branches, { separator: "|" }).invoke(1), '1|{"n":1}');
  assertEquals(await parallel(branches, { mergeStrategy: "last" }).invoke(1), { n: 1 });
  assertEquals(await parallel(branches, { mergeStrategy: "list" }).invoke(1), ["1", "", { n: 1 }]);
});

test("parallel: what fails leaves its place empty; all that failed is named", async () => {
  const made = parallel([() => fail("x"), () => "b", () => fail("y")]);
  const { success, stop_reason, outputs, final_output, error } = await made.execute("");
  assertEquals({ success, stop_reason, outputs, final_output, error }, {
    success: false,
    stop_reason: "failed",
    outputs: ["", "b", ""],
    final_output: "b",
    error: "agent[0] Error: x; agent[2] Error: y",
  });
});

test("parallel: with stopOnError a branch that fails aborts the others, and recover() repeats none that is done", async () => {
  const calls: string[] = [];
  let fails = true;
  const made = parallel([
    () => void calls.push("a"),
    async () => {
      calls.push("b");
      await Promise.resolve();
      if (fails) fail("x");
    },
    (_: string, { signal }) => {
      calls.push("c");
      if (!fails) return;
      return new Promise<void>((_, reject) =>
        signal.addEventListener("abort", () => {
          calls.push("c aborted");
          reject(signal.reason);
        })
      );
    },
  ], { stopOnError: true });
  const t = thread();
  assertEquals((await made.execute("", t)).error, "agent[1] Error: x");
  assertEquals(calls.splice(0), ["a", "b", "c", "c aborted"]);
  fails = false;
  assert((await made.recover(t)).success);
  assertEquals(calls, ["b", "c"]);
});

test("parallel: without stopOnError a branch that fails aborts nobody", async () => {
  const made = parallel([
    () => fail("x"),
    async (_: string, { signal }) => {
      await Promise.resolve();
      return signal.aborted;
    },
  ]);
  assertEquals((await made.execute("")).outputs, ["", false]);
});

test("loop: each round gets what the one before it handed on, until the condition holds", async () => {
  const seen: number[] = [];
  const made = loop((n: number) => n * 2, async (n, iteration) => {
    seen.push(iteration);
    return await n > 5;
  });
  const { outputs, final_output, stop_reason } = await made.execute(1);
  assertEquals([outputs, final_output, stop_reason, seen], [[2, 4, 8], 8, "completed", [0, 1, 2]]);
});

test("loop: at its cap it is over with its last output, and says why", async () => {
  const { success, stop_reason, final_output } = await loop((n: number) => n + 1, () => false)
    .execute(0);
  assertEquals([success, stop_reason, final_output], [true, "max_loops", 5]);
});

test("loop: a round or a condition that throws is named by its number", async () => {
  const rounds = loop((n: number) => n === 2 ? fail("x") : n + 1, () => false);
  assertEquals((await rounds.execute(0)).error, "iteration[2] Error: x");
  const condition = loop((n: number) => n + 1, () => fail("y"));
  assertEquals((await condition.execute(0)).error, "iteration[0] Error: y");
});

test("loop: an agent is asked to improve what it said", async () => {
  const model = scriptedModel(["one", "two"]);
  const made = loop(new Agent({ model }), (text) => text === "two", {
    loopPrompt: "{task}: not {previous_output}",
  });
  assertEquals(await made.invoke("count"), "two");
  assert(JSON.stringify(model.calls[1]!.prompt).includes("count: not one"));
});

test("a graph is a stage, from an update to its state; pipelines are stages", async () => {
  const count = graph({
    state: { text: channel(""), length: channel(0) },
    nodes: { count: (s) => ({ length: s.text.length }) },
    edges: { [START]: "count" },
  });
  const inner = sequential([(text: string) => ({ text }), count, (s) => s.length]);
  const twice = sequential([inner, (n) => "x".repeat(n * 2), inner]);
  assertEquals(await twice.invoke("four"), 8);
});

test("a stage is tried again, and out of time", async () => {
  let tries = 0;
  const retried = sequential([{
    stage: () => ++tries < 3 ? fail("x") : "ok",
    retry: { initialMs: 0 },
  }]);
  assertEquals(await retried.invoke(""), "ok");
  const { error } = await sequential([{ stage: hang, timeoutMs: 5 }]).execute("");
  assertEquals(error, "stage[0] GraphError: Node execution timed out after 5ms");
});

test("invoke() gives the output, or rejects with why there is none", async () => {
  const error = await assertRejects(() => sequential([() => fail("x")]).invoke(""), GraphError);
  assertEquals([error.code, error.message], [
    "failed",
    'Pipeline "sequential" stopped: failed (stage[0] Error: x)',
  ]);
  const asks = sequential([(_: string, ctx) => ctx.interrupt("?")]);
  assertEquals((await assertRejects(() => asks.invoke(""), GraphError)).code, "interrupted");
});

test("the drawing names the stages and what leads where", () => {
  const made = sequential([
    function draft(text: string) {
      return text;
    },
    { name: "check", stage: (text) => text },
  ]);
  const { nodes, edges } = made.topology();
  assertEquals(nodes.map(({ label }) => label), ["draft", "check"]);
  assertEquals(edges.map(({ from, to }) => `${from} ${to}`), [
    "__START__ stage[0]",
    "stage[0] stage[1]",
    "stage[1] __END__",
  ]);
});

test("a mistake in the options is refused with what it must be", () => {
  const wrong: [() => unknown, string][] = [
    [() => sequential([] as never), "sequential(): expected a list of stages, got an array"],
    [() => sequential([() => 1], { promptTemplat: "" } as never), 'unknown option "promptTemplat"'],
    [() => sequential([1] as never), "sequential(): stage[0] must be a function, an agent"],
    [
      () => sequential([{ stage: () => 1, timeout: 3 }] as never),
      'sequential(): stage[0]: unknown option "timeout"',
    ],
    [() => sequential([{ stage: () => 1, timeoutMs: -1 }]), '"timeoutMs" must be a number'],
    [() => sequential([() => 1], { id: 1 } as never), '"id" must be a string'],
    [
      () => parallel([() => 1], { mergeStrategy: "first" } as never),
      'parallel(): "mergeStrategy" must be "concatenate", "last" or "list", got "first"',
    ],
    [() => parallel([() => 1], { stopOnError: 1 } as never), '"stopOnError" must be true or false'],
    [() => parallel([() => 1], { maxConcurrency: 0 }), '"maxConcurrency" must be a whole number'],
    [() => loop(() => "", () => true, { maxLoops: 0 }), '"maxLoops" must be a whole number'],
    [() => loop(() => "", () => true, { maxLoops: 51 }), '"maxLoops" must be 50 at most, got 51'],
    [() => loop(() => "", undefined as never), '"condition" must be a function'],
  ];
  for (const [make, message] of wrong) assertThrows(make, Error, message);
});
