import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { FollowState } from "@locus/core/client";
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

test("ConnectionNotes says nothing of a connection that holds", () => {
  const lines = notesOf((notes) => {
    notes.state(live);
    notes.event(false);
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
  const after = (isGap: boolean) =>
    notesOf((notes) => {
      notes.state(lost);
      notes.state(back);
      notes.event(isGap);
      notes.event(!isGap);
    });
  assertEquals(after(false), ["connection lost · resumed after x-17 · nothing missed"]);
  assertEquals(after(true), ["connection lost · resumed after x-17 · with a gap"]);
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
      notes.event(false);
    }
  });
  assertEquals(lines.length, 2);
});
