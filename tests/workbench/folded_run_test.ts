import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { FoldedRun } from "../../workbench/model/folded_run.ts";
import { RunLog } from "../../workbench/model/run_log.ts";
import { timelineOf } from "../../workbench/model/timeline_rows.ts";
import { type Line, scriptRun } from "./_script.ts";

test("FoldedRun comes to any place, forwards and backwards, in as many pieces as it takes", () => {
  const lines = Array.from({ length: 3_000 }, (_, i): Line => [
    i,
    "agent.tool.started",
    { tool_name: `tool${i}`, span_id: `s${i}`, arg_keys: [] },
  ]);
  const { runId, events } = scriptRun("r", 0, lines);
  const log = new RunLog(runId);
  log.fill({ run_id: runId, closed: true, cursor: events.at(-1)!.event_id, events });
  const folded = new FoldedRun(log);
  for (const place of [3_000, 2_999, 2_998, 2_500, 1, 0, 1_234, 3_000, 17]) {
    for (let calls = 1;; calls++) {
      folded.at(place);
      // The lines are made in pieces as well.
      if (folded.timeline.rows.length === place + 1 && !folded.isBehind && !folded.isStale) break;
      assert(calls < 100, `${place} is never reached`);
    }
    // The line of the run is one of them, and each event has one.
    assertEquals(folded.timeline.rows.length, place + 1);
    const isOver = folded.timeline.rows.at(-1)!.row?.state;
    assertEquals(isOver, place === 0 ? undefined : place === 3_000 ? "lost" : "running");
  }
});

test("lines and costs that are made in pieces while more arrives are those of all of it in the end", () => {
  const lines = Array.from({ length: 4_000 }, (_, i): Line => {
    const id = `s${i - i % 3}`;
    if (i % 3 === 0) {
      return [i, "span.started", { span_id: id, parent_span_id: null, name: "gpt", kind: "model" }];
    }
    return i % 3 === 1
      ? [i, "agent.tokens.used", {
        span_id: id,
        prompt_tokens: 2,
        completion_tokens: 1,
        total_tokens: 3,
      }]
      : [i, "agent.tool.started", { tool_name: "search", span_id: `t${i}`, parent_span_id: id }];
  });
  const { runId, events } = scriptRun("r", 0, lines);
  const log = new RunLog(runId);
  const folded = new FoldedRun(log);
  const { now } = performance;
  let clock = 0;
  // Each look at the clock says that the time is over: every call does one piece.
  performance.now = () => clock += 1_000;
  let hasWaited = false;
  const draw = () => {
    const picture = folded.at(log.events.length);
    const { rows } = folded.timeline;
    const { spent } = folded.measure({ startedAt: 0, endsAt: 4_000, heardAt: null }, null);
    hasWaited ||= folded.isStale;
    return { picture, rows, spent };
  };
  try {
    for (let from = 0; from < events.length; from += 200) {
      const part = events.slice(from, from + 200);
      log.fill({ run_id: runId, closed: false, cursor: part.at(-1)!.event_id, events: part });
      draw();
    }
    let calls = 0;
    while (draw() && (folded.isBehind || folded.isStale)) assert(++calls < 1_000, "it never ends");
    const { picture, rows, spent } = draw();
    assert(hasWaited);
    const whole = timelineOf(picture, folded.folding, folded.mayFold);
    assertEquals(rows.map(({ row }) => row?.key), whole.rows.map(({ row }) => row?.key));
    assertEquals([...spent.values()].reduce((sum, { tokens }) => sum + tokens, 0), 3 * 1_333);
  } finally {
    performance.now = now;
  }
});
