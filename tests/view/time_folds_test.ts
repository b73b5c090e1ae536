import { test } from "node:test";
import fc from "../harness/support/property.ts";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { PictureRow } from "../../src/view/picture_rows.ts";
import { longIdleTimes } from "../../src/view/idle_times.ts";
import { TimeFolds } from "../../src/view/time_folds.ts";
import { Script } from "./_script.ts";

const MINUTE = 60_000;
const QUESTION = { interrupt_id: "i", question_preview: "May I?", options: null };

/** What is folded of a run, in seconds from its start. */
function foldsOf(script: Script, isRunning = false): [from: number, to: number][] {
  const { rows, startedAt } = script.picture;
  const start = startedAt ?? 0;
  const heard = Date.parse(script.picture.summary.updated_at ?? "");
  const options = { startedAt: start, endsAt: script.now, busySince: isRunning ? heard : null };
  return longIdleTimes(rows, options).map(({ from, to }) => [
    (from - start) / 1000,
    (to - start) / 1000,
  ]);
}

/** A tool that asks after a second of work, is answered after eleven minutes, and works for two seconds. */
function asked(script = new Script()): Script {
  return script.chunk("I ask.").wait(1_000).turn(0, 1).start("refund", "t")
    .emit("agent.interrupt", QUESTION).wait(11 * MINUTE)
    .start("refund", "t").wait(2_000).complete("refund", "t", 2_000);
}

test("G8: longIdleTimes() finds the time in which only a person was waited for", () => {
  assertEquals(foldsOf(asked()), [[1, 661]]);
});

test("G8: longIdleTimes() finds it inside of the spans that it is part of", () => {
  const order = { span_id: "o", parent_span_id: null, name: "order" };
  const agent = { span_id: "a", parent_span_id: "o", name: "ada", kind: "agent" };
  const call = { tool_name: "refund", span_id: "c", tool_span_id: "t", parent_span_id: "a" };
  const start = { ...call, arg_keys: [] };
  const script = new Script().emit("span.started", { ...order, attributes: {} })
    .emit("span.started", { ...agent, attributes: {} }).wait(1_000)
    .emit("agent.tool.started", start)
    .emit("agent.interrupt", { ...QUESTION, span_id: "a" }).wait(11 * MINUTE)
    .emit("span.started", { ...agent, attributes: {}, resumed: true })
    .emit("agent.tool.started", { ...start, resumed: true }).wait(2_000)
    .emitAny("agent.tool.completed", { ...call, success: true, duration_ms: 2_000 });
  for (const [span, ms] of [[agent, 3_000], [order, 663_000]] as const) {
    script.emit("span.completed", { ...span, success: true, duration_ms: ms, error: null });
  }
  assertEquals(foldsOf(script), [[1, 661]]);
});

/** A piece of work, in seconds. */
function work(
  from: number,
  to: number | null,
  { waits = [], children = [] }: { waits?: [number, number | null][]; children?: PictureRow[] } =
    {},
): PictureRow {
  const ms = (seconds: number | null) => seconds === null ? null : seconds * 1_000;
  return {
    kind: "span",
    startedAt: ms(from),
    endedAt: ms(to),
    waits: waits.map(([from, to]) => ({ from: ms(from), to: ms(to) })),
    children,
  } as PictureRow;
}

