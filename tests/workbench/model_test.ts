import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { RunPicture } from "../../src/view/run_picture.ts";
import { age, count, duration, money, offset, short } from "../../workbench/format.ts";
import { criticalPath } from "../../workbench/model/critical_path.ts";
import { longestOf, nameOf, subjectOf, tookOf } from "../../workbench/view/row_words.ts";
import { TimeFolds } from "../../src/view/time_folds.ts";
import { KEYS } from "../../workbench/keys.ts";
import { keyGroups } from "../../workbench/model/key_words.ts";
import { nowWords } from "../../workbench/model/now_words.ts";
import { timelineOf } from "../../workbench/model/timeline_rows.ts";
import { compileFilter } from "../../workbench/model/filter.ts";
import { FilteredEvents } from "../../workbench/model/filtered_events.ts";
import { Playback } from "../../workbench/model/playback.ts";
import { reachOf, stepOf, tickLabel, ticksOf, zoom } from "../../workbench/model/time_scale.ts";
import { formatRoute, parseRoute, VIEWS } from "../../workbench/route.ts";
import { type Line, scriptRun } from "./_script.ts";

const start = Date.parse("2026-01-01T00:00:00.000Z");

function runOf(...lines: Line[]): readonly StreamEvent[] {
  return scriptRun("r", start, lines).events;
}

test("format: numbers have the digits that can be read", () => {
  assertEquals([0, 1.84, 12, 3_420, 41_000, 123_000, 3_720_000].map(duration), [
    "0 ms",
    "1.8 ms",
    "12 ms",
    "3.42 s",
    "41.0 s",
    "2 m 03 s",
    "1 h 02 m",
  ]);
  assertEquals([0, 2_104, 62_104].map(offset), ["0.000", "2.104", "1:02.104"]);
  assertEquals([812, 12_300, 1_200_000].map(count), ["812", "12.3 k", "1.20 M"]);
  assertEquals([0, 30_000, 300_000, 90_000_000].map(age), ["now", "30 s", "5 m", "1 d"]);
  assertEquals([0, 0.00001, 0.0041, 12.3].map((amount) => money(amount, "USD")), [
    "$0.00",
    "< $0.0001",
    "$0.0041",
    "$12.30",
  ]);
});

test("the help has every command once, and no key has two", () => {
  const told = keyGroups.flatMap(({ keys }) => keys.map(({ command }) => command));
  const commands = Object.keys(KEYS).sort();
  assertEquals(told.filter((command) => command !== null).sort() as string[], commands);
  assertEquals(new Set(Object.values(KEYS)).size, commands.length);
});

test("parseRoute() reads what formatRoute() writes", () => {
  for (const view of VIEWS) {
    const route = {
      run: "a:b@1",
      view,
      filter: "tool.* -x & y=1",
      event: "k3-17",
      span: null,
      tab: view === "graph" ? null : "output" as const,
      t: view === "timeline" ? "12.4-31" : null,
      fold: view === "events" ? "" : "k3-4,-k3-9",
      compare: view === "events" ? "c d" : null,
      differs: view === "graph",
      runs: "my grinder",
      only: ["state failed", "tag team: one, two & more"],
    };
    assertEquals(parseRoute(formatRoute(route)), route);
  }
});

test("parseRoute() takes anything", () => {
  assertEquals(parseRoute("#%E0%A4%A&run=").run, null);
  assertEquals(parseRoute(`#run=${"x".repeat(10_000)}`).run, null);
  assertEquals(parseRoute(`#${"only=a&".repeat(10_000)}`).only.length, 50);
  assertEquals(parseRoute("#t=1e9-x&tab=both").t, null);
  assertEquals(parseRoute("#t=1e9-x&tab=both").tab, null);
});

test("compileFilter() knows types, patterns, places, words and their opposite", () => {
  const events = runOf(
    [0, "agent.tool.started", { tool_name: "search", span_id: "a", arg_keys: [] }],
    [1, "agent.tool.completed", { tool_name: "search", path: "bus.ts" }],
    [2, "agent.think", { reasoning_preview: "Where is it?" }],
  );
  const seqs = (text: string) => {
    const filter = compileFilter(text) ?? (() => true);
    return events.flatMap((event, index) => filter(event) ? [index + 1] : []);
  };
  assertEquals(seqs(""), [1, 2, 3]);
  assertEquals(seqs("agent.tool.*"), [1, 2]);
  assertEquals(seqs("*.completed"), [2]);
  assertEquals(seqs("bus.ts"), [2]);
  assertEquals(seqs("WHERE"), [3]);
  assertEquals(seqs("search -agent.tool.started"), [2]);
  assertEquals(seqs("seq:2-3"), [2, 3]);
  assertEquals(seqs("***************************!"), []);
});

