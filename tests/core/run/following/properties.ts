/**
 * What following promises, for every kind of value and every way to consume it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "../../../harness/support/property.ts";
import { currentRun, enterSpan, EventBus, runContext, withRun, withSpan } from "@locus/core";
import { check } from "../../properties/settings.ts";
import { drain } from "./consumer.ts";
import { programs, scripts } from "./program.ts";
import { type Case, trace, type Wrap } from "./trace.ts";
import { type Kind, values } from "./values.ts";

const casesOf = (kind: Kind): fc.Arbitrary<Case> =>
  fc.record({
    kind: fc.constant(kind),
    name: fc.constantFrom(...Object.keys(values[kind])),
    script: scripts,
    program: programs,
  });

const inRun = (wrap: Wrap): Wrap => (fn) =>
  runContext({ runId: "r", bus: new EventBus() }, () => wrap(fn));

const wrappers: Record<string, Wrap> = {
  "runContext()": inRun((fn) => fn()),
  "withSpan()": inRun((fn) => withSpan("work", fn)),
  "withSpan() in withSpan()": inRun((fn) => withSpan("outer", () => withSpan("inner", fn))),
  "enterSpan()": inRun((fn) => enterSpan(currentRun()!, "call", fn)),
  "withRun()": (fn) => withRun({ bus: new EventBus() }, fn),
};

/** The one exception: a plain promise cannot stay the same object. */
const isPlain = /^a promise(?! of a class| of another realm)/;

function makesNoDifference(wrap: Wrap, kind: Kind): Promise<void> {
  return check(
    fc.asyncProperty(casesOf(kind), async (given) => {
      const off = await trace(given, (fn) => fn());
      const on = await trace(given, wrap);
      assertEquals(on, { ...off, isSame: !isPlain.test(given.name) });
    }),
    100,
  );
}

/** Whoever has a beginning and an end, with the names of the two events. */
const enders: Record<string, (bus: EventBus) => Wrap> = {
  span: (bus) => (fn) => runContext({ runId: "r", bus }, () => withSpan("work", fn)),
  run: (bus) => (fn) => withRun({ runId: "r", bus }, fn),
};

function endsOnce(prefix: string, wrap: (bus: EventBus) => Wrap, kind: Kind): Promise<void> {
  return check(
    fc.asyncProperty(casesOf(kind), async (given) => {
      const bus = new EventBus();
      const count = (event: string) => bus.history({ run: "r", type: `${prefix}.${event}` }).length;
      let stray = 0;
      const look = () => {
        // What a stream calls runs where its runtime likes.
        const isInside = kind.startsWith("streams") ||
          currentRun()?.id === "r" && (prefix === "run" || currentRun()?.spanId != null);
        if (count("completed") === 0 && !isInside) stray++;
      };
      let isDrained = false;
      await trace(given, wrap(bus), look, async (value) => {
        assert(count("completed") <= 1);
        isDrained = await drain(value);
      });
      assertEquals([count("started"), count("completed"), stray], [
        1,
        isDrained ? 1 : count("completed"),
        0,
      ]);
    }),
    100,
  );
}

/** Every property, by the kind of the values and the name of its test. */
export const properties: Record<Kind, Record<string, () => Promise<void>>> = byKind((kind) =>
  Object.fromEntries([
    ...Object.entries(wrappers).map(([wrapper, wrap]) => [
      `B2: ${wrapper} makes no difference to a consumer of ${kind}`,
      () => makesNoDifference(wrap, kind),
    ]),
    ...Object.entries(enders).map(([prefix, wrap]) => [
      `B1: the steps of ${kind} are inside of their ${prefix}, which ends once`,
      () => endsOnce(prefix, wrap, kind),
    ]),
  ])
);

function byKind<T>(make: (kind: Kind) => T): Record<Kind, T> {
  const kinds = Object.keys(values) as Kind[];
  return Object.fromEntries(kinds.map((kind) => [kind, make(kind)])) as Record<Kind, T>;
}
