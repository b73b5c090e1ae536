/** The table of behaviours: one test a row, by its number. */

import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  channel,
  END,
  goto,
  graph,
  GraphError,
  type GraphResult,
  send,
  START,
} from "../../src/graph/mod.ts";
import { asking, fields, outline, thread } from "./_support.ts";

const state = fields;

function code(promise: Promise<unknown>, expected: string): Promise<void> {
  return assertRejects(() => promise, GraphError).then((error) => {
    assertEquals(error.code, expected);
  });
}

test("1: two parallel writers of one field refuse the step; the error names both and the field", async () => {
  const made = graph({
    state,
    nodes: { a: () => ({ one: "a", n: 1 }), b: (): { one?: string } => ({ one: "b" }) },
    edges: { [START]: () => ["a", "b"] as const },
  });
  const { stop_reason, state: { n, one }, errors } = await made.execute({ log: "in" });
  assertEquals([stop_reason, n, one], ["failed", 0, undefined]);
  assertEquals(Object.values(errors), [
    'GraphError: "a" and "b" both write "one" in one step: give it a reducer, or channel.last()',
  ]);
});

test("2: an unknown key fails the node that wrote it", async () => {
  const update: object = { nope: 1 };
  const made = graph({ state, nodes: { a: () => update }, edges: { [START]: "a" } });
  assertEquals(outline(await made.execute({})), {
    stop_reason: "failed",
    log: [],
    errors: { a: 'GraphError: "a" wrote "nope", which is not a field of the state' },
  });
  await code(made.execute({ nope: 1 } as never), "unknown_field");
});

test("3: a node that changes the state fails; the next reads it as it was", async () => {
  const made = graph({
    state,
    nodes: { a: (s) => void (s.log as string[]).push("x"), b: (s) => ({ n: s.log.length }) },
    edges: { [START]: ["a", "b"] },
  });
  const { errors, state: { n } } = await made.execute({ log: ["in"] });
  assertEquals([Object.keys(errors), n], [["a"], 1]);
});

test("4 and 5: nodes that throw end their branches; siblings go on, and every failure is named", async () => {
  const fail = (text: string) => () => {
    throw new Error(text);
  };
  const made = graph({
    state,
    nodes: { a: fail("x"), b: fail("y"), c: () => ({ log: "c" }), d: () => ({ log: "d" }) },
    edges: { [START]: ["a", "b", "c"], a: "d", c: "d" },
  });
  assertEquals(outline(await made.execute({})), {
    stop_reason: "failed",
    log: ["c", "d"],
    errors: { a: "Error: x", b: "Error: y" },
  });
});

test("6: recover() after a failure that stopped the graph runs what failed, and nothing that was done", async () => {
  let works = false;
  const ran: string[] = [];
  const made = graph({
    state,
    onFailure: "stop",
    nodes: {
      a: () => {
        ran.push("a");
        if (!works) throw new Error("x");
        return { log: "a" };
      },
      b: () => {
        ran.push("b");
        return { log: "b" };
      },
    },
    edges: { [START]: ["b", "a"] },
  });
  const t = thread();
  assertEquals(outline(await made.execute({}, t)).errors, { a: "Error: x" });
  works = true;
  assertEquals(outline(await made.recover(t)), {
    stop_reason: "exhausted",
    log: ["b", "a"],
    errors: {},
  });
  assertEquals(ran, ["b", "a", "a"]);
});

test("6: with `settle` the others of the step finish first, what they wrote is seen, and recover() runs what failed", async () => {
  let works = false;
  const ran: string[] = [];
  const made = graph({
    state,
    onFailure: "settle",
    nodes: {
      a: () => {
        ran.push("a");
        if (!works) throw new Error("x");
        return { log: "a" };
      },
      b: async (_, { signal }) => {
        ran.push("b");
        await Promise.resolve();
        return { log: signal.aborted ? "aborted" : "b" };
      },
    },
    edges: { [START]: ["a", "b"] },
  });
  const t = thread();
  assertEquals(outline(await made.execute({}, t)), {
    stop_reason: "failed",
    log: ["b"],
    errors: { a: "Error: x" },
  });
  works = true;
  assertEquals(outline(await made.recover(t)).log, ["a", "b"]);
  assertEquals(ran, ["a", "b", "a"]);
});

