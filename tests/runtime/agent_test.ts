/** One agent run on every runtime; the run is handed in, so that it also works where nothing carries context. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { z } from "zod";
import { EventBus, runContext, withSpan } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { firstEdition } from "../harness/support/first_edition.ts";
import { readAll } from "../harness/support/read.ts";
import { requires } from "../harness/support/requires.ts";
import { ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { foldSpans, openSpans, outlineOf } from "../harness/support/span_tree.ts";

const add = tool({
  name: "add",
  description: "Adds two numbers.",
  parameters: z.object({ a: z.int(), b: z.int() }),
  execute: ({ a, b }) => a + b,
});

function makeAgent(): Agent {
  const model = new ScriptedModel(
    [toolCall("c1", "add", { a: 1, b: 2 }), toolCall("c2", "add", { a: 3, b: 4 })],
    [{ deltas: ["3 ", "and 7"] }],
  );
  return new Agent({ model, tools: [add] });
}

test("An agent calls its tools and answers, in typed events", async () => {
  const seen: string[] = [];
  for await (const event of makeAgent().run("Add")) {
    if (event.event_type === "tool_complete") seen.push(`tool ${event.result}`);
    if (event.event_type === "model_chunk" && event.content !== null) seen.push(event.content);
    if (event.event_type === "terminate") seen.push(event.reason);
  }
  assertEquals(seen, ["tool 3", "tool 7", "3 ", "and 7", "complete"]);
});

test("An agent's run appears on the bus of the run that it is given", async () => {
  const bus = new EventBus();
  const run = runContext({ runId: "r", bus }, (run) => run);
  for await (const _ of makeAgent().run("Add", { run }));
  bus.closeStream("r");
  const events = firstEdition(await readAll(bus.subscribe("r")));
  const types = events.map((event) => event.event_type);
  assertEquals(types, [
    "agent.model.chunk",
    "agent.model.chunk",
    "agent.model.chunk",
    "agent.model.completed",
    "agent.tokens.used",
    "agent.think",
    "agent.tool.started",
    "agent.tool.started",
    "agent.tool.completed",
    "agent.tool.completed",
    "agent.model.chunk",
    "agent.model.chunk",
    "agent.model.chunk",
    "agent.model.completed",
    "agent.tokens.used",
    "agent.think",
    "agent.terminate",
  ]);
});

test("An agent in an agent is where it was called, by the handles alone", async () => {
  const bus = new EventBus();
  const run = runContext({ runId: "r", bus }, (run) => run);
  const helper = new Agent({ model: new ScriptedModel(["4"]), agentId: "helper" });
  const fetchIt = tool({
    name: "fetch",
    execute: (_, { run }) => withSpan("request", { run }, () => Promise.resolve("ok")),
  });
  const agent = new Agent({
    model: new ScriptedModel(
      [toolCall("call_0", "helper", { prompt: "?" }), toolCall("call_1", "fetch", {})],
      ["done"],
    ),
    tools: [helper.asTool(), fetchIt],
    agentId: "boss",
  });
  await withSpan("work", { run }, (span) => agent.invoke("go", { run: span!.run }));
  bus.closeStream("r");
  const tree = foldSpans(await readAll(bus.subscribe("r")));
  assertEquals(openSpans(tree), []);
  const model = "model scripted";
  assertEquals(outlineOf(tree), ["run run", ["work work", [
    "agent boss",
    model,
    ["tool helper", ["agent helper", model]],
    ["tool fetch", "work request"],
    model,
  ]]]);
});

test(
  "An agent's run belongs to the run it is called in, whoever reads its events",
  await requires("async-context"),
  async () => {
    const bus = new EventBus();
    const { run: events } = runContext(
      { runId: "r", bus },
      () => ({ run: makeAgent().run("Add") }),
    );
    await runContext({ runId: "reader", bus }, async () => {
      for await (const _ of events);
    });
    assertEquals(bus.history({ run: "r", type: "agent.terminate" }).length, 1);
    assertEquals([...bus.history({ run: "reader" })], []);
  },
);

test("An agent's run is cancelled by its signal", async () => {
  const abort = new AbortController();
  const wait = tool({
    name: "wait",
    description: "Waits until it is told to stop.",
    parameters: z.object({}),
    execute: (_args, { signal }) => {
      queueMicrotask(() => abort.abort());
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
    },
  });
  const model = new ScriptedModel([toolCall("c1", "wait", {})]);
  const last = [];
  for await (
    const event of new Agent({ model, tools: [wait] }).run("Wait", { signal: abort.signal })
  ) {
    last.push(event.event_type === "terminate" ? event.reason : event.event_type);
  }
  assertEquals(last.slice(-2), ["tool_complete", "cancelled"]);
});
