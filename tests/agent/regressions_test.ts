/**
 * What the implementation that this one follows got wrong, in the numbers of its list: the rows that have
 * their proof nowhere else. Where each row is, and which do not concern us, is checked by
 * `regression_rows_test.ts`.
 */

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { EventBus, runContext } from "../../mod.ts";
import { ContentFilterHook, type Hook, ModelRetryHook, tool } from "../../src/agent/mod.ts";
import { handleStream, SseHandler } from "../../src/consumers/mod.ts";
import { eventCatalogue } from "../../src/events/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { decodeFrames } from "../../src/sse/mod.ts";
import { type Script, toolCall } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, gate, onBus, only, outline } from "./_support.ts";

const ADD_ONCE: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]];

test("B6: chunks, completed model calls and their tokens are events, and are on the bus", async () => {
  const { agent } = agentOf([[{ deltas: ["Hel", "lo"] }]], { streaming: "auto" });
  const { events: bus, value: { events } } = await onBus(() => collect(agent.run("go")));
  assertEquals(outline(events).slice(0, 4), [
    "model_chunk",
    "model_chunk",
    "model_chunk",
    "model_complete",
  ]);
  assertEquals(bus.map(({ event_type }) => event_type).slice(0, 5), [
    "agent.model.chunk",
    "agent.model.chunk",
    "agent.model.chunk",
    "agent.model.completed",
    "agent.tokens.used",
  ]);
});

test("B19: runs of one agent share no flag, no counter and no question", async () => {
  const { promise: written, resolve: wrote } = gate();
  const { promise: waiting, resolve: goOn } = gate();
  const write = tool({
    name: "write_file",
    execute: async () => {
      wrote();
      await waiting;
      return "written";
    },
  });
  // Each call answers by what its run was asked, and what it has done.
  const answer: Script = ({ prompt }) => {
    const said = JSON.stringify(prompt);
    return said.includes("please write") && !said.includes("tool-result")
      ? [toolCall("c1", "write_file", {})]
      : [toolCall("c2", "task_complete", { summary: "s" })];
  };
  const { agent } = agentOf([answer, answer, answer, answer, answer], {
    tools: write,
    completionMode: "explicit",
    maxIterations: 2,
  });
  const writer = agent.invoke("please write");
  await written;
  // The other run has written nothing, so it may say that it is done; what it has checked is its own.
  assertEquals((await agent.invoke("please read")).stop_reason, "terminal_tool");
  goOn();
  const { tool_executions, stop_reason } = await writer;
  assertEquals([tool_executions[0]!.result, stop_reason], ["written", "max_iterations"]);
  assertStringIncludes(tool_executions[1]!.result!, "BLOCKED");

  const retrying = agentOf(Array.from({ length: 5 }, () => [""]), {
    hooks: [new ModelRetryHook({ maxRetries: 1, initialDelay: 0 })],
  });
  await Promise.all([retrying.agent.invoke("a"), retrying.agent.invoke("b")]);
  // One retry each: neither uses up the other's.
  assertEquals(retrying.model.calls.length, 4);
});

test("B22: interrupt() inside a tool pauses the run", async () => {
  const asks = tool({ name: "add", execute: (_, { interrupt }) => interrupt("ok?") });
  const { events, error } = await collect(agentOf(ASK_ONCE, { tools: asks }).agent.run("go"));
  assertEquals([events.at(-1)!.event_type, all(events, "tool_complete"), error], [
    "interrupt",
    [],
    null,
  ]);
});

const ASK_ONCE: Script[] = [[toolCall("c1", "add", {})], ["done"]];

test("B24: text that looks like a call is text", async () => {
  let bodies = 0;
  const add = { ...addTool(), execute: () => ++bodies };
  const text = 'I would call add(a=1, b=2), or <tool_call>{"name":"add"}</tool_call>.';
  const { events } = await collect(agentOf([[text]], { tools: add }).agent.run("go"));
  assertEquals([only(events, "terminate").final_message, bodies], [text, 0]);
});

test("B28: literals, choices and what may be null reach the model as they are", async () => {
  const paint = tool({
    name: "paint",
    parameters: z.object({
      color: z.enum(["red", "blue"]),
      unit: z.literal("mm"),
      note: z.string().nullable(),
    }),
    execute: () => "painted",
  });
  const { agent, model } = agentOf([["hi"]], { tools: paint });
  await agent.invoke("go");
  const [told] = model.calls[0]!.tools!;
  assert(told?.type === "function");
  const { color, unit, note } = told.inputSchema.properties as Record<string, object>;
  assertEquals(color, { type: "string", enum: ["red", "blue"] });
  assertEquals(unit, { type: "string", const: "mm" });
  assertEquals(note, { type: ["string", "null"] });
});

test("B34: usage has the names of both conventions, and always a total", async () => {
  const { events: bus, value } = await onBus(() => collect(agentOf([["hi"]]).agent.run("go")));
  assertEquals(only(value.events, "model_complete").usage, {
    input_tokens: 5,
    output_tokens: 3,
    prompt_tokens: 5,
    completion_tokens: 3,
    total_tokens: 8,
  });
  const used = bus.find(({ event_type }) => event_type === "agent.tokens.used");
  assertEquals(used!.data, { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 });
});

