import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus, withRun } from "../../mod.ts";
import { createPlannerModel } from "../../examples/demo/planner_model.ts";
import { createTeam } from "../../examples/demo/team_desk.ts";
import { foldSpans, openSpans } from "../harness/support/span_tree.ts";
import { withFolder } from "./_folder.ts";

test("the team of the demo answers from the code and the documentation, and all of it is in one run", async () => {
  const files = {
    "src/gap.ts": "/** Counts what was lost. */\nexport const gap = 1;\n",
    "docs/gaps.md": "# Gaps\n\nA gap says how many events were lost.\n",
  };
  await withFolder(files, async (root) => {
    const team = await createTeam(createPlannerModel(), root, 0);
    const bus = new EventBus({ historyPerRun: 5000 });
    const { text, protocol_id } = await withRun(
      { runId: "r", bus },
      () => team.dispatch("Where is gap in the code?"),
    );
    assertEquals(protocol_id, "repository_team");
    assert(text.includes("src/gap.ts"), text);
    assert(text.includes("[k1] docs/gaps.md, at 0: Gaps"), text);
    const events = bus.history({ run: "r" }, { limit: 5000 }).toReversed();
    const types = new Set(events.map(({ event_type }) => event_type));
    for (
      const type of [
        "router.protocol.selected",
        "multiagent.graph.node.completed",
        "multiagent.specialist.completed",
        "rag.query.completed",
        "agent.tool.completed",
      ] as const
    ) assert(types.has(type), type);
    // The demo's own events name the call of a tool, not its span.
    const ours = events.filter(({ event_type }) => !event_type.startsWith("demo."));
    assertEquals(openSpans(foldSpans(ours)), []);
  });
});
