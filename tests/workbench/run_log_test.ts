import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
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

test("RunLog lets the oldest events go before it grows beyond its limit", () => {
  const log = new RunLog("r");
  log.fill(historyAfter(200_001, null));
  assertEquals(log.events.length + log.droppedCount, 200_001);
  assert(log.events.length <= 200_000);
  assertEquals(log.events.at(-1)?.event_id, "e-200001");
});
