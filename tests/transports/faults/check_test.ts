import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { check, faultsOf, type Publication, type ReaderLine } from "./check.ts";

let time = 0;
const event = (seq: number, n: number, epoch = "a", run = "r"): ReaderLine => ({
  kind: "event",
  time: ++time,
  run_id: run,
  event_id: `${epoch}-${seq}`,
  event_type: "test.tick",
  data: { by: "p", n },
});
const gap = (from: number, to: number, reason = "evicted", epoch = "a", run = "r"): ReaderLine => ({
  kind: "event",
  time: ++time,
  run_id: run,
  event_id: `${epoch}-${to}`,
  event_type: "bus.gap",
  data: { from_seq: from, to_seq: to, count: to - from + 1, reason },
});
const opened = (): ReaderLine => ({ kind: "opened", time: ++time });
const published = (n: number): Publication => ({ time: ++time, run: "r", by: "p", n });
const none = { lost: 0, doubled: 0, reordered: 0, unannounced: 0 };

test("check() is content with events in order, and with gaps where some are missing", () => {
  const lines = [opened(), event(1, 1), event(2, 2)];
  assertEquals(faultsOf(check(lines, [published(1), published(2)])), none);
  const report = check(
    [opened(), event(1, 1), gap(2, 3), event(4, 4)],
    [1, 2, 3, 4].map(published),
  );
  assertEquals(faultsOf(report), none);
  assertEquals([report.gaps, report.delivered], [2, 2]);
});

test("check() counts what is missing without a word, also at the end", () => {
  const lost = (lines: ReaderLine[], count: number) =>
    check([opened(), ...lines], Array.from({ length: count }, (_, i) => published(i + 1))).lost;
  assertEquals(lost([event(1, 1), event(3, 3)], 0), 1);
  assertEquals(lost([event(1, 1)], 2), 1);
  // The numbers are whole, so the event never got one.
  assertEquals(lost([event(1, 1), event(2, 3)], 3), 1);
});

test("check() owes nothing of before a reader was there", () => {
  const before = published(1);
  assertEquals(check([opened(), event(2, 2)], [before], "live").lost, 0);
});

test("check() counts what comes twice, or too late", () => {
  const report = (...lines: ReaderLine[]) => check(lines, []);
  assertEquals(report(event(1, 1), event(1, 1)).doubled, 1);
  assertEquals(report(event(1, 1), event(2, 1)).doubled, 1);
  assertEquals(report(event(1, 2), event(2, 1)).reordered, 1);
  assertEquals(report(event(1, 1), event(2, 2), gap(1, 2)).reordered, 1);
});

test("check() lets a new epoch begin anew only if it was announced", () => {
  const first = published(2);
  const announced = [event(1, 1), gap(1, 0, "new_epoch", "b"), event(1, 1, "b")];
  assertEquals(faultsOf(check(announced, [first])), none);
  assertEquals(check(announced, []).epochs, 1);
  assertEquals(check([event(1, 1), event(1, 1, "b")], []).unannounced, 1);
});

test("check() does not accept that an id which the store gave is unknown", () => {
  assertEquals(check([event(1, 1), gap(1, 0, "unknown_cursor"), event(1, 1)], []).unannounced, 1);
});

test("check() of all runs lets a gap of the run * stand for whatever is missing", () => {
  const lines = [opened(), event(5, 1), gap(7, 9, "lagged", "o", "*"), event(8, 4)];
  assertEquals(faultsOf(check(lines, [], "all")), none);
  assertEquals(check([event(5, 1), event(8, 4)], [], "all").lost, 2);
});
