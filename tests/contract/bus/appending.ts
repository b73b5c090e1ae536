import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "../../harness/support/property.ts";
import type { Appended, AppendingBus, EventDraft, Producer } from "@locus/core";
import { check } from "../../core/properties/settings.ts";
import { summarize } from "../../harness/support/read.ts";
import { count, historyOf, newRun, publish, readAll } from "../observe.ts";
import type { Register } from "./register.ts";

/** What is stored when the call resolves, once, by whoever may. */
export function appending(promise: Register): void {
  promise("append() has stored all of it when it resolves", async (bus, run) => {
    assertEquals(await bus.append(run, ticks(run, 1, 2, 3)), "stored");
    assertEquals(await held(bus, run), [1, 2, 3]);
  });

  promise("append() stores after what was published before", async (bus, run) => {
    publish(bus, run, 1, 2);
    const stored = bus.append(run, ticks(run, 3));
    publish(bus, run, 4);
    await stored;
    assertEquals((await held(bus, run)).slice(0, 3), [1, 2, 3]);
    bus.closeStream(run);
    assertEquals(summarize(await readAll(bus.subscribe(run))), [1, 2, 3, 4]);
  });

  promise("append() without a producer stores again what is repeated", async (bus, run) => {
    assertEquals(await bus.append(run, ticks(run, 1)), "stored");
    assertEquals(await bus.append(run, ticks(run, 1)), "stored");
    assertEquals(await held(bus, run), [1, 1]);
  });

  promise("append() with a producer stores once what is repeated", async (bus, run) => {
    const producer = { id: "p", seq: 0 };
    assertEquals(await bus.append(run, ticks(run, 1, 2), { producer }), "stored");
    assertEquals(await bus.append(run, ticks(run, 1, 2), { producer }), "duplicate");
    assertEquals(await held(bus, run), [1, 2]);
  });

  promise("append() leaves out numbers, and goes back to none", async (bus, run) => {
    const results: Appended[] = [];
    for (const seq of [7, 3, 8, 100, 9]) {
      results.push(await bus.append(run, ticks(run, seq), { producer: { id: "p", seq } }));
    }
    assertEquals(results, ["stored", "duplicate", "stored", "stored", "duplicate"]);
    assertEquals(await held(bus, run), [7, 8, 100]);
  });

  promise("append() tells producers, and runs, apart", async (bus, run) => {
    const other = newRun();
    for (const id of ["p", "q", "p.", "p-+", "p=1"]) {
      assertEquals(await bus.append(run, ticks(run, 1), { producer: { id, seq: 5 } }), "stored");
    }
    assertEquals(
      await bus.append(other, ticks(other, 1), { producer: { id: "p", seq: 5 } }),
      "stored",
    );
    assertEquals(await held(bus, run), [1, 1, 1, 1, 1]);
  });

  promise(
    "a repeated append() counts as stored also after the run was closed",
    async (bus, run) => {
      const producer = { id: "p", seq: 1 };
      await bus.append(run, ticks(run, 1), { producer });
      bus.closeStream(run);
      assertEquals(await bus.append(run, ticks(run, 1), { producer }), "duplicate");
      assertEquals(
        await bus.append(run, ticks(run, 2), { producer: { id: "p", seq: 2 } }),
        "closed",
      );
      assertEquals(await bus.append(run, ticks(run, 3)), "closed");
      assertEquals(await held(bus, run), [1]);
    },
  );

  promise("append() of nothing tells whether the run is closed", async (bus, run) => {
    assertEquals(await bus.append(run, []), "stored");
    await bus.append(run, ticks(run, 1));
    assertEquals(await bus.append(run, []), "stored");
    bus.closeStream(run);
    assertEquals(await bus.append(run, []), "closed");
    assertEquals(await held(bus, run), [1]);
  });

  promise("append() of nothing uses up a number", async (bus, run) => {
    assertEquals(await bus.append(run, [], { producer: { id: "p", seq: 3 } }), "stored");
    assertEquals(
      await bus.append(run, ticks(run, 1), { producer: { id: "p", seq: 3 } }),
      "duplicate",
    );
  });

  promise("claim() fences those who had the name before, and tells them", async (bus, run) => {
    const send = (epoch: number, seq: number) =>
      bus.append(run, ticks(run, 10 * epoch + seq), {
        producer: { id: "p", epoch, seq },
        onFenced,
      });
    const told: number[] = [];
    const onFenced = (epoch: number) => void told.push(epoch);
    assertEquals(await bus.claim(run, "p"), 1);
    assertEquals([await send(0, 1), await send(1, 5)], ["fenced", "stored"]);
    assertEquals(await bus.claim(run, "p"), 2);
    assertEquals([await send(1, 6), await send(2, 0)], ["fenced", "stored"]);
    assertEquals(told, [1, 2]);
    // What others publish is not fenced.
    publish(bus, run, 99);
    bus.closeStream(run);
    assertEquals(summarize(await readAll(bus.subscribe(run))), [15, 20, 99]);
  });

  promise("a higher epoch takes over without a claim", async (bus, run) => {
    const send = (epoch: number) =>
      bus.append(run, ticks(run, epoch), { producer: { id: "p", epoch, seq: 0 } });
    assertEquals([await send(3), await send(7), await send(3)], ["stored", "stored", "fenced"]);
    assertEquals(await bus.claim(run, "p"), 8);
  });

  promise("claim() begins a run, and changes nothing of one that is closed", async (bus, run) => {
    await bus.claim(run, "p");
    assertEquals(await held(bus, run), []);
    assert((await bus.runs()).some(({ run_id, closed }) => run_id === run && !closed));
    bus.closeStream(run);
    assertEquals(await bus.claim(run, "p"), 2);
    assertEquals(await bus.append(run, ticks(run, 1)), "closed");
  });

  promise("the last 40 producers of a run are remembered", async (bus, run) => {
    const send = (n: number) =>
      bus.append(run, ticks(run, n), { producer: { id: `${n}`.padEnd(128, "x"), seq: 0 } });
    for (const n of count(1, 40)) assertEquals(await send(n), "stored");
    for (const n of [1, 40]) assertEquals(await send(n), "duplicate");
    assertEquals(await send(41), "stored");
    assertEquals([await send(2), await send(1)], ["duplicate", "stored"]);
  });

  promise("producers are forgotten with their run", async (bus, run) => {
    const producer = { id: "p", seq: 0 };
    await bus.append(run, ticks(run, 1), { producer });
    bus.dropHistory(run);
    assertEquals(await bus.append(run, ticks(run, 1), { producer }), "stored");
    assertEquals(await held(bus, run), [1]);
  });

  promise("append() keeps what an event was when it was called", async (bus, run) => {
    const data = { n: 1 };
    const stored = bus.append(run, [{ run_id: run, event_type: "test.tick", data }]);
    data.n = 2;
    await stored;
    assertEquals(await held(bus, run), [1]);
  });

  promise("append() and claim() reject what is not valid, and store nothing", async (bus, run) => {
    const draft = ticks(run, 1)[0]!;
    const wrong: [type: typeof TypeError | typeof RangeError, ...args: unknown[]][] = [
      [TypeError, "a b", [draft]],
      [TypeError, run, draft],
      [TypeError, run, [draft, { ...draft, run_id: "other" }]],
      [TypeError, run, [draft, { ...draft, event_type: "bus.end" }]],
      [TypeError, run, [draft, null]],
      [TypeError, run, [draft], { produce: 1 }],
      [TypeError, run, [draft], { producer: { id: "a b", seq: 0 } }],
      [TypeError, run, [draft], { producer: "p" }],
      [TypeError, run, [draft], { onFenced: 1 }],
      [TypeError, run, [draft], { signal: {} }],
      [RangeError, run, [draft], { producer: { id: "p" } }],
      [RangeError, run, [draft], { producer: { id: "p", seq: -1 } }],
      [RangeError, run, [draft], { producer: { id: "p", seq: 1.5 } }],
      [RangeError, run, [draft], { producer: { id: "p", epoch: "1", seq: 1 } }],
    ];
    const append = bus.append.bind(bus) as (...args: unknown[]) => Promise<unknown>;
    for (const [type, ...args] of wrong) await assertRejects(() => append(...args), type);
    await assertRejects(() => bus.claim("a b", "p"), TypeError);
    await assertRejects(() => bus.claim(run, ""), TypeError);
    assertEquals(await held(bus, run), []);
  });

  promise("append() that was given up before rejects, and stores nothing", async (bus, run) => {
    const signal = AbortSignal.abort(new RangeError("enough"));
    await assertRejects(() => bus.append(run, ticks(run, 1), { signal }), RangeError, "enough");
    assertEquals(await held(bus, run), []);
  });

  promise("any appends, claims and closes give what the model gives", async (bus) => {
    await check(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const run = newRun();
        const model = new Model();
        for (const one of steps) {
          assertEquals(await act(bus, run, one), model.act(one), JSON.stringify(one));
        }
        assertEquals(await held(bus, run), model.events);
      }),
      30,
    );
  });

  promise(
    "appends that do not wait for each other give what one after the other gives",
    async (bus) => {
      await check(
        fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
          const run = newRun();
          const model = new Model();
          const calls = steps.filter(({ kind }) => kind !== "claim");
          const answers = await Promise.all(calls.map((one) => actAtOnce(bus, run, one)));
          assertEquals(answers, calls.map((one) => model.act(one)));
          assertEquals(await held(bus, run), model.events);
        }),
        20,
      );
    },
  );
}

