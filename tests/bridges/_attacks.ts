/**
 * What no bridge may be harmed by, or harm its host with: a bus that throws, listeners that never end, hooks that are called
 * wrongly, twice or with nonsense, and content without measure.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { EventBus, withRun } from "@locus/core";
import { until } from "../harness/support/until.ts";
import type { Bridge } from "./_bridge.ts";
import { checkRun, seen } from "./_contract.ts";

const ONE = { input: "Oslo", words: "It is fine today." };

/** Declares them. */
export function testAttacks<Host>(bridge: Bridge<Host>): void {
  const { name, ways, asked, twice, hooks } = bridge;
  const host = Object.values(ways).at(-1)!;
  const bare = () => seen(() => asked(host(), ONE));

  test(`${name}: registered twice, it tells of everything once`, async () => {
    for (const inRun of [true, false]) {
      const bus = new EventBus();
      const told = twice({ bus, content: true });
      const call = () => asked(told, ONE);
      await (inRun ? withRun({ bus }, call) : call());
      await until("the run ends", () => bus.history("run.completed").length > 0);
      assertEquals(bus.runs().length, 1);
      const { of } = checkRun(bus);
      const pieces = of("agent.model.chunk").map((chunk) => chunk.content_preview);
      assertEquals(pieces.join(""), bridge.hidesText ? "" : ONE.words);
      assertEquals(of("span.started").filter(({ kind }) => kind === "agent").length, 1);
    }
  });

  test(`${name}: a bus that throws, from any event on, changes nothing`, async (t) => {
    for (const level of ["warn", "error"] as const) t.mock.method(console, level, () => {});
    const without = await bare();
    for (const good of [1, 2, 4, 7, 11]) {
      const bus = new EventBus();
      let left = good;
      failing(bus, () => left-- <= 0);
      const one = host({ bus });
      assertEquals(await seen(() => asked(one, ONE)), without, `after ${good} events`);
      const again = await seen(() => withRun({ bus: new EventBus() }, () => asked(one, ONE)));
      assertEquals(again, without);
    }
  });

  test(`${name}: nobody waits for listeners that never end or that throw`, async () => {
    const without = await bare();
    const bus = new EventBus({ onError: () => {} });
    bus.on("*", () => new Promise(() => {}));
    bus.on("*", () => {
      throw new Error("the listener broke");
    });
    assertEquals(await withRun({ bus }, () => seen(() => asked(host({}), ONE))), without);
    checkRun(bus);
  });

  test(`${name}: megabytes in, kilobytes out`, async () => {
    const bus = new EventBus({ historyPerRun: 10_000 });
    const huge = { input: "Oslo ".repeat(200_000), words: "word".repeat(100_000) };
    const without = await seen(() => asked(host(), huge));
    assertEquals(await withRun({ bus }, () => seen(() => asked(host({}), huge))), without);
    const { events } = checkRun(bus, bus.runs()[0]!.run_id);
    for (const { event_type, data } of events) {
      assert(JSON.stringify(data).length < 5_000, `${event_type} is large`);
    }
  });

  if (hooks === undefined) return;

  test(`${name}: no hook throws, whatever it is called with`, async (t) => {
    for (const level of ["warn", "error"] as const) t.mock.method(console, level, () => {});
    const bus = new EventBus();
    await withRun({ bus }, () => {
      for (const nonsense of NONSENSE) {
        const made = hooks.make({});
        for (const hook of hooksOf(made)) hook(...Array<unknown>(8).fill(nonsense));
      }
    });
    checkRun(bus);
  });

  test(`${name}: hooks in any order, doubled and lost, hold the contract`, async (t) => {
    for (const level of ["warn", "error"] as const) t.mock.method(console, level, () => {});
    const calls: [hook: string, args: unknown[]][] = [];
    const recording = new Proxy(hooks.make({ runs: "ambient" }), {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== "function" || !isHook(String(name))) return value;
        return (...args: unknown[]) => {
          calls.push([String(name), args]);
          return Reflect.apply(value, target, args);
        };
      },
    });
    await asked(hooks.host(recording), ONE);
    assert(calls.length > 4, "hooks were called");
    const anyOrder = fc.array(fc.nat(calls.length - 1), { maxLength: 2 * calls.length });
    const anyLoss = fc.subarray([...calls.keys()]);
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyOrder, anyLoss), async (order) => {
        const bus = new EventBus();
        await withRun({ bus }, () => {
          const made = hooks.make({}) as Record<string, (...args: unknown[]) => unknown>;
          for (const [name, args] of order.map((index) => calls[index]!)) made[name]!(...args);
        });
        checkRun(bus);
      }),
      { numRuns: 60 },
    );
  });
}

/** Has a bus throw at some events. */
function failing(bus: EventBus, fails: (eventType: string) => boolean): void {
  const writer = bus.writer.bind(bus);
  bus.writer = (runId) => {
    const own = writer(runId);
    return {
      write(eventType, data) {
        if (fails(eventType)) throw new Error("the bus broke");
        return own.write(eventType, data);
      },
    };
  };
}

/** What calls something of the host's is not called with nonsense. */
function isHook(name: string): boolean {
  return /^(on|handle|export)/.test(name);
}

function hooksOf(made: object): ((...args: unknown[]) => unknown)[] {
  const names = new Set([
    ...Object.getOwnPropertyNames(made),
    ...Object.getOwnPropertyNames(Object.getPrototypeOf(made)),
  ]);
  return [...names].filter(isHook).map((name) => (...args) =>
    Reflect.apply(Reflect.get(made, name), made, args)
  );
}

const hostile = new Proxy({}, {
  get: () => {
    throw new Error("no");
  },
  ownKeys: () => {
    throw new Error("no");
  },
});
const NONSENSE = [undefined, null, 0, "", "x", {}, [], [null], () => {}, Symbol("s"), hostile];
