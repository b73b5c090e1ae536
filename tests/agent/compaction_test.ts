/** Agents whose conversation is compacted: with real runs, threads, and models that refuse. */
import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import fc from "../harness/support/property.ts";
import { Agent, ContextOverflowError, tool } from "../../src/agent/mod.ts";
import { channel, graph, START } from "../../src/graph/mod.ts";
import {
  compaction,
  MemoryCheckpointer,
  slidingWindow,
  summarizing,
} from "../../src/memory/mod.ts";
import type { EventType } from "../../src/events/mod.ts";
import { eventSchemas } from "../../src/events/schemas.ts";
import { foldSpans, openSpans } from "../harness/support/span_tree.ts";
import { type Script, ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { StrictModel } from "../harness/support/strict_model.ts";
import { agentOf, allOnBus, type BusEvent, collect, gate } from "./_support.ts";

const words = (count: number) => "word ".repeat(count).trim();
const tooLong = Object.assign(new Error("prompt is too long"), { statusCode: 400 });
const read = tool<{ words: number }>({
  name: "read",
  parameters: { type: "object", properties: { words: { type: "integer" } }, required: ["words"] },
  execute: ({ words: count }) => words(count),
});
const look = (id: string, count: number): Script => [toolCall(id, "read", { words: count })];
const problemsOf = ({ event_type, data }: BusEvent) =>
  eventSchemas[event_type as EventType].safeParse(data).error?.issues ?? [];
const compactions = (events: readonly BusEvent[]) =>
  events.filter(({ event_type }) => event_type.startsWith("memory.compactor."));

test("A long run is compacted, with a summary of the auxiliary model, and every span ends", async () => {
  const auxiliaryModel = new ScriptedModel(["They read a lot."]);
  const { agent, model } = agentOf([look("1", 300), look("2", 301), look("3", 302), ["done"]], {
    tools: read,
    auxiliaryModel,
    conversationManager: compaction({ contextTokens: 1000, evictAbove: 1000 }),
  });
  const { events, value } = await allOnBus(() => agent.invoke("go"));
  assertEquals(value.message, "done");
  assertEquals(value.state.messages.length, 9);
  const system = model.calls.at(-1)!.prompt.slice(0, 2).map(({ content }) => content);
  assertEquals(system[1], "[Summary of previous conversation (4 messages)]:\nThey read a lot.");
  assertEquals(compactions(events).length, 2);
  assertEquals(events.flatMap(problemsOf), []);
  assertEquals(openSpans(foldSpans(events)), []);
});

test("A summary after a refusal is a call between two attempts, and both of them end", async () => {
  const { agent } = agentOf([["one"], tooLong, ["two"]], {
    auxiliaryModel: new ScriptedModel(["They greeted."]),
    conversationManager: summarizing(),
  });
  const prompt = (["user", "assistant", "user"] as const).map((role) => ({ role, content: "hm" }));
  await agent.invoke(prompt);
  const { events, value } = await allOnBus(() => agent.invoke(prompt));
  assertEquals(value.message, "two");
  assertEquals(openSpans(foldSpans(events)), []);
  assertEquals(compactions(events).map(({ data }) => data.because ?? data.summarized_count), [
    "overflow",
    1,
  ]);
});

test("A compaction ends before the agent that is stopped from outside, and is told once", async () => {
  const stop = new AbortController();
  const summary = gate<string>();
  const { agent } = agentOf([["one"]], {
    conversationManager: summarizing({
      threshold: 2,
      keepRecent: 1,
      summarize: () => {
        stop.abort();
        return summary.promise;
      },
    }),
  });
  const prompt = (["user", "assistant", "user"] as const).map((role) => ({ role, content: "hm" }));
  // A graph that is stopped ends what is in it at once.
  const around = graph({
    state: { n: channel.add() },
    nodes: { a: async (_, { signal }) => void await agent.invoke(prompt, { signal }) },
    edges: { [START]: "a" },
  });
  const { events } = await allOnBus(async () => {
    await around.execute({}, { signal: stop.signal });
    summary.resolve("late");
    await summary.promise;
  });
  const types = events.map(({ event_type }) => event_type);
  const end = types.indexOf("memory.compactor.completed");
  assert(end > 0 && end < types.indexOf("agent.terminate"), types.join(", "));
  assertEquals(compactions(events).length, 2);
  assertEquals(events[end]!.data.messages_after, 4);
  assertEquals(openSpans(foldSpans(events)), []);
});

test("A model that refuses what is left ends the run, and so does what nobody may shorten", async () => {
  const refused = agentOf([tooLong], { conversationManager: compaction() });
  assertInstanceOf((await collect(refused.agent.run("go"))).error, ContextOverflowError);
  const tooMuch = agentOf([], { conversationManager: compaction({ contextTokens: 1000 }) });
  const { events, value: { error } } = await allOnBus(() =>
    collect(tooMuch.agent.run(words(2000)))
  );
  assertInstanceOf(error, ContextOverflowError);
  assertEquals(error.kind, "context_overflow");
  assertEquals(compactions(events).at(-1)!.data.over_budget, true);
  assertEquals(tooMuch.model.calls.length, 0);
});

test("What is summarised once is not summarised again: in the same run, in the next, and after a question", async () => {
  let summaries = 0;
  const conversationManager = compaction({
    contextTokens: 1000,
    evictAbove: 1000,
    summarize: () => `summary ${++summaries}`,
  });
  const checkpointer = new MemoryCheckpointer();
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => interrupt("Sure?") });
  const script = [look("1", 350), look("2", 350), look("3", 10), [toolCall("4", "ask", {})]];
  const given = { tools: [read, ask], checkpointer, conversationManager };
  const { agent } = agentOf(script, given);
  await agent.invoke("go", { threadId: "t" });
  assertEquals(summaries, 1);
  // As in another process: nothing is left but the thread.
  const later = agentOf([["done"], ["again"], ["more"]], given);
  await later.agent.resume("yes", { threadId: "t" });
  await later.agent.invoke("and then?", { threadId: "t" });
  await later.agent.invoke("and then?", { threadId: "t" });
  assertEquals(summaries, 1);
  for (const { prompt } of later.model.calls) {
    assertEquals(
      prompt[1]!.content,
      "[Summary of previous conversation (2 messages)]:\nsummary 1",
    );
  }
});

