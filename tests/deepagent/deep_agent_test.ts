import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { EventBus, runContext } from "../../mod.ts";
import { tool, type ToolContext } from "../../src/agent/mod.ts";
import { createDeepAgent, todosOf } from "../../src/deepagent/mod.ts";
import { parseStreamEvent } from "../../src/events/schemas.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { expectedCatalogue, extrasOf } from "../events/expected_catalogue.ts";
import type { AnyEvent } from "../harness/support/read.ts";
import { foldSpans } from "../harness/support/span_tree.ts";
import { acting, call, told } from "./_support.ts";

const reader = (turns: Parameters<typeof scriptedModel>[0], more: object = {}) => ({
  name: "reader",
  description: "Reads.",
  systemPrompt: "You read.",
  model: scriptedModel(turns),
  ...more,
});

test("a sub-agent works below the call of the tool, and its answer alone comes back", async () => {
  const task = { subagent_type: "reader", description: "R".repeat(250) };
  const { results, events } = await acting([call("task", task)], {
    subagents: [reader(["It is about gaps."])],
  });
  assertEquals(results, ["It is about gaps."]);
  for (const event of events) parseStreamEvent(event);
  foldSpans(events);
  const [spawned, completed] = told(events, "deepagent.subagent.");
  assertEquals(spawned, {
    spawned: { subagent_type: "reader", description_preview: "R".repeat(200), max_iterations: 10 },
  });
  assertEquals(completed, {
    completed: { subagent_type: "reader", output_length: 17, success: true, error: null },
  });
  const [opened] = events.filter(({ event_type }) => event_type === "deepagent.subagent.spawned");
  const inner = events.find(({ data }) => data.parent_span_id === opened!.data.span_id);
  assertEquals([inner?.event_type, inner?.data.name], ["span.started", "reader"]);
});

const failures = [
  ["fails", [new Error("overloaded")], /overloaded/],
  ["says nothing", [""], null],
  ["takes too many turns", [{ toolCalls: [call("look", {})] }, "Half."], /max_iterations/],
] as const;
for (const [how, turns, error] of failures) {
  test(`a sub-agent that ${how} is one clear end without success`, async () => {
    const look = tool({ name: "look", execute: () => "dark" });
    const { events } = await acting(
      [call("task", { subagent_type: "reader", description: "Read." })],
      { subagents: [reader([...turns], { tools: [look], maxIterations: 1 })] },
    );
    const ends = events.filter(({ event_type }) => event_type === "deepagent.subagent.completed");
    assertEquals(ends.map(({ data }) => data.success), [false]);
    if (error !== null) {
      assert(error.test(String(ends[0]!.data.error)), String(ends[0]!.data.error));
    }
    foldSpans(events);
  });
}

test("an unknown sub-agent is a sentence, and no event", async () => {
  const { results, events } = await acting(
    [call("task", { subagent_type: "writer", description: "x" })],
    { subagents: [reader([])] },
  );
  assertEquals(results, ["unknown subagent_type 'writer'; available: reader"]);
  assertEquals(told(events, "deepagent."), []);
});

test("a sub-agent's question is the agent's, and is answered in another process", async () => {
  const checkpointer = new MemoryCheckpointer();
  const bus = new EventBus();
  const make = () => {
    const ask = tool({
      name: "ask",
      execute: (_: unknown, { interrupt }: ToolContext) => interrupt("May I?"),
    });
    return createDeepAgent({
      model: scriptedModel(({ prompt }) =>
        prompt.at(-1)!.role === "tool"
          ? "Done."
          : { toolCalls: [call("task", { subagent_type: "reader", description: "Ask." })] }
      ),
      grounding: false,
      checkpointer,
      subagents: [reader(
        ({ prompt }) =>
          prompt.at(-1)!.role === "tool" ? "They said yes." : { toolCalls: [call("ask", {})] },
        { tools: [ask] },
      )],
    });
  };
  const at = { runId: "r1", bus };
  const asked = await runContext(at, () => make().invoke("Go.", { threadId: "t" }));
  assertEquals(asked.message, "May I?");
  const result = await runContext(at, async () => {
    const run = make().resume("yes", { threadId: "t" });
    while (!(await run.next()).done);
    return run.result!;
  });
  assertEquals([result.message, result.tool_executions[0]!.result], ["Done.", "They said yes."]);
  const events = bus.history("*", { limit: 10_000 }).toReversed() as AnyEvent[];
  foldSpans(events);
  const spawned = events.filter(({ event_type }) => event_type === "deepagent.subagent.spawned");
  assertEquals(spawned.map(({ data }) => data.resumed), [undefined, true]);
  assertEquals(new Set(spawned.map(({ data }) => data.span_id)).size, 1);
});

