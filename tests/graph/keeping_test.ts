/** What is kept of a thread: by graphs inside, behind a step, and of old checkpoints. */

import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { channel, END, graph, type GraphError, START } from "../../src/graph/mod.ts";
import { MemoryCheckpointer, type RecordStore } from "../../src/memory/mod.ts";
import { fields, thread } from "./_support.ts";

/** A node whose graph counts how often it ran; it calls another one that does the same. */
function counting() {
  const inner = graph({
    state: { seen: channel.append<string>(), word: channel("") },
    nodes: { say: (s) => ({ seen: s.word }) },
    edges: { [START]: "say" },
  });
  const middle = graph({
    state: { seen: channel.append<string>(), word: channel(""), inside: channel.add() },
    nodes: {
      say: (s) => ({ seen: s.word }),
      inner: {
        run: inner,
        keep: true,
        input: (s) => ({ word: s.word }),
        output: ({ seen }) => ({ inside: seen.length }),
      },
    },
    edges: { [START]: "say", say: "inner" },
  });
  return graph({
    state: fields,
    nodes: {
      a: {
        run: middle,
        keep: true,
        input: (s) => ({ word: s.one ?? "" }),
        output: ({ seen, inside }) => ({ log: `${seen.join("+")}=${inside}` }),
      },
    },
    edges: { [START]: "a" },
  });
}

test("a graph inside keeps its state from call to call, at every depth; threads and branches have their own", async () => {
  const made = counting();
  for (const save of ["steps", "behind", "waits"] as const) {
    const t = { ...thread(), save };
    const run = async (one: string, o = t) => (await made.execute({ one }, o)).state.log.at(-1);
    assertEquals([await run("x"), await run("y")], ["x=1", "x+y=3"]);
    assertEquals(await run("z", { ...t, threadId: "other" }), "z=1");
    const points = await Array.fromAsync(made.history("t1", t));
    const first = points.find(({ kind, state }) => kind === "end" && state.one === "x");
    await made.fork("t1", first!.checkpoint_id, { update: { one: "w" } }, t);
    assertEquals(await run("w"), "x+w=3");
  }
});

test("a branch in another thread takes along what graphs inside keep, at every depth, and leaves nothing in common", async () => {
  const made = counting();
  for (const save of ["steps", "behind", "waits"] as const) {
    const t = { ...thread(), save };
    const run = async (one: string, o = t) => (await made.execute({ one }, o)).state.log.at(-1);
    await run("x");
    await run("y");
    const [end] = await Array.fromAsync(made.history("t1", t));
    const other = { ...t, threadId: "other" };
    const id = await made.fork("t1", end!.checkpoint_id, { threadId: "other" }, t);
    const copied = await Array.fromAsync(made.history("other", other));
    assertEquals(copied.map(({ checkpoint_id, state }) => [checkpoint_id, state]), [[
      id,
      end!.state,
    ]]);
    await t.checkpointer.delete("t1");
    assertEquals(await run("z", other), "x+y+z=6");
  }
});

test("a branch can begin behind a node that it names, and only in a thread that has not begun", async () => {
  const made = graph({
    id: "g",
    state: fields,
    nodes: {
      a: () => ({ log: "a", one: "from a" }),
      b: () => ({ log: "b" }),
      both: { run: () => ({ log: "both" }), after: ["a", "b"] },
    },
    edges: { [START]: ["a", "b"], a: (s) => s.one === "skip" ? END : "b" },
  });
  const t = thread();
  await made.execute({ log: "in" }, t);
  const history = await Array.fromAsync(made.history("t1", t));
  const first = history.at(-1)!.checkpoint_id;
  await made.fork("t1", first, { update: { log: "a'" }, asNode: "a", threadId: "t2" }, t);
  const { state } = await made.recover({ ...t, threadId: "t2" });
  assertEquals(state.log, ["in", "a'", "b", "both"]);
  await made.fork("t1", first, { update: { one: "skip" }, asNode: "a", threadId: "t3" }, t);
  const over = await Array.fromAsync(made.history("t3", t));
  assertEquals(over.map(({ next }) => next), [[]]);
  await assertRejects(
    () => made.fork("t1", first, { threadId: "t2" }, t),
    Error,
    'thread "t2" has begun already',
  );
  await assertRejects(
    () => made.fork("t1", first, { asNode: "c" }, t),
    Error,
    'fork(): "c" is not a node',
  );
  await assertRejects(
    () => made.fork("t1", first, { update: { two: 1 } as never, asNode: "a" }, t),
    Error,
    '"a" wrote "two"',
  );
  assertEquals(await Array.fromAsync(made.history("t1", t)), history);
});

