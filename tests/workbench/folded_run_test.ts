import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { FoldedRun } from "../../workbench/model/folded_run.ts";
import { RunLog } from "../../workbench/model/run_log.ts";
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
