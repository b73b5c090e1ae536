import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { RunLog } from "../../workbench/model/run_log.ts";

function eventOf(seq: number, epoch = "e"): StreamEvent {
  return {
    event_id: `${epoch}-${seq}`,
    run_id: "r",
    event_type: "span.linked",
    timestamp: "2026-01-01T00:00:00.000Z",
    data: { span_id: "a", parent_span_id: "b" },
  };
}

function idsOf(log: RunLog): string[] {
  return log.events.map(({ event_id: id }) => id);
}

/** What a server whose log has `head` events answers. */
function historyAfter(head: number, cursor: string | null) {
  const from = cursor === null ? 0 : Number(cursor.split("-")[1]);
  const events = Array.from({ length: Math.max(0, head - from) }, (_, i) => eventOf(from + i + 1));
  return { run_id: "r", closed: false, cursor: `e-${head}`, events };
}

test("RunLog: every event is there once and in order, however stream and history interleave", () => {
  const steps = fc.array(
    fc.oneof(
      fc.constant("publish" as const),
      fc.constant("lose" as const),
      fc.constant("repeat" as const),
      fc.constant("fill" as const),
    ),
    { maxLength: 60 },
  );
  fc.assert(fc.property(steps, (steps) => {
    const log = new RunLog("r");
    let head = 0;
    for (const step of steps) {
      if (step === "publish") log.accept(eventOf(++head));
      else if (step === "lose") head++;
      else if (step === "repeat" && head > 0) log.accept(eventOf(Math.ceil(head / 2)));
      else if (step === "fill") log.fill(historyAfter(head, log.cursor));
    }
    log.fill(historyAfter(head, log.cursor));
    assertEquals(idsOf(log), Array.from({ length: head }, (_, i) => `e-${i + 1}`));
    assert(!log.hasHole);
  }));
});

test("RunLog.accept() says that there is a hole, and keeps what lies beyond it", () => {
  const log = new RunLog("r");
  log.fill(historyAfter(2, null));
  assertEquals(log.accept(eventOf(3)), false);
  assertEquals(log.accept(eventOf(5)), true);
  assertEquals(idsOf(log), ["e-1", "e-2", "e-3"]);
  log.fill({ ...historyAfter(4, log.cursor) });
  assertEquals(idsOf(log), ["e-1", "e-2", "e-3", "e-4", "e-5"]);
});

/** An answer of a history that holds the newest events only. */
function shortHistory(oldest: number, head: number, cursor: number) {
  const answer = historyAfter(head, `e-${oldest - 1}`);
  const gap: StreamEvent = {
    ...eventOf(oldest - 1),
    event_type: "bus.gap",
    data: {
      from_seq: cursor + 1,
      to_seq: oldest - 1,
      count: oldest - 1 - cursor,
      reason: "evicted",
    },
  };
  return { ...answer, events: [gap, ...answer.events] };
}

/** Each event by its sequence, each gap by its first and last. */
function placesOf(events: readonly StreamEvent[]): (number | number[])[] {
  return events.map(({ event_id: id, event_type: type, data }) =>
    type === "bus.gap" ? [data.from_seq, data.to_seq, data.count] : Number(id.split("-")[1])
  );
}

test("RunLog.fill() reports nothing as missed that had arrived live", () => {
  const log = new RunLog("r");
  log.fill(historyAfter(1, null));
  for (const seq of [4, 5, 8, 9, 10]) log.accept(eventOf(seq));
  const news = log.fill(shortHistory(9, 10, 1));
  const expected = [[2, 3, 2], 4, 5, [6, 7, 2], 8, 9, 10];
  assertEquals(placesOf(news), expected);
  assertEquals(placesOf(log.events), [1, ...expected]);
  assert(!log.hasHole);
});

test("RunLog.fill() leaves a gap as it is of which nothing has arrived", () => {
  const log = new RunLog("r");
  log.fill(historyAfter(1, null));
  log.accept(eventOf(12));
  assertEquals(placesOf(log.fill(shortHistory(9, 10, 1))), [[2, 8, 7], 9, 10]);
  assert(log.hasHole);
});

test("RunLog.fill() goes on with a log that began anew", () => {
  const log = new RunLog("r");
  log.fill(historyAfter(2, null));
  assertEquals(log.accept(eventOf(2, "f")), true);
  const gap: StreamEvent = {
    ...eventOf(0, "f"),
    event_type: "bus.gap",
    data: { from_seq: 1, to_seq: 0, count: 0, reason: "new_epoch" },
  };
  log.fill({
    run_id: "r",
    closed: false,
    cursor: "f-2",
    events: [gap, eventOf(1, "f"), eventOf(2, "f")],
  });
  assertEquals(idsOf(log), ["e-1", "e-2", "f-0", "f-1", "f-2"]);
});

test("G3: RunLog keeps one of equal gaps that follow each other", () => {
  const log = new RunLog("r");
  log.fill(historyAfter(2, null));
  const restart = (epoch: string): StreamEvent => ({
    ...eventOf(0, epoch),
    event_type: "bus.gap",
    data: { from_seq: 1, to_seq: 0, count: 0, reason: "new_epoch" },
  });
  const answer = (epoch: string, ...events: StreamEvent[]) =>
    log.fill({ run_id: "r", closed: false, cursor: `${epoch}-0`, events });
  for (const epoch of ["f", "g", "h"]) answer(epoch, restart(epoch));
  assertEquals(idsOf(log), ["e-1", "e-2", "f-0"]);
  assertEquals(log.cursor, "h-0");
  answer("i", restart("i"), eventOf(1, "i"));
  answer("j", restart("j"));
  assertEquals(idsOf(log), ["e-1", "e-2", "f-0", "i-1", "j-0"]);
});

test("RunLog lets the oldest events go before it grows beyond its limit", () => {
  const log = new RunLog("r");
  log.fill(historyAfter(200_001, null));
  assertEquals(log.events.length + log.droppedCount, 200_001);
  assert(log.events.length <= 200_000);
  assertEquals(log.events.at(-1)?.event_id, "e-200001");
});