test("7: a command to a node that there is not fails the node", async () => {
  const made = graph({
    state,
    nodes: { a: () => goto("nope" as "a"), b: () => ({}) },
    edges: { [START]: "a" },
  });
  const { stop_reason, errors } = await made.execute({});
  assertEquals([stop_reason, errors], [
    "failed",
    { a: 'GraphError: "a" leads to "nope", which is not a node' },
  ]);
});

test("8 and 9: a command replaces the edges; END ends one branch, ctx.end() all of them", async () => {
  const make = (isEnd: boolean) =>
    graph({
      state,
      nodes: {
        a: (_, ctx) => ctx.goto("b", { log: "a" }),
        b: (_, ctx) => isEnd ? ctx.end({ log: "b" }) : { log: "b" },
        c: () => ({ log: "c" }),
        d: () => ({ log: "d" }),
      },
      edges: { [START]: ["a", "c"], a: "d", b: END, c: "d", d: "c" },
      maxIterations: 4,
    });
  assertEquals(outline(await make(true).execute({})), {
    stop_reason: "end",
    log: ["a", "c", "b", "d"],
    errors: {},
  });
  assertEquals((await make(false).execute({})).state.log, ["a", "c", "b", "d", "c", "d"]);
});

test("10: where paths of unequal length meet, a node runs twice; with defer or after, once", async () => {
  const run = async (options: object) => {
    const made = graph({
      state,
      nodes: {
        a: () => ({ log: "a" }),
        b: () => ({ log: "b" }),
        c: () => ({ log: "c" }),
        meet: { run: () => ({ log: "meet" }), ...options },
      },
      edges: { [START]: ["a", "b"], a: "meet", b: "c", c: "meet" },
    });
    return (await made.execute({})).state.log;
  };
  assertEquals(await run({}), ["a", "b", "meet", "c", "meet"]);
  assertEquals(await run({ defer: true }), ["a", "b", "c", "meet"]);
  assertEquals(await run({ after: ["a", "c"] }), ["a", "b", "c", "meet"]);
});

test("10: an after list that never fills is named in the result", async () => {
  const made = graph({
    state,
    nodes: { a: () => {}, b: () => {}, meet: { run: () => {}, after: ["a", "b"] } },
    edges: { [START]: "a" },
  });
  assertEquals((await made.execute({})).unfilled, ["meet"]);
});

test("11 and 12: two sends and an edge to one node are three runs; a send's node reads state and payload", async () => {
  const made = graph({
    state,
    nodes: {
      fan: () => [send("work", { one: "x" }), send("work", { one: "y" })],
      other: () => {},
      work: (s) => ({ log: `${s.one}${s.n}` }),
    },
    edges: { [START]: ["fan", "other"], other: "work" },
  });
  assertEquals((await made.execute({ n: 7, one: "-" })).state.log, ["x7", "y7", "-7"]);
});

test("13: updates are streamed as nodes end, and applied in the order of the step", async () => {
  let finish = () => {};
  const fast = new Promise<void>((resolve) => finish = resolve);
  const made = graph({
    state,
    nodes: {
      slow: () => fast.then(() => ({ log: "slow" })),
      fast: () => {
        queueMicrotask(finish);
        return { log: "fast" };
      },
    },
    edges: { [START]: ["slow", "fast"] },
  });
  const stream = made.stream({}, { mode: "updates" });
  const nodes = [];
  for await (const event of stream) if (event.mode === "updates") nodes.push(event.node);
  assertEquals(nodes, ["fast", "slow"]);
  assertEquals((await stream.result).state.log, ["slow", "fast"]);
});

