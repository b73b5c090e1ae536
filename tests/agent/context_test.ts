import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { currentRunId, emit, EventBus, type Run, runContext, withSpan } from "../../mod.ts";
import { Agent, ModelRetryHook, tool } from "../../src/agent/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { firstEdition, isOfFirstEdition } from "../harness/support/first_edition.ts";
import { addTool, agentOf, allOnBus, collect, gate, onBus, outline } from "./_support.ts";

/** A tool that emits before and after it waits, and an agent that calls it. */
function emittingAgent() {
  const runs: (string | undefined)[] = [];
  const speak = tool({
    name: "speak",
    execute: async () => {
      emit("shop.before", {});
      await Promise.resolve();
      emit("shop.after", {});
      runs.push(currentRunId());
    },
  });
  return { ...agentOf([[toolCall("c1", "speak", {})], ["done"]], { tools: speak }), runs };
}

test("What a tool emits lands in the run, between its start and its completion", async () => {
  const { agent } = emittingAgent();
  const { events } = await onBus(() => agent.invoke("go"));
  assertEquals(events.map(({ event_type }) => event_type).slice(3, 7), [
    "agent.tool.started",
    "shop.before",
    "shop.after",
    "agent.tool.completed",
  ]);
});

test("A span inside a tool is part of the tool's call, also in an agent that is a tool", async () => {
  const work = tool({ name: "work", execute: () => withSpan("fetch", () => "ok") });
  const { agent: helper } = agentOf([[toolCall("inner", "work", {})], ["4"]], {
    tools: work,
    agentId: "helper",
  });
  const { agent } = agentOf([[toolCall("outer", "helper", { prompt: "?" })], ["done"]], {
    tools: helper.asTool(),
  });
  const { events } = await allOnBus(() => agent.invoke("go"));
  const inner = events.find(({ data }) => data.name === "fetch")!;
  const names: unknown[] = [];
  for (let at = inner.data; at.parent_span_id !== null;) {
    at = events.find(({ event_type, data }) =>
      event_type.endsWith(".started") && (data.tool_span_id ?? data.span_id) === at.parent_span_id
    )!.data;
    names.push(at.name ?? at.tool_name);
  }
  assertEquals(names, ["work", "helper", "helper", "agent"]);
});

test("A run belongs to the context of its call, wherever its events are read", async () => {
  const { agent, runs } = emittingAgent();
  const bus = new EventBus();
  const run = runContext({ runId: "caller", bus }, () => agent.run("go"));
  const seen: (string | undefined)[] = [];
  await runContext({ runId: "reader", bus }, async () => {
    for await (const _ of run) seen.push(currentRunId());
  });

  assertEquals(runs, ["caller"]);
  assertEquals(seen, Array(7).fill("reader"));
  assertEquals(bus.stats().history_runs, 1);
});

test("Agent events reach the bus before the consumer gets them", async () => {
  const bus = new EventBus();
  const seen: [string, number][] = [];
  await runContext({ runId: "r", bus }, async () => {
    const { agent } = agentOf([["hi"]]);
    for await (const { event_type } of agent.run("go")) {
      seen.push([event_type, firstEdition(bus.history({ run: "r" })).length]);
    }
  });
  assertEquals(seen, [["model_complete", 2], ["think", 3], ["terminate", 4]]);
});

test("Agent.run() publishes to the run that it is given, tools included", async () => {
  const bus = new EventBus();
  const run = runContext({ runId: "given", bus }, (run: Run) => run);
  const { agent, runs } = emittingAgent();
  const { events: elsewhere } = await onBus(() => agent.invoke("go", { run }));
  bus.closeStream("given");
  const types: string[] = [];
  for await (const event of bus.subscribe("given")) {
    if (isOfFirstEdition(event)) types.push(event.event_type);
  }

  assertEquals(elsewhere, []);
  assertEquals(runs, ["given"]);
  assertEquals(types.includes("shop.after" as string), true);
  assertEquals(types.at(-1), "agent.terminate");
});

test("Agent.run() publishes nothing where run is null", async () => {
  const { agent } = agentOf([["hi"]]);
  const { events } = await onBus(() => agent.invoke("go", { run: null }));
  assertEquals(events, []);
});

