/**
 * Random graphs that die at any operation of their storage, are recovered and answered in other processes, and must end in
 * the state of a run that nothing disturbed.
 */

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { channel, END, graph, send, START } from "../../src/graph/mod.ts";
import { check } from "../core/properties/settings.ts";
import { Mortal, type Store, STORES } from "./_stores.ts";

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

/** @param effect Called for each effect, with its idempotency key. */
function make(plans: readonly Plan[], isAsking: boolean, effect: (key: string) => void) {
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
    await ctx.once("effect", ({ idempotencyKey }) => {
      effect(idempotencyKey);
      return idempotencyKey;
    });
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

const RUNS = { memory: 150, map: 60, files: 25, sqlite: 25 };

for (const [name, runs] of Object.entries(RUNS)) {
  test(`a graph that dies at any operation of its storage ends like one that nothing disturbed: ${name}`, () =>
    dies(STORES[name]!, runs));
}

async function dies(open: () => Store, runs: number): Promise<void> {
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
        const expected: string[] = [];
        const undisturbed = await make(plans, false, (key) => void expected.push(key))
          .execute({ log: "in" });
        fc.pre(undisturbed.stop_reason !== "max_iterations");
        const store = open();
        const effects = new Set<string>();
        const stored = new Set<unknown>();
        const repeated: string[] = [];
        for (let nth = 0;; nth++) {
          // In the end nothing dies any more.
          const { operations, pick } = steps[nth] ?? { operations: null, pick: 0 };
          const life = (operations: number | null) =>
            new Mortal(operations, (value) => stored.add((JSON.parse(value) as { v: unknown }).v));
          const made = make(plans, true, (key) => {
            effects.add(key);
            if (stored.has(key)) repeated.push(key);
          });
          const checkpointer = store.open(life(null));
          const { value: head } = await made.history("t", { checkpointer }).next();
          if (head?.kind === "end") {
            assertEquals(head.state, undisturbed.state);
            break;
          }
          const question = head?.interrupts[pick % head.interrupts.length];
          const mortal = life(operations);
          const t = { ...options, threadId: "t", checkpointer: store.open(mortal) };
          const going = head === undefined
            ? made.execute({ log: "in" }, t)
            : question === undefined
            ? made.recover(t)
            : made.resume(`answer to ${question.question}`, { ...t, interruptId: question.id });
          const result = await Promise.race([going, mortal.died]);
          if (result === null) deaths++;
          else assertEquals(result.errors, {});
          assert(nth < 500, "it goes on and on");
        }
        // None is left out, and none is repeated of which the result was stored.
        assertEquals([effects.size, repeated], [expected.length, []]);
        await store.close?.();
      },
    ),
    runs,
  );
  assert(deaths > runs / 2, `only ${deaths} deaths`);
}
