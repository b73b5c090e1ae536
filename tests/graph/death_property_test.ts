/**
 * Random graphs that die at any operation of their storage, are recovered and answered in other processes, and must end in
 * the state of a run that nothing disturbed.
 */

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { channel, END, graph, send, START } from "../../src/graph/mod.ts";
import { MemoryCheckpointer, type RecordStore } from "../../src/memory/mod.ts";
import { check } from "../core/properties/settings.ts";

/** What a node does. */
interface Plan {
  readonly asks: number;
  readonly isSlow: boolean;
  readonly kind: "last" | "more" | "delete" | "send" | "plain";
  readonly next: readonly number[];
  readonly loops: boolean;
  readonly isInner: boolean;
  readonly isKept: boolean;
  readonly isDeferred: boolean;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  asks: fc.integer({ min: 0, max: 2 }),
  isSlow: fc.boolean(),
  kind: fc.constantFrom("last", "more", "delete", "send", "plain"),
  next: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
  loops: fc.boolean(),
  isInner: fc.boolean(),
  isKept: fc.boolean(),
  isDeferred: fc.boolean(),
});

const fields = {
  log: channel.append<string>(),
  n: channel.add(),
  rec: channel.record<string | number>(),
  last: channel.last<string>(),
};

/** @param effects Each effect, by its idempotency key. */
function make(plans: readonly Plan[], isAsking: boolean, effects: string[]) {
  const name = (i: number) => i < plans.length ? `n${i}` : END;
  const bodies = plans.map(({ asks, isSlow, kind }, i) =>
  async (
    s: { readonly n: number },
    ctx: {
      once<T>(key: string, fn: (call: { readonly idempotencyKey: string }) => T): Promise<T>;
      interrupt<A>(question: unknown): A;
    },
  ) => {
    if (isSlow) await new Promise((resolve) => setTimeout(resolve));
    await ctx.once("effect", ({ idempotencyKey }) => void effects.push(idempotencyKey));
    const log = [name(i)];
    for (let nth = 0; nth < asks; nth++) {
      const question = `${name(i)}.${nth}`;
      log.push(isAsking ? ctx.interrupt<string>(question) : `answer to ${question}`);
    }
    return {
      log: kind === "more" ? log.concat("more") : log,
      n: 1,
      rec: { [name(i)]: s.n, [`k${s.n % 3}`]: kind === "delete" ? null : name(i) },
      ...kind === "last" && { last: name(i) },
    };
  });
  const nodes = plans.map(({ isInner, isKept, isDeferred }, i) => {
    const run = bodies[i]!;
    if (!isInner) return { run, defer: isDeferred };
    const inner = graph({
      id: "inner",
      state: fields,
      nodes: { first: () => ({ log: "first" }), second: run },
      edges: { [START]: "first", first: "second" },
    });
    const output = ({ log, n }: { log: readonly string[]; n: number }) => ({ log, n });
    return { run: inner, input: () => ({}), output, keep: isKept, defer: isDeferred };
  });
  const edges = plans.map(({ next, loops, kind }, i) => (s: { readonly n: number }) => {
    if (loops && i > 0 && s.n < 12) return [name(0)];
    if (kind === "send") {
      return next.map((step) => name(i + step)).filter((to) => to !== END).map((to) => send(to));
    }
    return next.map((step) => name(i + step));
  });
  return graph({
    state: fields,
    nodes: Object.fromEntries(nodes.map((node, i) => [name(i), node])),
    edges: {
      [START]: [name(0), name(Math.min(1, plans.length - 1))],
      ...Object.fromEntries(edges.map((edge, i) => [name(i), edge])),
    },
    maxIterations: 40,
  } as never) as ReturnType<typeof typed>;
}

/** Only for its type: what the compiler makes of such a graph. */
function typed() {
  return graph({ state: fields, nodes: { a: () => {} }, edges: { [START]: "a" } });
}

/** A process that dies: from then on no operation of its storage ever ends, and nothing it does is stored. */
function dying(
  records: RecordStore,
  operations: number,
  died: (key: string) => void,
): RecordStore {
  let left = operations;
  const on = <T>(operation: () => Promise<T>, key = ""): Promise<T> => {
    if (left-- > 0) return operation();
    died(key);
    return new Promise<T>(() => {});
  };
  return {
    create: (key, value) => on(() => records.create(key, value), key),
    get: (key) => on(() => records.get(key)),
    remove: (key) => on(() => records.remove(key)),
    keys: (prefix) => on(() => records.keys(prefix)),
  };
}

test("a graph that dies at any operation of its storage ends like one that nothing disturbed", async () => {
  let deaths = 0;
  const steps = fc.array(
    fc.record({ operations: fc.option(fc.integer({ min: 1, max: 30 })), pick: fc.nat(10) }),
    { minLength: 60, maxLength: 60 },
  );
  await check(
    fc.asyncProperty(
      fc.array(plan, { minLength: 1, maxLength: 6 }),
      steps,
      fc.record({
        save: fc.constantFrom("steps" as const, "behind" as const),
        keepCheckpoints: fc.constantFrom(undefined, 1, 3),
      }),
      async (plans, steps, options) => {
        const once: string[] = [];
        const expected = await make(plans, false, once).execute({ log: "in" });
        fc.pre(expected.stop_reason !== "max_iterations");
        const checkpointer = new MemoryCheckpointer();
        const records = await checkpointer.records("t");
        const effects: string[] = [];
        let lost = 0;
        const died = (key: string, dead: PromiseWithResolvers<null>) => {
          if (key.startsWith("o-")) lost++;
          dead.resolve(null);
        };
        for (let nth = 0;; nth++) {
          // In the end nothing dies any more.
          const { operations, pick } = steps[nth] ?? { operations: null, pick: 0 };
          const dead = Promise.withResolvers<null>();
          const store = operations === null
            ? records
            : dying(records, operations, (key) => died(key, dead));
          const t = { ...options, threadId: "t", checkpointer: new MemoryCheckpointer() };
          t.checkpointer.records = () => Promise.resolve(store);
          const made = make(plans, true, effects);
          const { value: head } = await made.history("t", { checkpointer }).next();
          if (head?.kind === "end") {
            assertEquals(head.state, expected.state);
            break;
          }
          const question = head?.interrupts[pick % head.interrupts.length];
          const going = head === undefined
            ? made.execute({ log: "in" }, t)
            : question === undefined
            ? made.recover(t)
            : made.resume(`answer to ${question.question}`, { ...t, interruptId: question.id });
          const result = await Promise.race([going, dead.promise]);
          if (result === null) deaths++;
          else assertEquals(result.errors, {});
          assert(nth < 500, "it goes on and on");
        }
        // None is left out, and one is repeated only if the process died between it and the write of its result.
        assertEquals(new Set(effects).size, once.length);
        assert(effects.length - once.length <= lost);
      },
    ),
    150,
  );
  assert(deaths > 100, `only ${deaths} deaths`);
});
