import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { channel, END, graph, GraphError, START } from "../../src/graph/mod.ts";
import { MemoryCheckpointer, storageCheckpointer } from "../../src/memory/mod.ts";
import { asking, fields } from "./_support.ts";

/** A checkpointer of a storage, as each process makes its own; with `create`, if the storage has it. */
function processes(hasCreate = true) {
  const items = new Map<string, string>();
  const create = (key: string, value: string) => {
    if (items.has(key)) return false;
    items.set(key, value);
    return true;
  };
  return () =>
    storageCheckpointer({
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
      removeItem: (key) => void items.delete(key),
      getKeys: (base) => [...items.keys()].filter((key) => key.startsWith(base)),
    }, hasCreate ? { create } : {});
}

test("a thread is asked in one process, answered in another, and its effect happens once", async () => {
  const open = processes();
  const { asks, runs } = asking();
  const { interrupts: [question] } = await asks.execute({}, {
    threadId: "a/b",
    checkpointer: open(),
  });
  const other = asking();
  const answer = { threadId: "a/b", checkpointer: open(), interruptId: question!.id };
  assertEquals((await other.asks.resume("yes", answer)).state.log, ['"yes"']);
  assertEquals([runs, other.runs], [["run 1", "effect"], ["run 2"]]);
});

for (const hasCreate of [true, false]) {
  const storage = hasCreate ? "with" : "without";
  test(`of ten processes that answer one question, one goes on, in a storage ${storage} create`, () =>
    answerAtOnce(processes(hasCreate)));
}

async function answerAtOnce(open: ReturnType<typeof processes>): Promise<void> {
  const all = Array.from({ length: 10 }, () => asking());
  await all[0]!.asks.execute({}, { threadId: "t", checkpointer: open() });
  const answered = await Promise.allSettled(
    all.map(({ asks }, i) => asks.resume(i, { threadId: "t", checkpointer: open() })),
  );
  assertEquals(answered.filter(({ status }) => status === "fulfilled").length, 1);
  assertEquals(all.flatMap(({ runs }) => runs).filter((run) => run === "effect").length, 1);
}

test("a run that was overtaken stops at its next record", async () => {
  const open = processes();
  const go = Promise.withResolvers<void>();
  const ran: string[] = [];
  const make = (waits: Promise<void>) =>
    graph({
      state: fields,
      nodes: { a: () => waits.then(() => ({ log: "a" })), b: () => void ran.push("b") },
      edges: { [START]: "a", a: "b" },
    });
  const begun = Promise.withResolvers<void>();
  const slow = make(go.promise.then(() => {}));
  const checkpointer = open();
  const records = await checkpointer.records!("t");
  checkpointer.records = () =>
    Promise.resolve({
      ...records,
      create: async (key, value) => {
        const created = await records.create(key, value);
        begun.resolve();
        return created;
      },
    });
  const overtaken = slow.execute({}, { threadId: "t", checkpointer });
  await begun.promise;
  await make(Promise.resolve()).recover({ threadId: "t", checkpointer: open() });
  go.resolve();
  const { stop_reason, errors } = await overtaken;
  assertEquals([stop_reason, ran], ["failed", ["b"]]);
  assert(errors.graph?.includes("Somebody else went on"), errors.graph);
});

test("a long thread stores little more than what changed, and is loaded with few reads", async () => {
  const checkpointer = new MemoryCheckpointer();
  const records = await checkpointer.records("t");
  let bytes = 0;
  let reads = 0;
  checkpointer.records = () =>
    Promise.resolve({
      create: (key, value) => (bytes += value.length, records.create(key, value)),
      get: (key) => (reads++, records.get(key)),
      remove: (key) => records.remove(key),
      keys: (prefix) => records.keys(prefix),
    });
  const steps = 5000;
  const item = "x".repeat(100);
  const made = graph({
    state: { log: channel.append<string>(), n: channel.add() },
    nodes: { a: (s) => ({ log: item + s.n, n: 1 }) },
    edges: { [START]: "a", a: (s) => s.n < steps ? "a" : END },
    maxIterations: steps,
  });
  await made.execute({}, { threadId: "t", checkpointer });
  reads = 0;
  const { value: head } = await made.history("t", { checkpointer }).next();
  assertEquals(head?.state.log.length, steps);
  assert(reads <= 300, `${reads} reads`);
  const changes = steps * (item.length + 10);
  assert(bytes <= 3 * changes + 350 * steps, `${bytes} bytes`);
});

test("what is not a record of this version is refused, and nothing is overwritten", async () => {
  const { asks } = asking();
  const checkpointer = new MemoryCheckpointer();
  const records = await checkpointer.records("t");
  for (const text of ["{", '"x"', '{"v":2,"seq":1}']) {
    await records.create("r-1", text);
    const error = await assertRejects(
      () => asks.execute({}, { threadId: "t", checkpointer }),
      GraphError,
    );
    assertEquals(error.code, "bad_record");
    assertEquals(await records.get("r-1"), text);
    await records.remove("r-1");
  }
});

test("an answer that does not fit its schema is asked for again, with the reason", async () => {
  const schema = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: (value: unknown) =>
        typeof value === "number" ? { value } : { issues: [{ message: "must be a number" }] },
    },
  };
  const made = graph({
    state: fields,
    nodes: { a: (_, ctx) => ({ n: ctx.interrupt<number>("How many?", { schema }) }) },
    edges: { [START]: "a" },
  });
  const t = { threadId: "t", checkpointer: new MemoryCheckpointer() };
  await made.execute({}, t);
  const again = await made.resume("many", t);
  assertEquals(again.interrupts.map(({ problem }) => problem), ["answer: must be a number"]);
  assertEquals((await made.resume(3, t)).state.n, 3);
});

test("save: waits stores questions and ends only; a crash goes back to the last of them", async () => {
  const { asks } = asking();
  const t = { threadId: "t", checkpointer: new MemoryCheckpointer(), save: "waits" as const };
  await asks.execute({}, t);
  await asks.resume("x", t);
  const kinds = (await Array.fromAsync(asks.history("t", t))).map(({ kind }) => kind);
  assertEquals(kinds, ["end", "answer", "wait", "input"]);
});

test("a checkpointer without records, and options that do not exist, are refused", async () => {
  const { asks } = asking();
  const checkpointer = { ...new MemoryCheckpointer(), records: undefined } as never;
  await assertRejects(() => asks.execute({}, { checkpointer }), TypeError, "must have records()");
  await assertRejects(
    () => asks.execute({}, { thread: "t" } as never),
    TypeError,
    "unknown option",
  );
});
