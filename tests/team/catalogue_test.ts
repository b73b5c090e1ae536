/** Every event of the catalogue that begins with `multiagent.` comes from a real run, with all its keys. */

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { eventCatalogue, type EventType } from "../../src/events/mod.ts";
import { eventSchemas } from "../../src/events/schemas.ts";
import { channel, END, graph, START } from "../../src/graph/mod.ts";
import { handoffs, orchestrator } from "../../src/team/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { expectedCatalogue, extrasOf } from "../events/expected_catalogue.ts";
import { says, watched } from "./_support.ts";

const work = async () => {
  await orchestrator({ specialists: [says("a", ["A."])], model: scriptedModel(["a", "c", "s"]) })
    .execute("x");
  const desk = handoffs({
    agents: ["a", "b"].map((name) => ({ name, model: scriptedModel(["b"]) })),
  });
  await desk.execute("a", "b", { task: "x", findings: { disk: "full" } });
  const one = graph({
    state: { n: channel(0) },
    nodes: { a: () => ({ n: 1 }) },
    edges: { [START]: "a", a: END },
  });
  await one.execute({});
};

/** What only some emitters know. */
const NOT_HERE: Readonly<Record<string, string[]>> = {
  "multiagent.graph.node.routed": ["candidates"],
};

test("each multiagent event of the catalogue is said by a run, with all keys and as its schema says", async () => {
  const { events, error } = await watched(work);
  assertEquals(error, null);
  const wanted = (Object.keys(eventCatalogue) as EventType[]).filter((type) =>
    type.startsWith("multiagent.")
  );
  assertEquals(wanted.length, 11);
  for (const type of wanted) {
    const found = events.filter(({ event_type }) => event_type === type);
    assertEquals(found.length > 0, true, `nobody says ${type}`);
    for (const { data } of found) {
      eventSchemas[type].parse(data);
      const keys = Object.keys({ ...expectedCatalogue[type], ...extrasOf(type) });
      const missing = keys.filter((key) => !(key in data) && !NOT_HERE[type]?.includes(key));
      assertEquals(missing, [], type);
      assertEquals(Object.keys(data).filter((key) => !keys.includes(key)), [], type);
    }
  }
});