test("sub-agents have the files of the agent", async () => {
  const { results } = await acting([
    call("task", { subagent_type: "reader", description: "Write." }),
    call("read_file", { path: "/a" }),
  ], {
    enableFilesystem: true,
    subagents: [
      reader([{ toolCalls: [call("write_file", { path: "/a", contents: "theirs" })] }, "Written."]),
    ],
  });
  assertEquals(results, ["Written.", "     1\ttheirs"]);
});

test("the list of things to do is told as what changes", async () => {
  const write = (todos: unknown) => call("write_todos", { todos_json: todos });
  const { results, events, result } = await acting([
    write('[{"content": "a"}, {"content": "b", "status": "completed"}]'),
    write([{ content: "a" }, { content: "b", status: "completed" }]),
    write([{ content: "a", status: "in_progress" }]),
    write("no list"),
    write("{}"),
    write([1]),
    call("read_todos", {}),
  ], { enableTodos: true });
  assertEquals(told(events, "deepagent.todo."), [
    { added: { content: "a", status: "pending", position: 0, list_length: 2 } },
    { completed: { content: "b", status: "completed", position: 1, list_length: 2 } },
    { added: { content: "a", status: "in_progress", position: 0, list_length: 1 } },
  ]);
  assertEquals(results[3], "todos_json is not JSON; nothing was stored");
  assertEquals(results[4], "todos_json must be a list; nothing was stored");
  assertEquals(results[6], '[{"content":"a","status":"in_progress"}]');
  assertEquals(todosOf(result.state), [{ content: "a", status: "in_progress" }]);
  for (const { event_type: type, data } of events) {
    if (!type.startsWith("deepagent.")) continue;
    const keys = Object.keys({ ...expectedCatalogue[type as "run.started"], ...extrasOf(type) });
    assertEquals(Object.keys(data).sort(), keys.sort());
  }
});

test("tools that a person is asked about are not called before", async () => {
  const { result, events } = await acting(
    [call("write_file", { path: "/a", contents: "x" })],
    { enableFilesystem: true, interruptOn: ["write_file"] },
  );
  assertEquals(result.message, "Call write_file?");
  assertEquals(told(events, "deepagent.fs."), []);
});

test("a deep agent has no tools but those that are asked for, and one to read what was cut", async () => {
  const names = async (options: object) => {
    const model = scriptedModel(["Hi."]);
    await createDeepAgent({ model, grounding: false, ...options }).invoke("Hi.");
    return (model.calls[0]!.tools ?? []).map(({ name }) => name).join(" ");
  };
  assertEquals(await names({}), "");
  assertEquals(await names({ enableTodos: true }), "write_todos read_todos read_earlier_result");
  assertEquals(
    await names({ enableFilesystem: true }),
    "write_file read_file edit_file ls glob grep read_earlier_result",
  );
});

test("memory and what can be searched stand before the prompt", async () => {
  const model = scriptedModel(["Hi."]);
  const agent = createDeepAgent({
    model,
    grounding: false,
    systemPrompt: "Be brief.",
    memory: { "style.md": "No jokes." },
  });
  await agent.invoke("Hi.");
  assertEquals(model.calls[0]!.prompt[0]!.content, "# style.md\n\nNo jokes.\n\n---\n\nBe brief.");
});

test("bad options are refused when the agent is made", () => {
  const model = scriptedModel([]);
  const bad: readonly (readonly [object, string])[] = [
    [{ subagents: [] }, '"subagents" must be an array that is not empty'],
    [{ subagents: [reader([]), reader([])] }, '"subagents" must have names that differ'],
    [{ subagents: [{ name: "a" }] }, '"description" must be'],
    [{ backend: {} }, '"backend" needs "enableFilesystem"'],
    [{ enableFilesystem: true, backend: {} }, '"backend" must have read()'],
    [{ datastores: { docs: {} } }, 'datastore "docs" must be a retriever'],
    [{ minConfidence: 2 }, '"minConfidence" must be'],
    [{ enableTodo: true }, 'unknown option "enableTodo"'],
  ];
  for (const [options, message] of bad) {
    assertThrows(() => createDeepAgent({ model, ...options } as never), Error, message);
  }
});
