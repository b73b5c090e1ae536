/** How deep, how many, how much: counted for the run, so that nesting escapes nothing. */

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { StreamEvent } from "../../mod.ts";
import { Agent } from "../../src/agent/mod.ts";
import { orchestrator, type Specialist, specialist } from "../../src/team/mod.ts";
import { scriptedModel, type Turn } from "../../src/testing/mod.ts";
import { branchesOf, type PictureBranch, RunPicture } from "../../src/view/mod.ts";
import { allSpans, foldSpans, openSpans } from "../harness/support/span_tree.ts";
import { calls, prompts, says, watched } from "./_support.ts";

/** A specialist that has one below it, and so on; the innermost says `text`. */
function chain(depth: number, text: Turn): Specialist {
  if (depth === 1) return says("d1", [text]);
  const tools = [chain(depth - 1, text).asTool()];
  return says(`d${depth}`, [calls(`d${depth - 1}`), "ok"], { tools });
}

/** How many bytes the events of a run have, but for what differs from run to run. */
async function bytesOf(work: () => Promise<unknown>): Promise<number> {
  const { events } = await watched(work);
  assertEquals(openSpans(foldSpans(events)), []);
  const text = JSON.stringify(events.map(({ event_type, data }) => [event_type, data]));
  return text.replace(/"(\w+_ms|span_id|\w+_span_id)":("[^"]*"|[\d.e-]+)/g, '"$1":0')
    .length;
}

test("a run's bytes grow with its text, and not with how deep it is said", async () => {
  const text = (words: number) => ({
    text: Array.from({ length: words }, (_, i) => `word${i % 10} `),
  });
  const grown: number[] = [];
  for (const depth of [1, 2, 3, 4]) {
    const few = await bytesOf(() => chain(depth, text(1000)).execute("x"));
    const many = await bytesOf(() => chain(depth, text(2000)).execute("x"));
    grown.push(many - few);
  }
  // How chunks are put together depends on how busy the machine is: an event more or less.
  const [least, most] = [Math.min(...grown), Math.max(...grown)];
  assert(most < 1.1 * least, `bytes for 1,000 words more, by depth: ${grown}`);
});

test("a specialist can be watched word by word at any depth, each word once, where it is said", async () => {
  const { events } = await watched(() => chain(4, { text: ["a ", "b ", "c"] }).execute("x"));
  const spans = allSpans(foldSpans(events));
  const said = spans.filter(({ text }) => text !== "").map(({ text }) => text);
  assertEquals(said, ["a b c", "ok", "ok", "ok"]);
  const innermost = spans.find(({ kind, name }) => kind === "agent" && name === "d1")!;
  assertEquals(innermost.children.map(({ text }) => text), ["a b c"]);
});

test("cumulative snapshots would grow with the square of the text: deltas do not", async () => {
  const words = Array.from({ length: 400 }, (_, i) => `word${i % 10} `);
  const { events } = await watched(() => chain(3, { text: words }).execute("x"));
  const chunks = events.filter(({ event_type }) => event_type === "agent.model.chunk");
  const said = chunks.map(({ data }) => String(data.text ?? data.content_preview));
  const deltas = said.join("").length;
  // What a producer would send that repeats all that was said so far, at each of three levels.
  const snapshots = 3 * said.reduce((sum, _, i) => sum + said.slice(0, i + 1).join("").length, 0);
  assert(deltas < words.join("").length + 50, `${deltas} characters in deltas`);
  assert(snapshots > 20 * deltas, `${snapshots} characters in snapshots, ${deltas} in deltas`);
});

test("a reader chooses how deep it looks, and into whom", async () => {
  const { events } = await watched(() => chain(4, "deep").execute("x"));
  const picture = new RunPicture("r1");
  for (const event of events) picture.add(event as StreamEvent);
  const names = (branches: readonly PictureBranch[]): unknown[] =>
    branches.flatMap(({ row, children, hidden }) =>
      row.kind !== "span"
        ? []
        : [[row.name, ...names(children), ...hidden > 0 ? [`+${hidden}`] : []]]
    );
  const [top] = names(branchesOf(picture.rows, { depth: 2 })) as [unknown[]];
  assertEquals([top![0], (top![1] as unknown[])[0]], ["d4", "d4"]);
  assert(String((top![1] as unknown[]).at(-1)).startsWith("+"));
  const spans = allSpans(foldSpans(events));
  const innermost = spans.find(({ kind, name }) => kind === "specialist" && name === "d1")!;
  assertEquals(names(branchesOf(picture.rows, { under: innermost.id! })), [["d1"]]);
  assertEquals(branchesOf(picture.rows, { under: "nobody" }), []);
});

test("max_depth: 8 unless said; who is above is told", async () => {
  const nine = await watched(() => chain(9, "deep").execute("x"));
  assertEquals(nine.value.output, "ok");
  const refused = nine.events.filter(({ data }) => data.error === "max_depth");
  assertEquals(refused.map(({ data }) => data.specialist_id), ["d1"]);

  const model = scriptedModel([calls("inner"), "I did it myself."]);
  const outer = specialist({
    id: "outer",
    name: "outer",
    model,
    tools: [says("inner", ["no"]).asTool()],
  });
  const team = orchestrator({ specialists: [outer], maxDepth: 1 });
  assertEquals((await team.execute("x")).specialist_results.outer?.output, "I did it myself.");
  assert(prompts(model)[1]!.includes("max_depth: agents may not call each other any deeper"));
});

test("max_depth can be raised where the team begins", async () => {
  const team = orchestrator({ specialists: [chain(9, "deep")], maxDepth: 9 });
  const { events } = await watched(() => team.execute("x"));
  assertEquals(events.filter(({ data }) => data.error === "max_depth"), []);
});

test("max_agents: 100 a run unless said, however often agents are called anew", async () => {
  const one = says("one", () => "ok");
  const errors: (string | null)[] = [];
  await watched(async () => {
    for (let i = 0; i < 102; i++) errors.push((await one.execute("x")).error);
  });
  assertEquals(errors.slice(98), [null, null, "max_agents", "max_agents"]);
  // Runs do not count for each other.
  assertEquals((await watched(() => one.execute("x"))).value.error, null);
});

test("max_agents of an orchestrator counts what is below its specialists, too", async () => {
  const tools = [says("inner", () => "ok").asTool()];
  const outer = says("outer", [calls("inner"), calls("inner"), "done"], { tools });
  const team = orchestrator({ specialists: [outer], maxAgents: 2 });
  const { events, value } = await watched(() => team.execute("x"));
  assertEquals(value.specialist_results.outer?.output, "done");
  assertEquals(events.filter(({ data }) => data.error === "max_agents").length, 1);
});

test("budget: one for all, counted while they work", async () => {
  const usage = { inputTokens: 50, outputTokens: 50 };
  const inner = says("inner", () => ({ text: "ok", usage }));
  const lead = says("lead", [
    { ...calls("inner") as object, usage },
    { ...calls("inner") as object, usage },
    { text: "never", usage },
  ], { tools: [inner.asTool()] });
  const team = orchestrator({ specialists: [lead], tokenBudget: 300 });
  const { events, value } = await watched(() => team.execute("x"));
  // 100 of the lead, 100 of the one below, 100 of the lead: then no more.
  assertEquals(value.specialist_results.lead?.error, "budget");
  const inners = events.filter(({ event_type, data }) =>
    event_type === "multiagent.specialist.completed" && data.specialist_id === "inner"
  );
  assertEquals(inners.map(({ data }) => data.error), [null, "budget"]);
});

test("maxParallelSpecialists holds for tools by the agent's own maxConcurrency", async () => {
  let [working, most] = [0, 0];
  const one = says("one", async () => {
    most = Math.max(most, ++working);
    for (let i = 0; i < 50; i++) await Promise.resolve();
    working--;
    return "ok";
  });
  const toolCalls = ["a", "b", "c"].map((prompt) => ({ toolName: "one", input: { prompt } }));
  const model = scriptedModel([{ toolCalls }, "done"]);
  await new Agent({ model, tools: [one.asTool()], maxConcurrency: 2 }).invoke("x");
  assertEquals(most, 2);
});
