/** Sub-agents that work while the agent goes on. */

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { EventBus, runContext } from "../../mod.ts";
import { tool } from "../../src/agent/mod.ts";
import { createDeepAgent } from "../../src/deepagent/mod.ts";
import { parseStreamEvent } from "../../src/events/schemas.ts";
import { scriptedModel, type Turn } from "../../src/testing/mod.ts";
import { hanging } from "../team/_support.ts";
import { acting, call, told } from "./_support.ts";

const reader = (model: unknown, more: object = {}) => ({
  name: "reader",
  description: "Reads.",
  systemPrompt: "You read.",
  model: model as never,
  ...more,
});
const start = (description = "Read.") =>
  call("task", { subagent_type: "reader", description, background: true });
const wait = (task_id?: string) => call("task_status", { task_id, wait: true });

test("a task in the background is started, asked for and collected; it is a child run", async () => {
  const bus = new EventBus();
  const { results, events } = await acting(
    [start(), call("task_status", {}), wait("task_1")],
    { subagents: [reader(scriptedModel(["It is about gaps."]))] },
    bus,
  );
  assertEquals(results[0], "Started task_1. Ask for its answer with task_status.");
  assertEquals(JSON.parse(results[1]!).length, 1);
  assertEquals(JSON.parse(results[2]!), {
    task_id: "task_1",
    subagent_type: "reader",
    status: "completed",
    answer: "It is about gaps.",
  });
  for (const event of events) parseStreamEvent(event);
  const started = events.find(({ event_type }) => event_type === "run.started")!;
  assertEquals([started.data.parent_run_id, started.data.input_preview], ["r1", "Read."]);
  assertEquals(told(events, "deepagent.subagent.").map((said) => Object.keys(said)[0]), [
    "spawned",
    "completed",
  ]);
  const agentSpan = events.find(({ event_type }) => event_type === "span.started")!;
  assertEquals(started.data.parent_span_id !== null && agentSpan.run_id, "r1");
});

test("tasks in the background work side by side, and a failure is its own", async () => {
  const model = scriptedModel(({ prompt }) =>
    JSON.stringify(prompt).includes("bad") ? new Error("overloaded") as never : "Done."
  );
  const { results } = await acting([start("good"), start("bad"), wait()], {
    subagents: [reader(model)],
  });
  const [good, bad] = JSON.parse(results[2]!);
  assertEquals([good.status, good.answer], ["completed", "Done."]);
  assertEquals([bad.status, /overloaded/.test(bad.answer)], ["failed", true]);
});

test("a task in the background ends with the run of the agent", async () => {
  const { model, aborted } = hanging();
  const { events, result } = await acting([start()], { subagents: [reader(model)] });
  await aborted;
  assertEquals(result.message, "Done.");
  const types = events.map(({ event_type, run_id }) => [event_type, run_id === "r1"]);
  const ends = types.filter(([type]) => type === "run.completed" || type === "span.completed");
  assertEquals(ends.at(-1), ["span.completed", true], "the agent is the last to end");
  const child = events.find(({ event_type }) => event_type === "run.completed")!;
  assertEquals(child.data.outcome, "cancelled");
});

test("a task in the background is cancelled by the agent", async () => {
  const { results } = await acting([start(), call("task_cancel", { task_id: "task_1" })], {
    subagents: [reader(hanging().model)],
  });
  assertEquals(JSON.parse(results[1]!).status, "cancelled");
});

test("a run that is cancelled takes its tasks with it", async () => {
  const { model, asked, aborted } = hanging();
  const stop = new AbortController();
  const turns: Turn[] = [{ toolCalls: [start()] }, { toolCalls: [wait("task_1")] }, "Done."];
  const agent = createDeepAgent({
    model: scriptedModel(turns),
    grounding: false,
    subagents: [reader(model)],
  });
  const running = runContext(
    { bus: new EventBus() },
    () => agent.invoke("Go.", { signal: stop.signal }),
  );
  await asked;
  stop.abort(new Error("enough"));
  await running.catch(() => {});
  await aborted;
});

test("at most eight tasks are under way, and none but the agent's own are known", async () => {
  const calls = Array.from({ length: 9 }, () => start());
  const { results } = await acting([...calls, call("task_status", { task_id: "task_9" })], {
    subagents: [reader(hanging().model)],
    maxIterations: 30,
  });
  assert(results[7]!.startsWith("Started task_8"));
  assertEquals(results.slice(8), [
    "8 tasks are under way: wait for one of them with task_status",
    'There is no task "task_9"',
  ]);
});

test("a task in the background cannot ask a person", async () => {
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => interrupt("Which?") });
  const turns: Turn[] = [{ toolCalls: [call("ask", {})] }, "Done."];
  const { results } = await acting([start(), wait("task_1")], {
    subagents: [reader(scriptedModel(turns), { tools: [ask] })],
  });
  const { status, answer } = JSON.parse(results[1]!);
  assertEquals(status, "failed");
  assert(answer.includes("cannot ask a person"), answer);
});
