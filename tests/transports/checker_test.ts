import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { check, type LogLine } from "./checker.ts";

const event = (seq: number, n: number, epoch = "a"): LogLine => ({
  kind: "event",
  event_id: `${epoch}-${seq}`,
  event_type: "test.tick",
  data: { by: "p", n },
});
const gap = (from: number, to: number, reason = "evicted", epoch = "a"): LogLine => ({
  kind: "event",
  event_id: `${epoch}-${to}`,
  event_type: "bus.gap",
  data: { from_seq: from, to_seq: to, count: to - from + 1, reason },
});
const stored = (n: number): LogLine => ({ kind: "stored", by: "p", n });
const good = { lost: 0, doubled: 0, reordered: 0, gaps: 0, epochs: 0 };

test("check() is content with events in order, and with gaps where some are missing", () => {
  assertEquals(check([event(1, 1), event(2, 2)], [stored(2)]), { ...good, delivered: 2 });
  const lines = [event(1, 1), gap(2, 3), event(4, 4)];
  assertEquals(check(lines, [stored(4)]), { ...good, gaps: 2, delivered: 2 });
});

test("check() counts what is missing without a word, also at the end", () => {
  assertEquals(check([event(1, 1), event(3, 3)], [stored(3)]).lost, 2);
  assertEquals(check([event(1, 1)], [stored(2)]).lost, 1);
  assertEquals(check([event(1, 1), gap(2, 2), event(3, 4)], [stored(4)]).lost, 1);
});

test("check() counts what comes twice, or too late", () => {
  assertEquals(check([event(1, 1), event(1, 1)], []).doubled, 1);
  assertEquals(check([event(1, 1), event(2, 1)], []).doubled, 1);
  assertEquals(check([event(1, 2), event(2, 1)], []).reordered, 1);
  assertEquals(check([event(1, 1), event(2, 2), event(3, 3), gap(1, 2)], []).reordered, 1);
});

test("check() lets a new epoch begin anew only if it was announced", () => {
  const announced = [event(1, 1), gap(1, 0, "new_epoch", "b"), event(1, 1, "b")];
  assertEquals(check(announced, [stored(5)]), { ...good, epochs: 1, delivered: 1 });
  assertEquals(check([event(1, 1), event(1, 1, "b")], []).lost, 1);
});