type Step =
  | { kind: "append"; producer: Producer | undefined; numbers: number[]; times: number }
  | { kind: "publish"; numbers: number[] }
  | { kind: "claim"; id: string }
  | { kind: "close" };

const names = fc.constantFrom("a", "b", "a-b", "c=1");
const numbers = fc.array(fc.nat(1_000), { maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      producer: fc.option(
        fc.record(
          { id: names, epoch: fc.nat(3), seq: fc.nat(6) },
          { requiredKeys: ["id", "seq"] },
        ),
        { nil: undefined },
      ),
      numbers,
      // Repeated, each time as if the answer had been lost.
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("publish" as const), numbers }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("claim" as const), id: names }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("close" as const) }) },
);

async function act(bus: AppendingBus, run: string, one: Step): Promise<unknown> {
  switch (one.kind) {
    case "append": {
      const { producer, numbers, times } = one;
      const results: Appended[] = [];
      for (let i = 0; i < times; i++) {
        results.push(await bus.append(run, ticks(run, ...numbers), { producer }));
      }
      return results;
    }
    case "publish":
      return publish(bus, run, ...one.numbers);
    case "claim":
      return await bus.claim(run, one.id);
    case "close":
      return bus.closeStream(run);
  }
}

/** The same, without a wait between the times. */
function actAtOnce(bus: AppendingBus, run: string, one: Step): unknown {
  if (one.kind !== "append") return act(bus, run, one);
  const { producer, numbers, times } = one;
  const append = () => bus.append(run, ticks(run, ...numbers), { producer });
  return Promise.all(Array.from({ length: times }, append));
}

