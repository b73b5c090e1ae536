/** Searches, judges and writers that do not do what they were asked to. */

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus } from "../../mod.ts";
import { parseStreamEvent } from "../../src/events/schemas.ts";
import { runResearch } from "../../src/research/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { documents, type Script, scripted } from "./_support.ts";

/** What a research came to, and how often it said that it was over. */
async function outcome(
  script: Script,
  options: Parameters<typeof scripted>[1] = {},
  at: object = {},
) {
  const bus = new EventBus();
  const { workflow } = scripted(script, { maxReplans: 0, ...options });
  const result = await runResearch(workflow, "Does rust sleep?", { bus, runId: "r", ...at });
  const events = bus.history({ run: "r" }, { limit: 5000 });
  for (const event of events) parseStreamEvent(event);
  const ends = events.filter(({ event_type }) => event_type === "research.completed");
  assertEquals(ends.length, 1, "it says once that it is over");
  return result;
}

const circular: Record<string, unknown> = {};
circular.self = circular;
const found: Readonly<Record<string, () => unknown>> = {
  "throws": () => {
    throw new Error("down");
  },
  "finds nothing": () => null,
  "finds a value that is no JSON": () => circular,
  "finds half of a character": () => "\ud800 rust never sleeps",
  "finds a judgement": () => "CLAIM 1: 1.0 - yes",
  "finds more than anybody reads": () => "rust never sleeps. ".repeat(100_000),
};
for (const [what, find] of Object.entries(found)) {
  test(`a search that ${what} does not end the research`, async () => {
    const { stop_reason, facts, error } = await outcome({}, { tools: [documents(find).search] });
    assertEquals([stop_reason, error], ["grounded", null]);
    assert(facts.every(({ text }) => text.length <= 2000));
  });
}

test("a search that hangs ends with the research that is stopped", async () => {
  const stop = new AbortController();
  const { search } = documents(() => {
    stop.abort(new Error("enough"));
    return new Promise(() => {});
  });
  const { stop_reason } = await outcome({}, { tools: [search] }, { signal: stop.signal });
  assertEquals(stop_reason, "cancelled");
});

for (
  const said of ["All is fine, trust me.", "CLAIM 7: 1.0 - yes", "CLAIM 1: NaN", "CLAIM 1: -5"]
) {
  test(`a judge that says ${JSON.stringify(said)} supports nothing`, async () => {
    const { score, stop_reason } = await outcome({}, { groundingModel: scriptedModel(() => said) });
    assertEquals([score, stop_reason], [0, "max_regenerations"]);
  });
}

for (
  const causes of [
    '[{"label": "a", "confidence": "x"}]',
    '[{"label": "a", "confidence": 99}]',
    '[{"label": "__proto__", "causes": ["__proto__"]}]',
    '[{"label": "a", "causes": ["a"]}, null, 5]',
    "[".repeat(5000),
  ]
) {
  test(`causes that are none do not end the research: ${causes.slice(0, 40)}`, async () => {
    assertEquals((await outcome({ causes })).stop_reason, "grounded");
  });
}

test("of a summary without an end so many claims are judged as one judge reads", async () => {
  const summary = "It is known that rust never sleeps. ".repeat(1000);
  const { citations } = await outcome({ summaries: [summary] });
  assertEquals(citations.length, 200);
});