const shapes: [name: string, rows: PictureRow[], folds: [number, number][]][] = [
  ["work beside a wait", [work(0, 600), work(0, 600, { waits: [[10, 590]] })], []],
  [
    "the part of a wait in which nothing else is at work",
    [work(0, 100), work(0, 600, { waits: [[10, 590]] })],
    [[100, 590]],
  ],
  [
    "a wait that is short beside another one, and long beside the work",
    [work(0, 600, { waits: [[2, 500], [510, 598]] })],
    [[2, 500], [510, 598]],
  ],
  [
    "two waits at once, in different depths",
    [work(0, 600, {
      children: [work(0, 600, { waits: [[10, 400]] }), work(0, 600, { waits: [[20, 590]] })],
    })],
    [[20, 400]],
  ],
  ["a night without any work", [work(0, 10), work(590, 600)], [[10, 590]]],
  ["a wait without an end", [work(0, null, { waits: [[10, null]] })], [[10, 600]]],
  ["work that outlasts what it is part of", [work(0, 10, { children: [work(5, 600)] })], []],
  ["many short ones", Array.from({ length: 60 }, (_, n) => work(n * 10, n * 10 + 5)), []],
];
for (const [name, rows, expected] of shapes) {
  test(`G8: longIdleTimes() knows ${name}`, () => {
    const times = longIdleTimes(rows, { startedAt: 0, endsAt: 600_000 });
    assertEquals(times.map(({ from, to }) => [from / 1_000, to / 1_000]), expected);
  });
}

test("G8: longIdleTimes() folds what goes on to wait, and nothing of a run that goes on", () => {
  const waiting = new Script().chunk("I ask.").wait(1_000).turn(0, 1).start("refund", "t")
    .emit("agent.interrupt", QUESTION).wait(11 * MINUTE);
  assertEquals(foldsOf(waiting), [[1, 661]]);
  const quiet = new Script().chunk("I look.").wait(1_000).turn(0, 1).start("a", "t").wait(500)
    .complete("a", "t", 500).wait(11 * MINUTE);
  assertEquals(foldsOf(quiet, true), []);
  assertEquals(foldsOf(quiet), [[1.5, 661.5]]);
});

test("G8: longIdleTimes() folds nothing of a run that has no work, or little to wait for", () => {
  assertEquals(foldsOf(new Script().emitAny("a.b", {}).wait(11 * MINUTE).emitAny("a.b", {})), []);
  const short = new Script().chunk("I ask.").wait(60_000).turn(0, 1).start("refund", "t")
    .emit("agent.interrupt", QUESTION).wait(4_000)
    .start("refund", "t").wait(2_000).complete("refund", "t", 2_000);
  assertEquals(foldsOf(short), []);
});

test("G8: TimeFolds keeps the work's scale, and gives each fold the same little room", () => {
  const folds = new TimeFolds([{ from: 1_000, to: 661_000 }], 663_000);
  assertEquals(folds.folds.length, 1);
  assertEquals([folds.placeOf(0), folds.placeOf(1_000)], [0, 1_000]);
  assertEquals(folds.placeOf(663_000) - folds.placeOf(661_000), 2_000);
  assert(folds.reach < 3_500, "a wait of eleven minutes takes less than a tenth of the room");
  assertEquals(folds.placeOf(663_000), folds.reach);
});

test("G8: TimeFolds goes to places and back, in order, whatever is folded", () => {
  const times = fc.array(fc.tuple(fc.nat(5_000), fc.integer({ min: 1, max: 600_000 })), {
    maxLength: 8,
  });
  fc.assert(fc.property(times, fc.nat(100_000), fc.nat(), (parts, rest, seed) => {
    let at = 0;
    const stretches = parts.map(([work, wait]) => {
      const from = at + work;
      at = from + wait;
      return { from, to: at };
    });
    const length = at + rest + 1;
    const folds = new TimeFolds(stretches, length, (ms) => ms * 1.5);
    let before = -Infinity;
    for (const moment of [0, ...stretches.flatMap(({ from, to }) => [from, to]), length]) {
      const place = folds.placeOf(moment);
      assert(place >= before, "no moment stands before an earlier one");
      assertAlmostEquals(folds.momentAt(place), moment, length * 1e-9 + 1e-6);
      before = place;
    }
    assert(folds.placeOf(length) <= folds.reach + 1e-6);
    const moment = seed % length;
    assertAlmostEquals(folds.momentAt(folds.placeOf(moment)), moment, length * 1e-6 + 1e-6);
  }));
});
