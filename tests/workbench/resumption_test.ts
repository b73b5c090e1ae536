import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { EventPayload, StreamEvent } from "../../src/events/stream_event.ts";
import { resumedAfter, withEvents } from "../../workbench/model/resumption.ts";

function gapOf(reason: EventPayload<"bus.gap">["reason"], count: number): StreamEvent {
  return {
    event_id: "f-0",
    run_id: "r",
    event_type: "bus.gap",
    timestamp: "2026-01-01T00:00:00.000Z",
    data: { from_seq: 1, to_seq: count, count, reason },
  };
}

test("G3: withEvents() adds up what is missing, and knows that a server was restarted", () => {
  const cases: [gaps: StreamEvent[], missed: number, restart: string | null][] = [
    [[], 0, null],
    [[gapOf("lagged", 3), gapOf("evicted", 4)], 7, null],
    [[gapOf("new_epoch", 0)], 0, "the server was restarted; what it held is gone"],
    [
      [gapOf("new_epoch", 5), gapOf("lagged", 1)],
      6,
      "the server was restarted; what it held is gone",
    ],
    [[gapOf("unknown_cursor", 0)], 0, "the server does not know what had arrived"],
    [[gapOf("lagged", NaN)], 0, null],
  ];
  const resumed = resumedAfter("e-9", 1);
  assertEquals(resumed, { after: "e-9", missed: null, restart: null, at: 1 });
  for (const [gaps, missed, restart] of cases) {
    assertEquals(withEvents(resumed, gaps), { after: "e-9", missed, restart, at: 1 });
  }
});
