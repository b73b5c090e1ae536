/** A thread is gone on with: by several answers at once, and read as it goes. */

import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { graph, type GraphStream, START } from "../../src/graph/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { fields, thread } from "./_support.ts";

/** Three nodes that ask side by side, and one behind them; says which ran. */
function three() {
  const runs: string[] = [];
  const ask = (name: string) => ({
    run: (_: unknown, ctx: { interrupt<A>(question: unknown): A }) => {
      runs.push(name);
      return { log: `${name}:${ctx.interrupt<string>(`${name}?`)}` };
    },
  });
  const made = graph({
    state: fields,
    nodes: { a: ask("a"), b: ask("b"), c: ask("c"), d: { run: () => ({ log: "d" }) } },
    edges: { [START]: ["a", "b", "c"], a: "d" },
  });
  return { made, runs };
}

for (const t of [thread(), { threadId: "here" }]) {
  const where = "checkpointer" in t ? "stored" : "in this process";
  test(`several questions are answered in one call, ${where}`, async () => {
    const { made, runs } = three();
    const { interrupts: [a, b, c] } = await made.execute({}, t);
    const two = await made.resume(new Map([[c!.id, "C"], [a!.id, "A"]]), t);
    assertEquals(two.interrupts.map(({ id }) => id), [b!.id]);
    assertEquals(runs.splice(0), ["a", "b", "c", "a", "c"]);
    const { state } = await made.resume(new Map([[b!.id, "B"]]), t);
    assertEquals([state.log, runs], [["a:A", "b:B", "c:C", "d"], ["b"]]);
  });
}

test("of several answers none is taken if one is wrong", async () => {
  const { made, runs } = three();
  const t = thread();
  const { interrupts: [a, b] } = await made.execute({}, t);
  const wrong: [Map<string, unknown>, string][] = [
    [new Map([[a!.id, 1], ["int_x", 2]]), 'no question "int_x"'],
    [new Map(), "an answer for each id"],
    [new Map([[a!.id, undefined]]), "got undefined"],
    [new Map([[a!.id, new Map()]]), "must be JSON"],
  ];
  for (const [answers, message] of wrong) {
    await assertRejects(() => made.resume(answers, t), Error, message);
  }
  const both = { ...t, interruptId: b!.id };
  await assertRejects(() => made.resume(new Map([[a!.id, 1]]), both), TypeError, "interruptId");
  assertEquals(runs, ["a", "b", "c"]);
  const { value: head } = await made.history("t1", t).next();
  assertEquals(head?.kind, "wait");
});

/** What a stream tells of nodes, and how it stopped. */
async function told(stream: GraphStream<unknown>) {
  const nodes = await Array.fromAsync(stream, (event) => event.mode === "nodes" ? event.node : "");
  return [...nodes, (await stream.result).stop_reason];
}

test("an answer, a recovery and a replay are streamed", async () => {
  const made = graph({
    state: fields,
    nodes: {
      a: (_, ctx) => ({ log: ctx.interrupt<string>("?") }),
      b: () => ({ log: "b" }),
    },
    edges: { [START]: "a", a: "b" },
  });
  const t = { ...thread(), mode: "nodes" as const };
  assertEquals(await told(made.stream({}, t)), ["a", "interrupted"]);
  assertEquals(await told(made.streamResume("yes", { ...t, maxIterations: 1 })), [
    "a",
    "max_iterations",
  ]);
  assertEquals(await told(made.streamRecover(t)), ["b", "exhausted"]);
  const { mode: _, ...place } = t;
  const points = await Array.fromAsync(made.history("t1", place));
  const start = points.find(({ kind }) => kind === "input");
  assertEquals(await told(made.streamReplay("t1", start!.checkpoint_id, t)), ["a", "interrupted"]);
});

test("a stream that goes on does nothing before it is read, and stops when it is left", async () => {
  const { made, runs } = three();
  const t = thread();
  const { interrupts } = await made.execute({}, t);
  runs.length = 0;
  const answers = new Map(interrupts.map(({ id }) => [id, "x"]));
  const stream = made.streamResume(answers, { ...t, mode: "nodes" });
  assertEquals((await made.history("t1", t).next()).value?.kind, "wait");
  for await (const _ of stream) break;
  assertEquals(runs, ["a", "b", "c"]);
  assertEquals((await stream.result).stop_reason, "cancelled");
});

test("a stream that is refused rejects where it is read", async () => {
  const { made } = three();
  const nobody = { threadId: "t", checkpointer: new MemoryCheckpointer() };
  await assertRejects(() => made.streamResume("x", nobody).next(), Error, "does not wait");
  await assertRejects(() => made.streamRecover(nobody).next(), Error, "nothing to go on with");
});

test("a stream of mode debug tells all of a node; a mode that does not exist is refused", async () => {
  const made = graph({
    state: fields,
    nodes: { a: (_, ctx) => ctx.goto("b", { n: 2 }), b: () => {} },
    edges: { [START]: "a" },
  });
  const [first, second] = await Array.fromAsync(made.stream({ n: 1 }, { mode: "debug" }));
  const { state, ...all } = first as { state: { n: number } };
  assertEquals(state.n, 1);
  assertEquals(all as object, {
    mode: "debug",
    node: "a",
    task_id: "0.0",
    step: 1,
    execution: 1,
    attempts: 1,
    cached: false,
    status: "completed",
    error: null,
    update: { n: 2 },
    to: ["b"],
  });
  assertEquals([second?.mode === "debug" && [second.to, second.update, second.state.n]], [[
    null,
    null,
    3,
  ]]);
  const wrong = made.stream({}, { mode: ["debug", "all"] as never });
  await assertRejects(() => wrong.next(), TypeError, '"mode" must be of');
});