test("14 and 24: a node that is answered starts from its top, whatever it caught; what once stored is kept", async () => {
  const { asks, runs } = asking(2);
  const t = thread();
  assertEquals((await asks.execute({}, t)).stop_reason, "interrupted");
  await asks.resume("a", t);
  assertEquals((await asks.resume("b", t)).state.log, ['"a"', '"b"']);
  assertEquals(runs, ["run 1", "effect", "run 2", "run 3"]);

  const catches = graph({
    state,
    nodes: {
      a: (_, ctx) => {
        try {
          return { log: ctx.interrupt<string>("?") };
        } catch {
          return { log: "caught" };
        }
      },
    },
    edges: { [START]: "a" },
  });
  assertEquals((await catches.execute({}, thread())).stop_reason, "interrupted");
});

test("15: questions that changed places fail the node, and with keys they may", async () => {
  let isSwapped = false;
  const make = (hasKeys: boolean) =>
    graph({
      state,
      nodes: {
        a: (_, ctx) => {
          const ask = (q: string) => ctx.interrupt<string>(q, hasKeys ? { key: q } : {});
          const order = isSwapped ? ["two", "one"] : ["one", "two"];
          return { log: order.map((q) => `${q}=${ask(q)}`) };
        },
      },
      edges: { [START]: "a" },
    });
  for (const hasKeys of [false, true]) {
    isSwapped = false;
    const [made, t] = [make(hasKeys), thread()];
    await made.execute({}, t);
    isSwapped = true;
    const result = await made.resume("1", t);
    if (!hasKeys) assert(result.errors.a?.includes('asks "two" in its place'), result.errors.a);
    else assertEquals((await made.resume("2", t)).state.log, ["two=2", "one=1"]);
  }
});

function twoAsking() {
  const runs: string[] = [];
  const ask = (name: "a" | "b") => (_: unknown, ctx: { interrupt(question: unknown): unknown }) => {
    runs.push(name);
    return { log: `${name}:${ctx.interrupt(`${name}?`)}` };
  };
  const made = graph({
    state,
    nodes: {
      a: ask("a"),
      b: ask("b"),
      c: () => {
        runs.push("c");
        return { log: "c" };
      },
    },
    edges: { [START]: ["a", "c", "b"] },
  });
  return { made, runs };
}

test("16 to 18 and 23: of two questions one is named; only its node runs again, and siblings are applied in their place", async () => {
  const { made, runs } = twoAsking();
  const t = thread();
  const { interrupts, state: view } = await made.execute({}, t);
  assertEquals([interrupts.map(({ node }) => node), view.log], [["a", "b"], ["c"]]);
  await code(made.resume("x", t), "which_question");
  await code(made.resume("x", { ...t, interruptId: "nope" }), "unknown_question");
  const second = await made.resume("B", { ...t, interruptId: interrupts[1]!.id });
  assertEquals(second.interrupts.map(({ node }) => node), ["a"]);
  assertEquals((await made.resume("A", t)).state.log, ["a:A", "c", "b:B"]);
  assertEquals(runs, ["a", "c", "b", "b", "a"]);
});

test("19: an answer where nothing waits is refused", async () => {
  const { asks } = asking();
  await code(asks.resume("x", thread()), "nothing_waits");
  const t = thread();
  await asks.execute({}, t);
  await asks.resume("x", t);
  await code(asks.resume("x", t), "nothing_waits");
});

test("20: false, 0, empty and null are answers; undefined is not", async () => {
  const { asks } = asking();
  for (const answer of [false, 0, "", null]) {
    const t = thread();
    await asks.execute({}, t);
    await assertRejects(() => asks.resume(undefined, t), TypeError);
    assertEquals((await asks.resume(answer, t)).state.log, [JSON.stringify(answer)]);
  }
});

