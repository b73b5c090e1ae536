/** The run list: its order, its headings, and where its rows stand. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { createRunSummary, type RunState, type RunSummary } from "../../src/view/run_summary.ts";
import { groupsOf } from "../../workbench/model/run_groups.ts";
import { RunList } from "../../workbench/model/run_list.ts";
import { RowPlaces } from "../../workbench/view/row_places.ts";
import { type Line, scriptRun } from "./_script.ts";

const start = Date.parse("2026-01-01T00:00:00.000Z");
const runOf = (...lines: Line[]) => scriptRun("r", start, lines).events;

test("RunList puts who waits for a person first, then what goes on, then the newest", () => {
  const list = new RunList();
  const summary = (run_id: string, state: RunState, at: number) => ({
    ...createRunSummary(run_id),
    state,
    started_at: new Date(start + at).toISOString(),
  });
  const gone = { ...summary("gone", "running", 8), interrupted: true };
  list.replace([
    summary("old", "done", 0),
    summary("new", "done", 9),
    summary("works", "running", 2),
    gone,
    summary("asks", "waiting", 1),
  ], true);
  const ids = () => list.ordered().map(({ run_id }) => run_id).join(" ");
  assertEquals(ids(), "asks works new gone old");
  list.replace([summary("old", "done", 0), gone], true);
  assertEquals([list.isForgotten("asks"), list.isForgotten("old")], [true, false]);
  assertEquals(ids(), "new gone works asks old");
  // Somebody writes to it again.
  list.add({ ...runOf([9_000, "shop.step", {}])[0]!, run_id: "gone" });
  assertEquals(ids(), "gone new works asks old");
});

test("groupsOf() says what needs a person, what goes on, and the day of all else", () => {
  const now = new Date(2026, 2, 29, 12).getTime();
  const run = (state: RunState, day: number, hour: number) => ({
    ...createRunSummary("r"),
    state,
    started_at: new Date(2026, 2, day, hour).toISOString(),
  });
  const runs = [
    run("waiting", 1, 1),
    run("running", 29, 11),
    run("running", 2, 1),
    run("done", 29, 10),
    run("failed", 29, 0),
    run("done", 28, 23),
    run("stopped", 26, 9),
    run("done", 22, 9),
    run("done", 1, 9),
    { ...createRunSummary("r"), state: "done" as const },
  ];
  const isOpen = ({ state }: RunSummary) => state === "waiting" || state === "running";
  const groups = groupsOf(runs, now, isOpen);
  assertEquals(groups.map(({ title, from, count }) => `${title} ${from}+${count}`), [
    "Waiting for you 0+1",
    "Running 1+2",
    "Earlier today 3+2",
    "Yesterday 5+1",
    "Thursday 6+1",
    "Earlier 7+3",
  ]);
});

test("RowPlaces finds the row of each place, whichever rows have a heading", () => {
  const lists = fc.record({
    count: fc.integer({ min: 1, max: 40 }),
    heads: fc.uniqueArray(fc.nat(39), { maxLength: 6 }),
  });
  fc.assert(fc.property(lists, ({ count, heads }) => {
    const places = new RowPlaces(20);
    places.count = count;
    places.heads = heads.filter((head) => head < count).sort((a, b) => a - b);
    let end = 0;
    for (let index = 0; index < count; index++) {
      const top = places.topOf(index);
      assertEquals(top > end, places.heads.includes(index));
      for (const at of [end, top, top + 19]) assertEquals(places.indexAt(at), index);
      end = top + 20;
    }
    assertEquals(places.height, end);
  }));
});

test("RunList is bounded, however many runs it is given at once", () => {
  const list = new RunList();
  list.replace(Array.from({ length: 9_000 }, (_, i) => createRunSummary(`r${i}`)), true);
  assert(list.size <= 2_000 && list.ordered().length === list.size, `${list.size}`);
});

test("RunList counts an event once, whether the server's answer or the stream was first", () => {
  const events = runOf(
    ...Array.from({ length: 4 }, (_, i): Line => [i, "agent.model.completed", {}]),
  );
  const list = new RunList();
  assertEquals([list.add(events[0]!), list.add(events[1]!)], [true, true]);
  assert(!list.add(events[3]!), "a hole: the server has to be asked");
  const answer = { ...createRunSummary("r"), model_calls: 3, last_event_id: events[2]!.event_id };
  list.replace([answer], true);
  assertEquals(list.get("r")?.model_calls, 4);
});
