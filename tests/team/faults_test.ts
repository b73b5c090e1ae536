/** What a member can do to its team: one clear end each, nothing left open, nothing left running. */

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Agent } from "../../src/agent/mod.ts";
import { handoffs, orchestrator, type Specialist, specialist } from "../../src/team/mod.ts";
import { scriptedModel, type Turn } from "../../src/testing/mod.ts";
import { foldSpans, openSpans } from "../harness/support/span_tree.ts";
import { assertLeavesNothing } from "../agent/_leftovers.ts";
import { calls, hanging, prompts, says, watched } from "./_support.ts";

/** The ways to call a specialist. */
const ways: Record<string, (one: Specialist, signal?: AbortSignal) => Promise<unknown>> = {
  "called by hand": (one, signal) => one.execute("x", { ...signal && { signal } }),
  "of an orchestrator": (one, signal) =>
    orchestrator({ specialists: [one] }).execute("x", { ...signal && { signal } }),
  "as a tool": (one, signal) => {
    const model = scriptedModel([calls("one"), "Done without it."]);
    return new Agent({ model, tools: [one.asTool()] }).invoke("x", { ...signal && { signal } });
  },
};

for (const [way, call] of Object.entries(ways)) {
  test(`a specialist ${way} that throws has one clear end`, async () => {
    const one = says("one", [new Error("down")]);
    const { events, error } = await watched(() => call(one));
    assertEquals(error, null);
    assertEquals(endsOf(events), ["Error: down"]);
  });

  test(`a specialist ${way} that hangs is ended by its deadline`, async () => {
    const { model, aborted } = hanging();
    const one = specialist({ id: "one", name: "one", model, timeoutMs: 20 });
    const { events, error } = await watched(() => call(one));
    await aborted;
    assertEquals(error, null);
    assertEquals(endsOf(events), ["TimeoutError: Task timed out after 20ms"]);
  });

  test(`a specialist ${way} ends with whoever is aborted`, async () => {
    const { model, asked, aborted } = hanging();
    const one = specialist({ id: "one", name: "one", model });
    const stop = new AbortController();
    void asked.then(() => stop.abort(new Error("enough")));
    const { events } = await watched(() => call(one, stop.signal));
    await aborted;
    const [end, ...more] = endsOf(events);
    assertEquals(more, []);
    assert(/enough|stopped/.test(String(end)), String(end));
  });

  test(`a specialist ${way} leaves nothing behind, however it ends`, async () => {
    const turns: Turn[] = ["fine", new Error("down")];
    let nth = 0;
    const one = says("one", () => turns[nth++ % 2]!, { timeoutMs: 60_000 });
    await assertLeavesNothing(async () => void await call(one), 20);
  });
}

/** The errors that the pairs ended with; the run has to be whole. */
function endsOf(events: Awaited<ReturnType<typeof watched>>["events"]): unknown[] {
  assertEquals(openSpans(foldSpans(events)), []);
  return events.filter(({ event_type }) => event_type === "multiagent.specialist.completed")
    .map(({ data }) => data.error);
}

test("what is no JSON is told to a specialist as text, and is no fault", async () => {
  const model = scriptedModel(["Done."]);
  const one = specialist({ id: "a", name: "a", model });
  const circle: Record<string, unknown> = { size: 3n, names: new Map([["b", 1]]) };
  circle.self = circle;
  const { error } = await one.execute("go", { context: { circle, nothing: undefined } });
  assertEquals(error, null);
  const [prompt] = prompts(model);
  assert(prompt?.includes('"size":"3"') && prompt.includes('"names":{"b":1}'), prompt);
});

test("a carry that throws is a handoff that failed, with nothing left open", async () => {
  const desk = handoffs({
    carry: () => {
      throw new Error("no room");
    },
    agents: [
      { id: "a", name: "a", model: scriptedModel([calls("hand_off_to_b")]) },
      { id: "b", name: "b", model: scriptedModel(["B"]) },
    ],
  });
  const { events, value } = await watched(() => desk.run("a", "go"));
  assertEquals([value.success, value.error], [false, "Error: no room"]);
  assertEquals(openSpans(foldSpans(events)), []);
});
