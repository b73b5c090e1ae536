import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { FollowState } from "@locus/core/client";
import type { EventPayload, StreamEvent } from "@locus/core/events";
import { ConnectionNotes } from "../../../src/cli/screen/connection_notes.ts";

const idle: FollowState = {
  phase: "idle",
  ended: null,
  lastEventId: null,
  reconnects: 0,
  failures: 0,
  cause: null,
  waitMs: null,
  events: 0,
  missedEvents: 0,
  restarts: 0,
  duplicates: 0,
  invalidEvents: 0,
};

/** What is to be read at the end, a line a note. */
function notesOf(fn: (notes: ConnectionNotes) => void): string[] {
  const lines: string[] = [];
  fn(
    new ConnectionNotes((text) => {
      const index = lines.push(text) - 1;
      return (rewording) => void (lines[index] = rewording);
    }),
  );
  return lines;
}

const live: FollowState = { ...idle, phase: "live" };
const lost: FollowState = { ...idle, phase: "waiting", lastEventId: "x-17", failures: 1 };
const back: FollowState = { ...live, lastEventId: "x-17", reconnects: 1 };

function eventOf(eventType: string, data: object = {}): StreamEvent {
  const [event_id, timestamp] = ["x-18", "2026-01-01T00:00:00.000Z"];
  return { event_id, run_id: "r", event_type: eventType, timestamp, data } as StreamEvent;
}

function gapOf(reason: EventPayload<"bus.gap">["reason"]): StreamEvent {
  return eventOf("bus.gap", { from_seq: 1, to_seq: 0, count: 0, reason });
}

const next = eventOf("shop.paid");

test("ConnectionNotes says nothing of a connection that holds", () => {
  const lines = notesOf((notes) => {
    notes.state(live);
    notes.event(next);
    notes.state({ ...live, phase: "ended", ended: { reason: "closed" } });
  });
  assertEquals(lines, []);
});

test("ConnectionNotes has one line a loss, however many attempts it takes", () => {
  const lines = notesOf((notes) => {
    for (const failures of [1, 2, 3]) {
      notes.state({ ...lost, failures });
      notes.state({ ...lost, phase: "connecting" });
    }
  });
  assertEquals(lines, ["connection lost after x-17 · coming back"]);
});

test("ConnectionNotes knows with the next event whether something was missed", () => {
  const after = (...events: StreamEvent[]) =>
    notesOf((notes) => {
      notes.state(lost);
      notes.state(back);
      for (const event of events) notes.event(event);
    });
  const verdict = (words: string) => [`connection lost · resumed after x-17 · ${words}`];
  assertEquals(after(next, gapOf("lagged")), verdict("nothing missed"));
  assertEquals(after(gapOf("lagged"), next), verdict("with a gap"));
  assertEquals(after(gapOf("unknown_cursor"), next), verdict("with a gap"));
});

test("G3: ConnectionNotes never says that nothing was missed of a server that was restarted", () => {
  const lines = notesOf((notes) => {
    for (let n = 0; n < 3; n++) {
      notes.state(lost);
      notes.state(back);
      notes.event(gapOf("new_epoch"));
      notes.event(next);
    }
  });
  const line = "connection lost · resumed after x-17 · the server was restarted";
  assertEquals(lines, [line, line, line]);
});

test("G3: ConnectionNotes claims nothing of what came before the first event", () => {
  const lines = notesOf((notes) => {
    notes.state({ ...lost, lastEventId: null });
    notes.state({ ...back, lastEventId: null });
    notes.event(next);
  });
  assertEquals(lines, ["connection lost · resumed before the first event"]);
});

test("ConnectionNotes settles a loss that the run did not outlive", () => {
  const lines = notesOf((notes) => {
    notes.state(lost);
    notes.state({ ...lost, phase: "ended", ended: { reason: "nothing_left" } });
  });
  assertEquals(lines, ["connection lost · resumed after x-17 · nothing missed"]);
});

test("ConnectionNotes begins a new line for the next loss", () => {
  const lines = notesOf((notes) => {
    for (let n = 0; n < 2; n++) {
      notes.state(lost);
      notes.state(back);
      notes.event(next);
    }
  });
  assertEquals(lines.length, 2);
});
