/** Turns in which several calls ask a person, or others wait for the answer. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { EventBus, withRun } from "../../mod.ts";
import { type Agent, type AgentOptions, tool } from "../../src/agent/mod.ts";
import { storageCheckpointer } from "../../src/memory/mod.ts";
import { type Script, type ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { foldSpans, openSpans } from "../harness/support/span_tree.ts";
import { MapStorage } from "../memory/_support.ts";
import { agentOf, collect, eventsOf, only, outline } from "./_support.ts";

/** Asks by its name, and returns the answer. */
function asking(name: string, log: string[] = []) {
  return tool({
    name,
    execute: (_, { interrupt }) => {
      const answer = interrupt(`${name}?`);
      log.push(`${name} ${answer}`);
      return `${name} was told ${answer}`;
    },
  });
}

function counting(name: string, log: string[]) {
  return tool({
    name,
    execute: () => {
      log.push(name);
      return `${name} is done`;
    },
  });
}

/** What the model was told of its calls, in their order. */
function told({ prompt }: LanguageModelV4CallOptions): string[] {
  const last = prompt.at(-1)!;
  assert(last.role === "tool");
  return last.content.map((part) =>
    part.type === "tool-result" && "value" in part.output ? String(part.output.value) : "?"
  );
}

/** Runs and answers until the end, each time by an agent that may have only what is in the thread. */
async function play(
  script: readonly Script[],
  options: Partial<AgentOptions>,
  elsewhere: boolean,
): Promise<{ asked: string[]; outlines: string[][]; model: ScriptedModel }> {
  const storage = new MapStorage();
  const rest = [...script];
  const make = (): { agent: Agent; model: ScriptedModel } =>
    agentOf(
      Array<Script>(9).fill(() => rest.shift()!),
      elsewhere ? { ...options, checkpointer: storageCheckpointer(storage) } : options,
    );
  let { agent, model } = make();
  const thread = elsewhere ? { threadId: "t" } : {};
  let run = agent.run("go", thread);
  const asked: string[] = [];
  const outlines: string[][] = [];
  for (;;) {
    const { events, error } = await collect(run);
    assertEquals(error, null);
    outlines.push(outline(events));
    const { pending_interrupt } = run.result!.state;
    if (pending_interrupt === null) return { asked, outlines, model };
    asked.push(pending_interrupt.question);
    if (elsewhere) ({ agent, model } = make());
    run = agent.resume(`yes ${asked.length}`, thread);
  }
}

for (const elsewhere of [false, true]) {
  const where = elsewhere ? "elsewhere" : "here";

  test(`All questions of a turn are asked, one after the other (answered ${where})`, async () => {
    for (const toolExecution of ["concurrent", "sequential"] as const) {
      const log: string[] = [];
      const { asked, outlines, model } = await play(
        [[toolCall("c1", "a", {}), toolCall("c2", "b", {}), toolCall("c3", "a", {})], ["done"]],
        { tools: [asking("a", log), asking("b", log)], toolExecution },
        elsewhere,
      );
      assertEquals(asked, ["a?", "b?", "a?"]);
      assertEquals(log, ["a yes 1", "b yes 2", "a yes 3"]);
      assertEquals(told(model.calls.at(-1)!), [
        "a was told yes 1",
        "b was told yes 2",
        "a was told yes 3",
      ]);
      const all = outlines.flat();
      for (const id of ["c1", "c2", "c3"]) {
        assertEquals(all.filter((line) => line === `tool_start ${id}`).length, 1);
        assertEquals(all.filter((line) => line === `tool_complete ${id}`).length, 1);
      }
    }
  });

  test(`Calls after the question are made when it is answered (${where})`, async () => {
    for (
      const options of [
        { toolExecution: "sequential" },
        { toolExecution: "concurrent", maxConcurrency: 1 },
      ] as const
    ) {
      const log: string[] = [];
      const { asked, model } = await play(
        [[toolCall("c1", "ask", {}), toolCall("c2", "count", {}), toolCall("c3", "nope", {})], [
          "done",
        ]],
        { tools: [asking("ask"), counting("count", log)], ...options },
        elsewhere,
      );
      assertEquals([asked, log], [["ask?"], ["count"]]);
      assertEquals(told(model.calls.at(-1)!), [
        "ask was told yes 1",
        "count is done",
        "Error: Unknown tool: nope",
      ]);
    }
  });

  test(`Equal calls of an idempotent tool that asks share its answer (${where})`, async () => {
    const log: string[] = [];
    const once = { ...asking("once", log), idempotent: true };
    const { asked, model } = await play(
      [[toolCall("c1", "once", {}), toolCall("c2", "once", {})], ["done"]],
      { tools: once },
      elsewhere,
    );
    assertEquals([asked, log], [["once?"], ["once yes 1"]]);
    assertEquals(told(model.calls.at(-1)!), Array(2).fill("once was told yes 1"));
  });

  test(`A call that was cut off is not made after a question either (${where})`, async () => {
    const log: string[] = [];
    const cut: Script = {
      content: [toolCall("c1", "ask", {}), { ...toolCall("c2", "count", {}), input: "" }],
      finishReason: { unified: "length", raw: "length" },
    };
    const { model } = await play([cut, ["done"]], {
      tools: [asking("ask"), counting("count", log)],
      toolExecution: "sequential",
    }, elsewhere);
    assertEquals(log, []);
    assert(told(model.calls.at(-1)!)[1]!.includes("cut off"));
  });
}