test("a graph inside keeps its state in a loop of one call, without a checkpointer, and over a question", async () => {
  const inner = graph({
    state: { seen: channel.append<string>() },
    nodes: { ask: (_, ctx) => ({ seen: ctx.interrupt<string>("?") }) },
    edges: { [START]: "ask" },
  });
  const made = graph({
    state: fields,
    nodes: {
      a: { run: inner, keep: true, input: () => ({}), output: ({ seen }) => ({ n: seen.length }) },
    },
    edges: { [START]: "a", a: (s) => s.n < 6 ? "a" : END },
  });
  for (const t of [thread(), { threadId: "here" }]) {
    await made.execute({}, t);
    for (const answer of ["x", "y"]) await made.resume(answer, t);
    assertEquals((await made.resume("z", t)).state.n, 1 + 2 + 3);
  }
});

test("keep is refused where nobody knows what goes in and comes back", () => {
  const inner = graph({ state: fields, nodes: { a: () => {} }, edges: { [START]: "a" } });
  for (const node of [{ run: inner, keep: true }, { run: () => {}, keep: true }]) {
    const options = { state: fields, nodes: { a: node }, edges: { [START]: "a" } };
    assertThrows(() => graph(options as never), TypeError, '"keep" is for a graph');
  }
});

/** Three steps, each with an effect; a store whose creations of records wait until they are let go. */
function slow() {
  const happened: string[] = [];
  const checkpointer = new MemoryCheckpointer();
  const waiting: (() => void)[] = [];
  let isFree = false;
  const open = checkpointer.records.bind(checkpointer);
  checkpointer.records = async (threadId) => {
    const records = await open(threadId);
    const create = async (key: string, value: string) => {
      if (key.startsWith("r-") && key !== "r-1" && !isFree) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      happened.push(key);
      return await records.create(key, value);
    };
    return { ...bound(records), create };
  };
  const node = (name: string, next?: () => void) => () => {
    happened.push(name);
    next?.();
    return { log: name };
  };
  const free = () => {
    isFree = true;
    waiting.splice(0).forEach((go) => go());
  };
  return { happened, t: { threadId: "t", checkpointer }, node, free };
}

function bound(records: RecordStore): RecordStore {
  return {
    create: (key, value) => records.create(key, value),
    get: (key) => records.get(key),
    remove: (key) => records.remove(key),
    keys: (prefix) => records.keys(prefix),
  };
}

test("save: behind begins the next step while the record is stored, and not one more", async () => {
  const { happened, t, node, free } = slow();
  const made = graph({
    state: fields,
    nodes: { a: node("a"), b: node("b", () => setTimeout(free)), c: node("c") },
    edges: { [START]: "a", a: "b", b: "c" },
  });
  const { stop_reason, state } = await made.execute({}, { ...t, save: "behind" });
  assertEquals([stop_reason, state.log], ["exhausted", ["a", "b", "c"]]);
  const order = happened.filter((one) => ["b", "r-2", "c"].includes(one));
  assertEquals(order, ["b", "r-2", "c"]);
});