test("21: of two answers at once one wins, and the effect happens once", async () => {
  const { asks, runs } = asking();
  const t = thread();
  await asks.execute({}, t);
  const both = await Promise.allSettled([asks.resume("a", t), asks.resume("b", t)]);
  assertEquals(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  const lost = both.find((one) => one.status === "rejected");
  assertEquals((lost?.reason as GraphError).code, "thread_conflict");
  assertEquals(runs, ["run 1", "effect", "run 2"]);
});

test("22: recover() goes on with an answer whose process died", async () => {
  const died = new AbortController();
  const made = graph({
    state,
    nodes: {
      a: (_, ctx) => {
        const answer = ctx.interrupt<string>("?");
        if (died.signal.aborted) return { log: answer };
        died.abort();
        return new Promise<never>(() => {});
      },
    },
    edges: { [START]: "a" },
  });
  const t = thread();
  await made.execute({}, t);
  await made.resume("yes", { ...t, signal: died.signal });
  assertEquals((await made.recover(t)).state.log, ["yes"]);
});

test("25: questions that a node asks side by side are asked one after the other", async () => {
  const made = graph({
    state,
    nodes: {
      a: async (_, ctx) => {
        const ask = async (key: string) => await Promise.resolve(ctx.interrupt<string>(key));
        return { log: await Promise.all([ask("x"), ask("y")]) };
      },
    },
    edges: { [START]: "a" },
  });
  const t = thread();
  assertEquals((await made.execute({}, t)).interrupts.length, 1);
  assertEquals((await made.resume("1", t)).interrupts.length, 1);
  assertEquals((await made.resume("2", t)).state.log, ["1", "2"]);
});

test("26: without a checkpointer a question waits in this process", async () => {
  const { asks, runs } = asking();
  const { thread_id: threadId, checkpoint_id } = await asks.execute({});
  assertEquals(checkpoint_id, null);
  assertEquals((await asks.resume("x", { threadId })).state.log, ['"x"']);
  assertEquals(runs, ["run 1", "effect", "run 2"]);
  await code(asks.resume("x", { threadId }), "nothing_waits");
});

test("27: routers get the state alone", async () => {
  let given = -1;
  const made = graph({
    state,
    nodes: { a: () => {} },
    edges: {
      [START]: "a",
      a: (...args: unknown[]) => {
        given = args.length;
        return END;
      },
    },
  });
  await made.execute({});
  assertEquals(given, 1);
});

function nested() {
  const runs: string[] = [];
  const inner = graph({
    id: "inner",
    state: { log: channel.append<string>(), n: channel.add() },
    nodes: {
      first: () => {
        runs.push("first");
        return { n: 1 };
      },
      ask: (_, ctx) => {
        runs.push("ask");
        return { log: `inner:${ctx.interrupt("?")}` };
      },
    },
    edges: { [START]: "first", first: "ask" },
  });
  const made = graph({
    state,
    nodes: { a: inner, b: inner, c: () => ({ log: "c" }) },
    edges: { [START]: ["a", "b"], a: "c", b: "c" },
  });
  return { inner, made, runs };
}

test("28 and 29: parallel graphs inside ask and are answered one by one; what they gained comes back, and nothing runs twice but the asking node", async () => {
  for (const t of [thread(), { threadId: "here" }]) {
    const { made, runs } = nested();
    const { interrupts } = await made.execute({ log: "in", n: 5 }, t);
    assertEquals(interrupts.length, 2);
    await made.resume("B", { ...t, interruptId: interrupts[1]!.id });
    const { state: end } = await made.resume("A", t);
    assertEquals([end.log, end.n], [["in", "inner:A", "inner:B", "c"], 7]);
    assertEquals(runs, ["first", "first", "ask", "ask", "ask", "ask"]);
  }
});

test("28: a graph that a node calls is not run again when the node asks after it", async () => {
  for (const t of [thread(), { threadId: "here" }]) {
    const { inner, runs } = nested();
    const made = graph({
      state,
      nodes: {
        a: async (s, ctx) => {
          const { log } = await ctx.run("inner", inner, { n: s.n });
          return { log: [...log, ctx.interrupt<string>("and?")] };
        },
      },
      edges: { [START]: "a" },
    });
    await made.execute({}, t);
    await made.resume("x", t);
    assertEquals((await made.resume("y", t)).state.log, ["inner:x", "y"]);
    assertEquals(runs, ["first", "ask", "ask"]);
  }
});

test("30: a new input abandons a question and goes on from the state", async () => {
  const { asks } = asking();
  const t = thread();
  await asks.execute({ n: 1 }, t);
  const { interrupts, state: { n } } = await asks.execute({ n: 1 }, t);
  assertEquals([interrupts.length, n], [1, 2]);
  assertEquals((await asks.resume("x", t)).stop_reason, "exhausted");
});

test("31: of two inputs to one thread at once one is refused before any node", async () => {
  const { asks, runs } = asking();
  const t = thread();
  const both = await Promise.allSettled([asks.execute({}, t), asks.execute({}, t)]);
  assertEquals(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assertEquals(runs, ["run 1", "effect"]);
});

test("32 and 33: a node that times out fails and its late writes are dropped; once is kept for the next attempt", async () => {
  const signals: AbortSignal[] = [];
  const effects: number[] = [];
  const made = graph({
    state,
    nodes: {
      a: {
        run: async (_, ctx) => {
          signals.push(ctx.signal);
          await ctx.once("effect", () => void effects.push(ctx.attempt));
          return await new Promise<never>(() => {});
        },
        timeoutMs: 5,
        retry: { maxAttempts: 2, initialMs: 0, timeouts: true },
      },
    },
    edges: { [START]: "a" },
  });
  const { errors } = await made.execute({}, thread());
  assertEquals(errors, { a: "GraphError: Node execution timed out after 5ms" });
  assertEquals([signals.map(({ aborted }) => aborted), effects], [[true, true], [1]]);
});

test("34 and 35: onError completes the node in its place; if it throws, both errors are named", async () => {
  const make = (onError: (error: unknown) => { log: string }) =>
    graph({
      state,
      nodes: {
        a: {
          run: () => {
            throw new Error("first");
          },
          onError,
        },
        b: () => ({ log: "b" }),
      },
      edges: { [START]: "a", a: "b" },
    });
  const handled = make((error) => ({ log: (error as Error).message }));
  assertEquals((await handled.execute({})).state.log, ["first", "b"]);
  const fails = make(() => {
    throw new Error("second");
  });
  assertEquals((await fails.execute({})).errors, {
    a: "GraphError: Error: first; onError: Error: second",
  });
});

test("36: an endless loop ends with max_iterations; recover() goes on", async () => {
  const made = graph({
    state,
    nodes: { a: () => ({ n: 1 }) },
    edges: { [START]: "a", a: "a" },
    maxIterations: 5,
  });
  const t = thread();
  const first = await made.execute({}, t);
  assertEquals([first.stop_reason, first.state.n], ["max_iterations", 5]);
  const { state: { n } } = await made.recover({ ...t, maxIterations: 7 });
  assertEquals(n, 12);
  await code(made.invoke({}), "max_iterations");
});

test("37: an abort cancels at once; what siblings finished is kept", async () => {
  const stop = new AbortController();
  const ran: string[] = [];
  let hangs = true;
  const made = graph({
    state,
    nodes: {
      a: () => {
        ran.push("a");
        return { log: "a" };
      },
      b: async () => {
        ran.push("b");
        if (!hangs) return { log: "b" };
        // The sibling's result is stored in the meantime.
        await new Promise((resolve) => setTimeout(resolve));
        stop.abort(new Error("enough"));
        return await new Promise<never>(() => {});
      },
    },
    edges: { [START]: ["a", "b"] },
  });
  const t = thread();
  const { stop_reason, errors } = await made.execute({}, { ...t, signal: stop.signal });
  assertEquals([stop_reason, errors], ["cancelled", {}]);
  hangs = false;
  assertEquals((await made.recover(t)).state.log, ["a", "b"]);
  assertEquals(ran, ["a", "b", "b"]);
});

test("38: a reader that leaves the stream stops the run", async () => {
  const ran: string[] = [];
  const made = graph({
    state,
    nodes: {
      a: () => {
        ran.push("a");
        return { log: "a" };
      },
      b: () => void ran.push("b"),
    },
    edges: { [START]: "a", a: "b" },
  });
  const stream = made.stream({}, { mode: "updates" });
  for await (const _ of stream) break;
  assertEquals([(await stream.result).stop_reason, ran], ["cancelled", ["a"]]);
});

test("39: a drain stops after the step; recover() goes on", async () => {
  const made = graph({
    state,
    nodes: {
      a: (_, ctx) => {
        ctx.drain("deploy");
        return { log: "a" };
      },
      b: () => ({ log: "b" }),
    },
    edges: { [START]: "a", a: "b" },
  });
  const t = thread();
  assertEquals(outline(await made.execute({}, t)), {
    stop_reason: "drained",
    log: ["a"],
    errors: {},
  });
  assertEquals((await made.recover(t)).state.log, ["a", "b"]);
});

test("40: replay and fork make branches: questions are asked again, old checkpoints stay, nothing runs from the end", async () => {
  const { asks, runs } = asking();
  const t = thread();
  await asks.execute({ one: "x" }, t);
  await asks.resume("first", t);
  const before = await Array.fromAsync(asks.history(t.threadId, t));
  const [end, , wait] = before;
  const replayed: GraphResult<unknown> = await asks.replay(t.threadId, wait!.checkpoint_id, t);
  assertEquals(replayed.stop_reason, "interrupted");
  assertEquals((await asks.resume("second", t)).state.log, ['"second"']);
  await asks.fork(t.threadId, wait!.checkpoint_id, { update: { one: "y" } }, t);
  await asks.recover(t);
  const { state: { one, log } } = await asks.resume("third", t);
  assertEquals([one, log], ["y", ['"third"']]);
  const count = runs.length;
  assertEquals((await asks.replay(t.threadId, end!.checkpoint_id, t)).state.log, ['"first"']);
  assertEquals(runs.length, count);
  const after = await Array.fromAsync(asks.history(t.threadId, t));
  assertEquals(after.slice(-before.length), before);
});

test("41: what is not JSON is refused with its path when it is returned", async () => {
  for (const value of [() => {}, new Map(), 1n, NaN]) {
    const made = graph({
      state: { any: channel<unknown>() },
      nodes: { a: () => ({ any: { list: [value] } }) },
      edges: { [START]: "a" },
    });
    const { errors } = await made.execute({}, thread());
    assert(errors.a?.startsWith("GraphError: any.list[0] is "), errors.a);
    assertEquals((await made.execute({})).errors, {});
  }
});

test("41: a hole in a list and a value that is part of itself are no JSON either", async () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const refused = async (value: unknown) => {
    const made = graph({
      state: { any: channel<unknown>() },
      nodes: { a: () => ({ any: value }) },
      edges: { [START]: "a" },
    });
    return (await made.execute({}, thread())).errors.a;
  };
  const hole = await refused(Object.assign([], { 1: "b" }));
  assert(hole?.startsWith("GraphError: any[0] is undefined"), hole);
  const deep = await refused(circle);
  assert(deep?.startsWith("GraphError: any.self.self"), deep);
});

test("42: a save that fails ends the run; the next step never began", async () => {
  const ran: string[] = [];
  const made = graph({
    state,
    nodes: { a: () => void ran.push("a"), b: () => void ran.push("b") },
    edges: { [START]: "a", a: "b" },
  });
  const { checkpointer, threadId } = thread();
  const records = await checkpointer.records(threadId);
  const create = records.create.bind(records);
  records.create = (key, value) =>
    key === "r-2" ? Promise.reject(new Error("disk full")) : create(key, value);
  checkpointer.records = () => Promise.resolve(records);
  const { stop_reason, errors } = await made.execute({}, { checkpointer, threadId });
  assertEquals([stop_reason, errors, ran], ["failed", { graph: "Error: disk full" }, ["a"]]);
});

test("43: a thread that waits at a node that is gone is left as it was", async () => {
  const { asks } = asking();
  const t = thread();
  await asks.execute({}, t);
  const other = graph({ state, nodes: { b: () => {} }, edges: { [START]: "b" } });
  await code(other.resume("x", t), "node_gone");
  assertEquals((await asks.resume("x", t)).stop_reason, "exhausted");
});

test("44: stops before and after nodes are questions with ids, each asked once", async () => {
  const made = graph({
    state,
    nodes: { a: () => ({ log: "a" }), b: () => ({ log: "b" }) },
    edges: { [START]: "a", a: "b" },
    interruptBefore: ["b"],
    interruptAfter: ["a", "b"],
  });
  const t = thread();
  const asked = [await made.execute({}, t)];
  while (asked.at(-1)!.stop_reason === "interrupted") asked.push(await made.resume(null, t));
  assertEquals(asked.map(({ interrupts, state: { log } }) => [interrupts[0]?.question, log]), [
    [{ type: "interrupt_after", node: "a" }, ["a"]],
    [{ type: "interrupt_before", node: "b" }, ["a"]],
    [{ type: "interrupt_after", node: "b" }, ["a", "b"]],
    [undefined, ["a", "b"]],
  ]);
  assertEquals(new Set(asked.map(({ interrupts }) => interrupts[0]?.id)).size, 4);
  assertStrictEquals(asked.at(-1)!.stop_reason, "exhausted");
});

test("a cached node is not run again for the same input, and says so", async () => {
  let runs = 0;
  const made = graph({
    state,
    nodes: {
      a: { run: (s) => ({ log: `${s.n}`, last: String(++runs) }), cache: {} },
    },
    edges: { [START]: "a" },
  });
  const lasts = [];
  for (const n of [1, 1, 2]) lasts.push((await made.execute({ n })).state.last);
  assertEquals(lasts, ["1", "1", "2"]);
});

test("a node that is silent for idleMs times out; one that says it is alive does not", async () => {
  const silent = graph({
    state,
    nodes: { a: { run: () => new Promise<never>(() => {}), idleMs: 5 } },
    edges: { [START]: "a" },
  });
  assertEquals((await silent.execute({})).errors, {
    a: "GraphError: Node execution timed out after 5ms",
  });
  const alive = graph({
    state,
    nodes: {
      a: {
        run: async (_, ctx) => {
          for (let i = 0; i < 5; i++) {
            await new Promise((resolve) => setTimeout(resolve));
            ctx.heartbeat();
          }
          return { log: "a" };
        },
        // Long, so that a busy machine does not matter.
        idleMs: 60_000,
      },
    },
    edges: { [START]: "a" },
  });
  assertEquals((await alive.execute({})).state.log, ["a"]);
});

test("a graph inside finishes before a drain takes effect", async () => {
  const inner = graph({
    state: { log: channel.append<string>() },
    nodes: { x: (_, ctx) => (ctx.drain("deploy"), { log: "x" }), y: () => ({ log: "y" }) },
    edges: { [START]: "x", x: "y" },
  });
  const made = graph({
    state,
    nodes: { inner, b: () => ({ log: "b" }) },
    edges: { [START]: "inner", inner: "b" },
  });
  const t = thread();
  assertEquals(outline(await made.execute({}, t)), {
    stop_reason: "drained",
    log: ["x", "y"],
    errors: {},
  });
  assertEquals((await made.recover(t)).state.log, ["x", "y", "b"]);
});

test("undefined in an update writes nothing, stored or not", async () => {
  const made = graph({
    state,
    nodes: {
      a: () => ({ one: undefined, last: undefined, log: "a" }),
      b: (_, ctx) => ({ log: ctx.interrupt<string>("?") }),
    },
    edges: { [START]: ["a", "b"] },
  });
  for (const t of [thread(), { threadId: "here" }]) {
    await made.execute({ one: "x", last: "y" }, t);
    const { state: { one, last, log } } = await made.resume("b", t);
    assertEquals([one, last, log], ["x", "y", ["a", "b"]]);
  }
});