test("What a sibling did although it was told to stop is told to the model", async () => {
  let sent = 0;
  const send = tool({
    name: "send",
    execute: async (_, { signal }) => {
      // Does not heed its signal; it is done soon after.
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      await new Promise<void>((resolve) => setTimeout(resolve, 1));
      return `sent ${++sent}`;
    },
  });
  const { agent, model } = agentOf([
    [toolCall("c1", "ask", {}), toolCall("c2", "send", {})],
    ["done"],
  ], { tools: [asking("ask"), send] });
  const { events } = await collect(agent.run("go"));
  assertEquals(only(events, "tool_complete").result, "sent 1");
  await collect(agent.resume("yes"));
  assertEquals([told(model.calls[1]!), sent], [["ask was told yes", "sent 1"], 1]);
});

test("A sibling that asks although it was told to stop is asked, too", async () => {
  const late = tool({
    name: "late",
    execute: async (_, { signal, interrupt }) => {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      return interrupt("late?");
    },
  });
  const { agent } = agentOf([
    [toolCall("c1", "ask", {}), toolCall("c2", "late", {})],
    ["done"],
  ], { tools: [asking("ask"), late] });
  await collect(agent.run("go"));
  const { events } = await collect(agent.resume("yes"));
  assertEquals(only(events, "interrupt").question, "late?");
});

test("Whoever cancels between two questions ends all that waits", async () => {
  const log: string[] = [];
  const controller = new AbortController();
  const { agent } = agentOf([
    [toolCall("c1", "a", {}), toolCall("c2", "b", {}), toolCall("c3", "count", {})],
    ["done"],
  ], {
    tools: [asking("a"), asking("b"), counting("count", log)],
    maxConcurrency: 1,
    hooks: [{ onAfterToolCall: () => controller.abort() }],
  });
  await collect(agent.run("go"));
  const run = agent.resume("yes", { signal: controller.signal });
  const { events } = await collect(run);
  assertEquals(outline(events), [
    "tool_complete c1",
    "tool_complete c2",
    "tool_complete c3",
    "terminate",
  ]);
  assertEquals(log, []);
  assertEquals(run.result!.messages.filter(({ role }) => role === "tool").length, 3);
});

test("Calls that wait keep their spans, and go on in them", async () => {
  const bus = new EventBus();
  const { agent } = agentOf([
    [toolCall("c1", "a", {}), toolCall("c2", "b", {}), toolCall("c3", "count", {})],
    ["done"],
  ], { tools: [asking("a"), asking("b"), counting("count", [])], maxConcurrency: 1 });
  const within = (work: () => Promise<unknown>) => withRun({ runId: "r", bus }, work);
  await within(() => agent.invoke("go"));
  assertEquals(openSpans(foldSpans(eventsOf(bus, "r"))).length, 4);
  await within(() => collect(agent.resume("yes")));
  await within(() => collect(agent.resume("yes")));
  const events = eventsOf(bus, "r");
  assertEquals(openSpans(foldSpans(events)), []);
  const started = events.filter(({ event_type }) => event_type === "agent.tool.started");
  assertEquals(new Set(started.map(({ data }) => data.tool_span_id)).size, 3);
  assertEquals(events.filter(({ event_type }) => event_type === "agent.tool.completed").length, 3);
});

test("Whoever cancels at the first event after an answer ends all that waits", async () => {
  const { agent } = agentOf([
    [toolCall("c1", "ask", {}), toolCall("c2", "count", {})],
    ["done"],
  ], { tools: [asking("ask"), counting("count", [])], maxConcurrency: 1 });
  await collect(agent.run("go"));
  const seen: string[] = [];
  for await (const event of agent.resume("yes")) {
    seen.push(...outline([event]));
    agent.cancel();
  }
  assertEquals(seen, ["tool_complete c1", "tool_complete c2", "terminate"]);
});