test("save: behind holds an effect of once() back until its record is stored", async () => {
  const { happened, t, node, free } = slow();
  const made = graph({
    state: fields,
    nodes: {
      a: node("a"),
      b: async (_, ctx) => {
        setTimeout(free);
        await ctx.once("effect", () => void happened.push("effect"));
      },
    },
    edges: { [START]: "a", a: "b" },
  });
  await made.execute({}, { ...t, save: "behind" });
  assertEquals(happened.slice(0, 4), ["r-1", "a", "r-2", "effect"]);
});

test("save: behind ends with the save that failed", async () => {
  const { t, happened } = slow();
  const checkpointer = new MemoryCheckpointer();
  const records = await checkpointer.records("t");
  const create = (key: string, value: string) =>
    key === "r-2" ? Promise.reject(new Error("disk full")) : records.create(key, value);
  checkpointer.records = () => Promise.resolve({ ...bound(records), create });
  const made = graph({
    state: fields,
    nodes: {
      a: () => ({ n: 1 }),
      b: () => void happened.push("b"),
      c: () => void happened.push("c"),
    },
    edges: { [START]: "a", a: "b", b: "c" },
  });
  const { stop_reason, errors } = await made.execute({}, { ...t, checkpointer, save: "behind" });
  assertEquals([stop_reason, errors, happened], ["failed", { graph: "Error: disk full" }, ["b"]]);
});

/** Counts to `n` in a thread of which few checkpoints are kept. */
function long() {
  const checkpointer = new MemoryCheckpointer();
  const made = graph({
    state: { log: channel.append<string>(), n: channel.add() },
    nodes: { a: (s) => ({ log: `${s.n}`, n: 1 }) },
    edges: { [START]: "a", a: (s) => s.n % 500 === 0 ? END : "a" },
    maxIterations: 1000,
  });
  return { made, t: { threadId: "t", checkpointer, keepCheckpoints: 5 } };
}

test("keepCheckpoints removes what is older, and the thread goes on as if it were there", async () => {
  const { made, t } = long();
  const records = await t.checkpointer.records("t");
  for (const n of [500, 1000]) {
    const { state } = await made.execute({}, t);
    assertEquals([state.n, state.log.length], [n, n]);
    const kept = await records.keys("r-");
    assert(kept.length < 5 + 2 * 64, `${kept.length} records`);
    const points = await Array.fromAsync(made.history("t", t));
    assertEquals(points.slice(0, 5).map(({ state }) => state.n), [n, n - 1, n - 2, n - 3, n - 4]);
    assertEquals(points.at(-1)!.state.log.length, points.at(-1)!.state.n);
  }
  const error = await assertRejects(() => made.replay("t", "c3", t)) as GraphError;
  assertEquals(error.code, "no_checkpoint");
});

test("keepCheckpoints keeps what a branch of an old checkpoint builds on", async () => {
  const { made, t } = long();
  await made.execute({}, t);
  const points = await Array.fromAsync(made.history("t", t));
  const { checkpoint_id: oldest, state } = points.at(-1)!;
  const { state: end } = await made.replay("t", oldest, t);
  assertEquals([end.n, end.log], [500, Array.from({ length: 500 }, (_, i) => `${i}`)]);
  assert(state.n < 500);
});

test("a run that was overtaken does not go on at a number whose record was removed", async () => {
  const { made, t } = long();
  const go = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const ran: string[] = [];
  const hanging = graph({
    state: { log: channel.append<string>(), n: channel.add() },
    nodes: {
      a: async () => {
        begun.resolve();
        await go.promise;
      },
      b: () => void ran.push("b"),
    },
    edges: { [START]: "a", a: "b" },
  });
  const overtaken = hanging.execute({}, t);
  await begun.promise;
  await made.recover(t);
  go.resolve();
  const { stop_reason, errors } = await overtaken;
  assertEquals([stop_reason, ran], ["failed", []]);
  assert(errors.graph?.includes("Somebody else went on"), errors.graph);
  const records = await t.checkpointer.records("t");
  assertEquals([await records.get("r-1"), await records.get("r-2")], [null, null]);
});