test("B35: turns count from 0, in events, hooks and tools; what was used is a number", async () => {
  const seen: number[] = [];
  const note = (iteration: number) => void seen.push(iteration);
  const look = tool({ name: "add", execute: (_, { iteration }) => note(iteration) });
  const { agent } = agentOf(ASK_ONCE, {
    tools: look,
    reflexion: true,
    hooks: [{ onIterationStart: note, onIterationEnd: note }],
  });
  const { events } = await collect(agent.run("go"));
  assertEquals(seen, [0, 0, 0, 1, 1]);
  assertEquals(all(events, "think").map(({ iteration }) => iteration), [0, 1]);
  assertEquals(only(events, "reflect").iteration, 0);
  assertEquals(only(events, "terminate").iterations_used, 2);
});

test("B36: reasons are codes, for a program to compare", async () => {
  const reason = async (script: Script[], options = {}, signal?: AbortSignal) => {
    const { events } = await collect(agentOf(script, options).agent.run("go", { signal }));
    return only(events, "terminate").reason;
  };
  assertEquals(
    [
      await reason([["hi"]]),
      await reason([["hi"]], {}, AbortSignal.abort("any reason")),
      await reason([new Error("down")]),
      await reason(ADD_ONCE, { tools: addTool(), tokenBudget: 1 }),
    ],
    ["complete", "cancelled", "error", "token_budget"],
  );
});

test("B38: invoke() within a run is on the bus as run() is, however deep", async () => {
  const types = async (work: () => Promise<unknown>) =>
    (await onBus(work)).events.map(({ event_type }) => event_type);
  const make = () => agentOf(ADD_ONCE, { tools: addTool() }).agent;
  const expected = await types(() => collect(make().run("go")));
  const deep = async () => {
    await null;
    return await Promise.all([make().invoke("go")]);
  };
  assertEquals(await types(deep), expected);
  assert(expected.includes("agent.terminate"));
});

test("B39: what the result and the options declare is set, and heeded", async () => {
  const CLAIM = "The harbour of Oslo opens at six.";
  const look = tool({
    name: "add",
    execute: (_, { getMetadata }) => `tenant ${getMetadata("tenant", "none")}`,
  });
  const judge = agentOf([["CLAIM 1: 0.9 - it does"]]).model;
  const { agent } = agentOf([[toolCall("c1", "add", {})], [CLAIM]], {
    tools: look,
    metadata: { tenant: "acme" },
    reflexion: true,
    grounding: { model: judge },
  });
  const { metrics, state, ...result } = await agent.invoke("go");
  assertEquals([metrics.reflexion_evaluations, metrics.grounding_evaluations], [1, 1]);
  assertEquals([result.grounding_score, result.ungrounded_claims, result.error], [0.9, [], null]);
  assertEquals(state.reasoning_steps[0]!.confidence_delta, 0.15);
  assertEquals(state.tool_executions[0]!.result, "tenant acme");

  const strict = agentOf([[toolCall("c1", "add", {})], [CLAIM]], {
    tools: look,
    gsar: {
      judge: () => ({
        claims: [{ claim: CLAIM, verdict: "contradicted", evidence_type: "tool_match" }],
      }),
      failOnLowScore: true,
    },
  });
  const refused = await strict.agent.invoke("go", { throwOnError: false });
  assertEquals([refused.gsar_score, refused.gsar_decision, refused.success], [0, "replan", false]);

  const failed = agentOf([new Error("down")]).agent;
  assertEquals((await failed.invoke("go", { throwOnError: false })).error, "Error: down");
  const short = new ContentFilterHook({ maxOutputLength: 5 });
  const { message } = await agentOf([["far too long"]], { hooks: [short] }).agent.invoke("go");
  assert(!message.includes("far too long"));
});

test("B46: a run publishes nothing that the catalogue does not have", async () => {
  const { agent } = agentOf([
    [toolCall("c1", "add", { a: 1, b: 2 })],
    [toolCall("c2", "add", { a: 2, b: 2 })],
    ["done"],
  ], {
    tools: addTool(),
    reflexion: true,
    checkpointer: new MemoryCheckpointer(),
    checkpointEveryNIterations: 1,
    hooks: [new ModelRetryHook()],
  });
  const { events } = await onBus(() => agent.invoke("go", { threadId: "t" }));
  assertEquals(events.filter(({ event_type }) => !(event_type in eventCatalogue)), []);
  assert(events.some(({ event_type }) => event_type === "memory.checkpoint.saved"));
});

test("B49: cancelling stops what is under way, and is no success", async () => {
  const { promise: started, resolve } = gate();
  const ends: boolean[] = [];
  const hook: Hook = { onAfterInvocation: (_, success) => void ends.push(success) };
  const stuck: Script = () => {
    resolve();
    return new Promise(() => {});
  };
  const { agent } = agentOf([stuck], { hooks: [hook] });
  const run = agent.invoke("go");
  await started;
  agent.cancel();
  const { stop_reason, success } = await run;
  assertEquals([stop_reason, success, ends], ["cancelled", false, [false]]);
});

test("B50: the stream of a run tells of its question", async () => {
  const asks = tool({ name: "add", execute: (_, { interrupt }) => interrupt("ok?") });
  const handler = new SseHandler();
  await runContext(
    { bus: new EventBus() },
    () => handleStream(agentOf(ASK_ONCE, { tools: asks }).agent.run("go"), handler),
  );
  const names: string[] = [];
  for await (const { event } of handler.readable.pipeThrough(decodeFrames())) names.push(event);
  assertEquals(names.slice(-2), ["interrupt", "done"]);
});
