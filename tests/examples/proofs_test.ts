import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { StreamEvent } from "@locus/core";
import { compareEvents, proveReplay, proveResume } from "../../examples/demo/proofs.ts";
import { Script } from "../view/_script.ts";

const run: readonly StreamEvent[] = [1, 2, 3, 4].reduce(
  (script, n) => script.emitAny("test.tick", { n }),
  new Script(),
).events;
const [one, two, three, four] = run as [StreamEvent, StreamEvent, StreamEvent, StreamEvent];
const cut = { events: 2, after: "x-2", awayMs: 800, missedMeanwhile: 1 };
const replayed = { events: run, ended: true, durationMs: 3 };

test("compareEvents() finds what is lost, repeated, changed or out of order", () => {
  const cases: [string, StreamEvent[], [lost: number, repeated: number, isExact: boolean]][] = [
    ["the same", [one, two, three, four], [0, 0, true]],
    ["one lost", [one, two, four], [1, 0, false]],
    ["one repeated", [one, two, two, three, four], [0, 1, false]],
    ["one lost and one repeated", [one, two, two, four], [1, 1, false]],
    ["out of order", [one, three, two, four], [0, 0, false]],
    ["changed", [one, two, three, { ...four, timestamp: one.timestamp + "x" }], [0, 0, false]],
  ];
  for (const [name, received, expected] of cases) {
    const { lost, repeated, isExact } = compareEvents(received, run);
    assertEquals([name, lost, repeated, isExact], [name, ...expected]);
  }
});

test("proveResume() passes only for a reader that was cut off and has everything once", () => {
  const fact = proveResume({ events: run, cut, isWhole: true }, replayed);
  assertEquals(fact.passed, true);
  assert(fact.text.includes("cut off after 2 events"), fact.text);
  assert(fact.text.includes("Received 4 of 4: 0 lost, 0 repeated, all in order"), fact.text);
  assertEquals(
    proveResume({ events: [one, two, four], cut, isWhole: true }, replayed).passed,
    false,
  );
  assertEquals(
    proveResume({ events: run, cut, isWhole: false }, replayed).passed,
    false,
  );
});

test("proveResume() does not claim what was not shown", () => {
  assertEquals(proveResume({ events: run, cut: null, isWhole: true }, replayed).passed, undefined);
});

test("proveReplay() passes only for everything that was published, and the end", () => {
  const watched = { events: run, cut, isWhole: true };
  assertEquals(proveReplay(watched, replayed, 4).passed, true);
  assertEquals(proveReplay(watched, replayed, 5).passed, false);
  assertEquals(proveReplay(watched, { ...replayed, ended: false }, 4).passed, false);
  assertEquals(proveReplay(watched, { ...replayed, events: [one, two] }, 4).passed, false);
});