test("Asking for several events at once gets them in order, all in the run's context", async () => {
  const seen: (string | undefined)[] = [];
  const look = (answer: Script): Script => () => {
    seen.push(currentRunId());
    return answer;
  };
  const call = (id: string): Script => look([toolCall(id, "add", { a: 1, b: seen.length })]);
  const { agent } = agentOf([call("c1"), call("c2"), look(["done"])], { tools: addTool() });
  const run = runContext({ runId: "r", bus: new EventBus() }, () => agent.run("go"));
  const results = await runContext(
    { runId: "other", bus: new EventBus() },
    () => Promise.all(Array.from({ length: 13 }, () => run.next())),
  );
  assertEquals(outline(results.flatMap(({ value }) => value ?? [])), [
    "model_complete",
    "think",
    "tool_start c1",
    "tool_complete c1",
    "model_complete",
    "think",
    "tool_start c2",
    "tool_complete c2",
    "model_complete",
    "think",
    "terminate",
  ]);
  assertEquals(seen, ["r", "r", "r"]);
});

test("Asking for several events at once does not let a tool overtake what led to it", async () => {
  const { agent } = emittingAgent();
  const { events } = await onBus(() => {
    const run = agent.run("go");
    return Promise.all(Array.from({ length: 9 }, () => run.next()));
  });
  assertEquals(events.map(({ event_type }) => event_type).slice(2, 7), [
    "agent.think",
    "agent.tool.started",
    "shop.before",
    "shop.after",
    "agent.tool.completed",
  ]);
});

test("A thousand runs of one agent, interleaved, never mix", async () => {
  // Each run adds up its own numbers, and its tools look up which run they are in.
  const script: Script = async ({ prompt }) => {
    const n = Number(questionOf(prompt));
    for (let i = n % 7; i > 0; i--) await Promise.resolve();
    const turn = (prompt.length - 2) / 2;
    return turn < 2 ? [toolCall(`${n}-${turn}`, "add", { a: n, b: turn })] : [`${n} is done`];
  };
  const model = new ScriptedModel(...Array<Script>(3000).fill(script));
  const wrong: unknown[] = [];
  const add = {
    ...addTool(),
    execute: async ({ a, b }: { a: number; b: number }) => {
      for (let i = a % 5; i > 0; i--) await Promise.resolve();
      if (currentRunId() !== `run-${a}`) wrong.push([a, currentRunId()]);
      return a + b;
    },
  };
  const agent = new Agent({ model, tools: add, streaming: false });
  const bus = new EventBus({ maxRunsRetained: 2000 });
  const runs = Array.from(
    { length: 1000 },
    (_, n) => runContext({ runId: `run-${n}`, bus }, () => agent.run(String(n))),
  );

  const ids = new Set<string>();
  await Promise.all(runs.map(async (run, n) => {
    const { events } = await collect(run);
    const { message, metrics, messages } = run.result!;
    ids.add(run.runId);
    if (message !== `${n} is done` || metrics.total_tokens !== 24 || events.length !== 11) {
      wrong.push([n, message, metrics, events.length]);
    }
    const told = messages.filter(({ role }) => role === "tool").map(({ content }) => content);
    if (told.join() !== `${n},${n + 1}`) wrong.push([n, told]);
    bus.closeStream(`run-${n}`);
    let published = 0;
    for await (const event of bus.subscribe(`run-${n}`)) {
      if (isOfFirstEdition(event)) published++;
      if (event.event_type === "agent.terminate" && event.data.final_message_preview !== message) {
        wrong.push([n, event.data]);
      }
    }
    if (published !== 14) wrong.push([n, published]);
  }));
  assertEquals(wrong, []);
  assertEquals(ids.size, 1000);
});

function questionOf(prompt: LanguageModelV4Prompt): string | undefined {
  const message = prompt.find(({ role }) => role === "user");
  const part = message?.role === "user" ? message.content[0] : undefined;
  return part?.type === "text" ? part.text : undefined;
}

test("Runs of one agent share no flag, no counter and no question", async () => {
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