/** The rule, as it is written down. */
class Model {
  readonly events: number[] = [];
  readonly #producers: Record<string, { epoch: number; seq: number }> = {};
  #isClosed = false;

  act(one: Step): unknown {
    switch (one.kind) {
      case "append":
        return Array.from({ length: one.times }, () => this.#append(one));
      case "publish":
        if (!this.#isClosed) this.events.push(...one.numbers);
        return undefined;
      case "claim":
        this.#producers[one.id] = { epoch: (this.#producers[one.id]?.epoch ?? 0) + 1, seq: -1 };
        return this.#producers[one.id]!.epoch;
      case "close":
        this.#isClosed = true;
        return undefined;
    }
  }

  #append({ producer, numbers }: { producer: Producer | undefined; numbers: number[] }): Appended {
    if (producer !== undefined) {
      const { id, epoch = 0, seq } = producer;
      const known = this.#producers[id];
      if (known && epoch < known.epoch) return "fenced";
      if (known && epoch === known.epoch && seq <= known.seq) return "duplicate";
      if (!this.#isClosed) this.#producers[id] = { epoch, seq };
    }
    if (this.#isClosed) return "closed";
    this.events.push(...numbers);
    return "stored";
  }
}

function ticks(run: string, ...numbers: number[]): EventDraft<"test.tick">[] {
  return numbers.map((n) => ({ run_id: run, event_type: "test.tick", data: { n } }));
}

/** The numbers that a run holds, behind everything that was done to it from here. */
async function held(bus: AppendingBus, run: string): Promise<unknown[]> {
  await bus.append(run, []);
  const events = await historyOf(bus, { run }, { limit: 1_000 });
  return events.reverse().map(({ data }) => data.n);
}