test("FilteredEvents keeps its rows when more is shown, and when less is", () => {
  const events = runOf([0, "a.x", {}], [1, "b.x", {}], [2, "a.x", {}], [3, "a.x", {}]);
  const filtered = new FilteredEvents();
  const rows = (shown: number) => {
    filtered.update(events, shown, "a.*");
    return Array.from({ length: filtered.length }, (_, row) => filtered.placeAt(row));
  };
  assertEquals([rows(3), rows(4), rows(1), rows(4)], [[0, 2], [0, 2, 3], [0], [0, 2, 3]]);
  assertEquals(filtered.rowOf(2), 1);
});

test("criticalPath() holds what the end waited for, and not what ran beside it", () => {
  const picture = new RunPicture("r");
  const events = runOf(
    [0, "span.started", { span_id: "all", parent_span_id: null, name: "all", attributes: {} }],
    [0, "span.started", { span_id: "short", parent_span_id: "all", name: "short", attributes: {} }],
    [0, "span.started", { span_id: "long", parent_span_id: "all", name: "long", attributes: {} }],
    [30, "span.completed", {
      span_id: "short",
      parent_span_id: "all",
      name: "short",
      success: true,
      duration_ms: 30,
      error: null,
    }],
    [80, "span.completed", {
      span_id: "long",
      parent_span_id: "all",
      name: "long",
      success: true,
      duration_ms: 80,
      error: null,
    }],
    [80, "span.started", { span_id: "last", parent_span_id: "all", name: "last", attributes: {} }],
    [100, "span.completed", {
      span_id: "last",
      parent_span_id: "all",
      name: "last",
      success: true,
      duration_ms: 20,
      error: null,
    }],
    [100, "span.completed", {
      span_id: "all",
      parent_span_id: null,
      name: "all",
      success: true,
      duration_ms: 100,
      error: null,
    }],
  );
  for (const event of events) picture.add(event);
  const names = [...criticalPath(picture.rows, start + 100)].map((row) =>
    row.kind === "span" && row.name
  );
  assertEquals(new Set(names), new Set(["all", "last", "long"]));
});

test("longestOf() tells the time of a person from that of the tool that asked", () => {
  const picture = new RunPicture("r");
  const tool = { span_id: "t", tool_name: "refund" };
  const asked = runOf(
    [0, "agent.think", {
      iteration: 0,
      reasoning_preview: "",
      has_tool_calls: true,
      tool_call_count: 1,
    }],
    [0, "agent.tool.started", { ...tool, arg_keys: [] }],
    [10, "agent.interrupt", { interrupt_id: "i", question_preview: "May I?", options: null }],
  );
  for (const event of asked) picture.add(event);
  const refund = () => timelineOf(picture).rows.at(-1)!.row;
  assertEquals(tookOf(refund()), "waits");
  const answered = runOf(
    [9_010, "agent.tool.started", { ...tool, arg_keys: [] }],
    [9_030, "agent.tool.completed", {
      ...tool,
      success: true,
      duration_ms: 20,
      output_preview: "",
      error: null,
    }],
  );
  for (const event of answered) picture.add(event);
  const end = start + 9_030;
  assertEquals(longestOf(criticalPath(picture.rows, end), end), [
    "a person 9.00 s",
    "refund 30 ms",
  ]);
  assertEquals(tookOf(refund()), "20 ms · waited 9.00 s");
});

test("Playback.advance() goes by the times of the events, as fast as it is told", () => {
  const events = runOf([0, "a", {}], [100, "a", {}], [500, "a", {}]);
  const playback = new Playback();
  playback.play(events, 0);
  playback.advance(events, 50, true);
  assertEquals(playback.shown(events), 1);
  playback.speed = 4;
  playback.advance(events, 50, true);
  assertEquals(playback.shown(events), 2);
  playback.advance(events, 100, true);
  assertEquals([playback.shown(events), playback.mode], [3, "paused"]);
});

test("Playback becomes live again when it has caught up with a run that goes on", () => {
  const events = runOf([0, "a", {}]);
  const playback = new Playback();
  playback.play(events, 0);
  playback.advance(events, 10, false);
  assertEquals(playback.mode, "live");
});

test("G6: Playback goes by the times of the run, whatever its gaps say", () => {
  const read = 3_600_000;
  const gap = (count: number) => ({ from_seq: 1, to_seq: count, count, reason: "evicted" });
  const events = runOf(
    [read, "bus.gap", gap(4)],
    [0, "a", {}],
    [100, "a", {}],
    [read, "bus.gap", gap(7)],
    [500, "a", {}],
  );
  const playback = new Playback();
  playback.play(events, 0);
  const shown = [0, 99, 1, 399, 1].map((passedMs) => {
    playback.advance(events, passedMs, true);
    return playback.shown(events);
  });
  assertEquals(shown, [2, 2, 4, 4, 5]);
  playback.play(events, 4);
  assertEquals(playback.playTime, start + 100);
});

