/** Whatever hangs comes to an end with the run, and leaves nothing behind. */

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { END, graph, START } from "../../src/graph/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { fields, outline, thread } from "./_support.ts";

const hang = () => new Promise<never>(() => {});

/** Aborts from inside of what then hangs. */
function stopping() {
  const stop = new AbortController();
  return {
    signal: stop.signal,
    hang: () => {
      queueMicrotask(() => stop.abort(new Error("enough")));
      return hang();
    },
  };
}

/** The timers that `work` leaves. */
async function timersAfter(work: () => Promise<unknown>): Promise<number> {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const open = new Set<unknown>();
  const count = (...[fn, ms]: Parameters<typeof set>) => {
    const timer: ReturnType<typeof set> = set((...args: unknown[]) => {
      open.delete(timer);
      (fn as (...args: unknown[]) => void)(...args);
    }, ms);
    open.add(timer);
    return timer;
  };
  Object.assign(globalThis, {
    setTimeout: count,
    clearTimeout: (timer: Parameters<typeof clear>[0]) => (open.delete(timer), clear(timer)),
  });
  try {
    await work();
    return open.size;
  } finally {
    open.forEach((timer) => clear(timer as Parameters<typeof clear>[0]));
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  }
}

const fails = () => {
  throw new Error("broken");
};

test("an abort ends a node whose onError hangs", async () => {
  const { signal, hang } = stopping();
  const made = graph({
    state: fields,
    nodes: { a: { run: fails, onError: hang } },
    edges: { [START]: "a" },
  });
  assertEquals((await made.execute({}, { signal })).stop_reason, "cancelled");
});

test("onError has the times of its node", async () => {
  const made = graph({
    state: fields,
    nodes: { a: { run: fails, onError: hang, timeoutMs: 1 } },
    edges: { [START]: "a" },
  });
  const { errors } = await made.execute({});
  assertEquals(
    errors.a,
    "GraphError: Error: broken; onError: GraphError: Node execution timed out after 1ms",
  );
});

for (const times of [{ timeoutMs: 60_000 }, { idleMs: 60_000 }]) {
  test(`an aborted node leaves no timer of its ${Object.keys(times)}`, async () => {
    const { signal, hang } = stopping();
    const made = graph({
      state: fields,
      nodes: { a: { run: hang, ...times } },
      edges: { [START]: "a" },
    });
    assertEquals(await timersAfter(() => made.execute({}, { signal })), 0);
  });
}

test("an abort ends a router that hangs; recover() asks it again, and no node", async () => {
  const { signal, hang } = stopping();
  const t = thread();
  let route: () => Promise<"b"> = hang;
  const made = graph({
    state: fields,
    nodes: { a: () => ({ log: "a" }), b: () => ({ log: "b" }) },
    edges: { [START]: "a", a: () => route(), b: END },
  });
  const stopped = await made.execute({}, { ...t, signal });
  assertEquals(outline(stopped), { stop_reason: "cancelled", log: ["a"], errors: {} });
  route = () => Promise.resolve("b");
  assertEquals(outline(await made.recover(t)), { stop_reason: "end", log: ["a", "b"], errors: {} });
});

test("an abort ends a router at START that hangs, and leaves the thread as it was", async () => {
  const { signal, hang } = stopping();
  const t = thread();
  const made = graph({
    state: fields,
    nodes: { a: () => ({ log: "a" }) },
    edges: { [START]: hang },
  });
  const stopped = await made.execute({}, { ...t, signal });
  assertEquals(outline(stopped), { stop_reason: "cancelled", log: [], errors: {} });
  assertEquals(await Array.fromAsync(made.history(t.threadId, t)), []);
});

test("an abort does not wait for a store whose write never answers", async () => {
  const { signal, hang } = stopping();
  const checkpointer = new MemoryCheckpointer();
  const records = await checkpointer.records("t");
  let writes = 0;
  checkpointer.records = () =>
    Promise.resolve({
      get: (key) => records.get(key),
      remove: (key) => records.remove(key),
      keys: (prefix) => records.keys(prefix),
      create: (...args) => writes++ === 0 ? records.create(...args) : hang(),
    });
  const made = graph({
    state: fields,
    nodes: { a: () => ({ log: "a" }), b: () => ({ log: "b" }) },
    edges: { [START]: "a", a: "b", b: END },
  });
  // How long it is waited for nonetheless is over at once.
  const { setTimeout: set } = globalThis;
  Object.assign(globalThis, { setTimeout: (fn: () => void) => set(fn, 0) });
  try {
    const run = made.execute({}, { threadId: "t", checkpointer, signal });
    assertEquals((await run).stop_reason, "cancelled");
  } finally {
    Object.assign(globalThis, { setTimeout: set });
  }
});