test("The model reads again what was cut", async () => {
  const { agent, model } = agentOf([
    look("1", 2000),
    look("1", 10),
    [toolCall("2", "read_earlier_result", { number: 0, offset: 8000 })],
    [toolCall("3", "read_earlier_result", { number: 7 })],
    ["done"],
  ], {
    tools: read,
    conversationManager: compaction({ contextTokens: 2200, summarize: false }),
  });
  const { events, value } = await allOnBus(() => agent.invoke("go"));
  const ref = 'read_earlier_result({"number":0})';
  assert(JSON.stringify(model.calls[2]!.prompt).includes(JSON.stringify(ref).slice(1, -1)));
  assertEquals(compactions(events)[1]!.data.evicted, [
    { tool_call_id: "1", name: "read", bytes: 9999, ref },
  ]);
  const [, , again, wrong] = value.tool_executions;
  assertEquals(again!.result?.split("\n")[0], "[up to character 9999 of 9999; this is the end]");
  assertEquals(wrong!.error, "RangeError: There is no earlier result 7");
  // An agent that has nothing to cut has no such tool.
  assertEquals(agentOf([], { conversationManager: compaction() }).agent.tools.length, 0);
});

const turns = fc.array(
  fc.record({
    prompt: fc.integer({ min: 1, max: 60 }),
    rounds: fc.array(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 3 }), {
      maxLength: 5,
    }),
  }),
  { minLength: 1, maxLength: 5 },
);
const managers = fc.constantFrom(
  slidingWindow({ windowSize: 4 }),
  summarizing({ threshold: 6, keepRecent: 2, summarize: () => "S" }),
  summarizing({ threshold: 6, keepRecent: 2, summarize: false }),
  compaction({ contextTokens: 2000, summarize: () => "S" }),
  compaction({ contextTokens: 1000, evictAbove: 50, summarize: false }),
);

test("A provider never gets a conversation that it refuses, and the user's words never go without a word", async () => {
  let shortened = 0;
  await fc.assert(
    fc.asyncProperty(turns, managers, async (turns, conversationManager) => {
      const answers = turns.flatMap(({ rounds }, t) => [
        ...rounds.map((sizes, r) =>
          sizes.map((n, i) => toolCall(`${t}_${r}_${i}`, "read", { words: n }))
        ),
        [{ type: "text" as const, text: `answer ${t}` }],
      ]);
      const model = new StrictModel(() => answers.shift()!);
      const agent = new Agent({
        model,
        tools: read,
        streaming: false,
        checkpointer: new MemoryCheckpointer(),
        conversationManager,
      });
      const { events } = await allOnBus(async () => {
        for (const [t, { prompt }] of turns.entries()) {
          const run = agent.run(`question ${t} ${words(prompt)}`, { threadId: "t" });
          const { error } = await collect(run);
          // What the user said may be more than fits; then the run says so, and nothing was sent.
          if (error !== null) return assertInstanceOf(error, ContextOverflowError);
          const asked = JSON.stringify(model.calls.at(-1)!.prompt);
          assert(asked.includes(`question ${t} `));
          if (conversationManager.cutsResults) assert(asked.includes("question 0 "));
        }
      });
      assertEquals(model.refused, []);
      assertEquals(events.flatMap(problemsOf), []);
      assertEquals(openSpans(foldSpans(events)), []);
      if (events.some(({ event_type }) => /pruned|compactor/.test(event_type))) shortened++;
    }),
    { numRuns: 100 },
  );
  assert(shortened > 25, `${shortened} of 100 were shortened`);
});