test("G4: nowWords() says what is at work, innermost and newest first", () => {
  const span = { span_id: "o", parent_span_id: null, name: "order", attributes: {} };
  const tool = (at: number, name: string): Line => [
    at,
    "agent.tool.started",
    { tool_name: name, span_id: name },
  ];
  const cases: [lines: Line[], words: string][] = [
    [[[0, "span.started", span]], "order 9.0 s"],
    [
      [[0, "span.started", span], [500, "agent.model.chunk", {
        content_preview: "I",
        span_id: "o",
      }]],
      "turn 0 writing 9.0 s",
    ],
    [
      [
        [0, "agent.model.chunk", { content_preview: "I" }],
        [100, "agent.think", { iteration: 2, has_tool_calls: true, tool_call_count: 3 }],
        tool(6_500, "search"),
        tool(7_000, "fetch"),
        tool(8_000, "read"),
      ],
      "read 1.0 s · fetch 2.0 s · 1 more · turn 2",
    ],
    [
      [[0, "multiagent.specialist.started", { specialist_id: "ada" }], tool(6_500, "search")],
      "search 2.5 s · ada 9.0 s",
    ],
    [
      [
        [0, "span.started", { ...span, name: "ada", kind: "agent" }],
        [6_500, "agent.tool.started", { tool_name: "search", span_id: "c", parent_span_id: "o" }],
      ],
      "ada › search 2.5 s",
    ],
    [[[0, "agent.think", { iteration: 0 }]], "nothing heard for 9.0 s"],
  ];
  for (const [lines, words] of cases) {
    const picture = new RunPicture("r");
    for (const event of runOf(...lines)) picture.add(event);
    assertEquals(nowWords(timelineOf(picture).rows, start + 9_000, start), words);
  }
});

test("nameOf() calls the line of the run by its title, else by its id", () => {
  const names = [{ name: "Refund order 42" }, { name: null }].map((data) => {
    const picture = new RunPicture("r");
    for (const event of runOf([0, "run.started", data])) picture.add(event);
    return nameOf(timelineOf(picture).rows[0]!, picture);
  });
  assertEquals(names, ["Refund order 42", "r"]);
});

test("subjectOf() says why a line failed, on the innermost line that did", () => {
  const picture = new RunPicture("r");
  const tool = { tool_name: "orders", span_id: "t", parent_span_id: "a", arg_keys: ["id"] };
  const error = "ECONNREFUSED 10.0.0.5:5432";
  const events = runOf(
    [0, "span.started", { span_id: "a", parent_span_id: null, name: "support" }],
    [1, "agent.tool.started", tool],
    [2, "agent.tool.completed", { ...tool, success: false, error }],
    [3, "span.completed", { span_id: "a", error }],
  );
  for (const event of events) picture.add(event);
  const rows = timelineOf(picture).rows.filter(({ row }) => row !== null);
  assertEquals(rows.map(subjectOf), ["", error]);
});

test("G4: timelineOf() knows the line that began last, wherever it stands", () => {
  const picture = new RunPicture("r");
  const span = (id: string, parent: string | null) => ({
    span_id: id,
    parent_span_id: parent,
    name: id,
  });
  const events = runOf(
    [0, "span.started", span("a", null)],
    [1, "span.started", span("b", null)],
    [2, "span.started", span("a1", "a")],
  );
  for (const event of events) picture.add(event);
  const { rows, newest } = timelineOf(picture);
  assertEquals(rows.map(({ row }) => row?.kind === "span" ? row.name : "run"), [
    "run",
    "a",
    "a1",
    "b",
  ]);
  assertEquals(newest, 2);
});

test("the time scale grows in steps, and ends with the run", () => {
  assertEquals([500, 1_200, 4_990].map((ms) => reachOf(ms, false)), [1_000, 1_500, 6_000]);
  assertEquals(reachOf(4_321, true), 4_321);
  const window = { from: 0, to: 3_000 };
  const step = stepOf(window, 4);
  assertEquals(ticksOf(new TimeFolds([], 3_000), window, step), [0, 1_000, 2_000, 3_000]);
  const labels: [number, number][] = [[0, 500], [1_500, 500], [90_000, 30_000], [664_500, 500]];
  assertEquals(labels.map(([at, step]) => tickLabel(at, step)), [
    "0 s",
    "1.5 s",
    "1:30",
    "11:04.5",
  ]);
});

test("G8: a wait is folded on the scale, and has no marks in it", () => {
  const scale = new TimeFolds([{ from: 700, to: 660_700 }], 662_000);
  const window = { from: 0, to: scale.reach };
  const ticks = ticksOf(scale, window, stepOf(window, 8));
  assertEquals(ticks.filter((at) => at > 700 && at < 660_700), []);
  assert(ticks.some((at) => at >= 660_700) && ticks.some((at) => at <= 700), `${ticks}`);
  assertEquals([660_000, 11_500, 7_200_000, 90_000_000].map(short), ["11 m", "12 s", "2 h", "1 d"]);
});

test("zoom() keeps the moment under the pointer where it is, and stays inside the run", () => {
  assertEquals(zoom({ from: 0, to: 1_000 }, 0.5, 500, 1_000), { from: 250, to: 750 });
  assertEquals(zoom({ from: 0, to: 1_000 }, 0.5, 0, 1_000), { from: 0, to: 500 });
  assertEquals(zoom({ from: 250, to: 750 }, 4, 500, 1_000), null);
});
