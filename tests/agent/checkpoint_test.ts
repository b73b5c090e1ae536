import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Agent, type AgentOptions, tool } from "../../src/agent/mod.ts";
import {
  type Checkpointer,
  CheckpointError,
  MemoryCheckpointer,
  type Snapshot,
} from "../../src/memory/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, collect, gate, onBus, only } from "./_support.ts";
import { printed } from "./hooks/_support.ts";

/** Four turns that add, and one that answers. */
const FIVE_TURNS: Script[] = [
  ...[1, 2, 3, 4].map((n): Script => [toolCall(`c${n}`, "add", { a: n, b: n })]),
  ["8"],
];

/** A checkpointer that does something else at one point. */
function checkpointerWith(changes: Partial<Checkpointer>): Checkpointer {
  const memory = new MemoryCheckpointer();
  return {
    backend: "changed",
    save: (...args) => memory.save(...args),
    load: (...args) => memory.load(...args),
    listCheckpoints: (...args) => memory.listCheckpoints(...args),
    delete: (...args) => memory.delete(...args),
    ...changes,
  };
}

test("checkpointEveryNIterations: 2 saves at 2 and 4, and finally at 5", async () => {
  const checkpointer = new MemoryCheckpointer();
  const { agent } = agentOf(FIVE_TURNS, {
    tools: addTool(),
    checkpointer,
    checkpointEveryNIterations: 2,
  });
  const { events } = await onBus(() => agent.invoke("go", { threadId: "t" }));
  const saved = events.filter(({ event_type }) => event_type === "memory.checkpoint.saved");
  assertEquals(saved.map(({ data }) => data), [
    { thread_id: "t", iteration: 2, backend: "memory", trigger: "every_n_iterations" },
    { thread_id: "t", iteration: 4, backend: "memory", trigger: "every_n_iterations" },
    { thread_id: "t", iteration: 5, backend: "memory", trigger: "final" },
  ]);
  const types = events.map(({ event_type }) => event_type);
  // At the end of a turn, after all that it did.
  const first = types.indexOf("memory.checkpoint.saved");
  assertEquals(types.slice(first - 1, first + 2), [
    "agent.tool.completed",
    "memory.checkpoint.saved",
    "agent.model.completed",
  ]);
  const listed = await checkpointer.listCheckpoints("t");
  assertEquals(listed.map(({ metadata }) => metadata.iteration), [5, 4, 2]);
});

test("A run without a thread is saved under its id while it runs, and not at its end", async () => {
  const { agent } = agentOf(FIVE_TURNS, {
    tools: addTool(),
    checkpointer: new MemoryCheckpointer(),
    checkpointEveryNIterations: 2,
  });
  const { events, value } = await onBus(() => agent.invoke("go"));
  const saved = events.filter(({ event_type }) => event_type === "memory.checkpoint.saved");
  assertEquals(saved.map(({ data }) => [data.thread_id, data.trigger]), [
    [value.state.run_id, "every_n_iterations"],
    [value.state.run_id, "every_n_iterations"],
  ]);
  assertEquals((await agent.thread(value.state.run_id))!.iteration, 4);
});

test("Without a thread and every-n saves a checkpointer is not called", async () => {
  const refuse = () => Promise.reject(new Error("called"));
  const { agent } = agentOf([["hi"]], {
    checkpointer: {
      backend: "b",
      save: refuse,
      load: refuse,
      listCheckpoints: refuse,
      delete: refuse,
    },
  });
  assertEquals(await printed(() => agent.invoke("go")), "");
});

test("The final checkpoint holds what hooks and options add at the end", async () => {
  const { agent } = agentOf([["hi"]], {
    checkpointer: new MemoryCheckpointer(),
    outputKey: "answer",
  });
  await agent.invoke("go", { threadId: "t" });
  assertEquals((await agent.thread("t"))!.metadata, { answer: "hi" });
});

test("A save that fails is reported, tells the bus nothing, and leaves the run alone", async () => {
  for (
    const save of [
      () => Promise.reject(new Error("password=hunter2 refused")),
      () => {
        throw new Error("password=hunter2 refused");
      },
    ]
  ) {
    const { agent } = agentOf(FIVE_TURNS, {
      tools: addTool(),
      checkpointer: checkpointerWith({ save }),
      checkpointEveryNIterations: 2,
    });
    const seen: string[] = [];
    const lines = await printed(async () => {
      const { events, value } = await onBus(() => agent.invoke("go", { threadId: "t\u001b[1m" }));
      assertEquals([value.stop_reason, value.message, value.state.errors], ["complete", "8", []]);
      seen.push(...events.map(({ event_type }) => event_type));
    });
    assertEquals(seen.includes("memory.checkpoint.saved"), false);
    assertEquals(lines.split("\n").length, 3);
    assert(lines.includes("could not be saved: Error:"), lines);
    assert(!lines.includes("hunter2") && !lines.includes("\u001b"), lines);
  }
});

test("A run whose metadata cannot be saved ends as it did, and frees its thread", async () => {
  const metadata = {
    client: {
      toJSON() {
        throw new Error("not for you");
      },
    },
  };
  const { agent } = agentOf([["one"], ["two"]], { checkpointer: new MemoryCheckpointer() });
  const lines = await printed(async () => {
    assertEquals((await agent.invoke("go", { threadId: "t", metadata })).message, "one");
  });
  assert(lines.includes("could not be saved: Error: not for you"), lines);
  assertEquals((await agent.invoke("go", { threadId: "t" })).message, "two");
});

test("A thread that cannot be loaded fails the run, and is not overwritten", async () => {
  let saves = 0;
  const { agent } = agentOf([["hi"]], {
    checkpointer: checkpointerWith({
      load: () => Promise.reject(new CheckpointError("checkpoint_error", "down")),
      save: () => Promise.resolve(String(saves++)),
    }),
  });
  const { events, error } = await collect(agent.run("go", { threadId: "t" }));
  assertEquals(only(events, "terminate").reason, "error");
  assert(error instanceof CheckpointError);
  assertEquals(saves, 0);
});

test("A run is cancelled at once while its thread is loaded or saved", async () => {
  const { promise: reached, resolve: reach } = gate();
  const hang = () => {
    reach();
    return new Promise<never>(() => {});
  };
  const loading = agentOf([["hi"]], { checkpointer: checkpointerWith({ load: hang }) }).agent;
  const load = collect(loading.run("go", { threadId: "t" }));
  await reached;
  loading.cancel();
  assertEquals(only((await load).events, "terminate").reason, "cancelled");

  const { promise: began, resolve: begin } = gate();
  let saves = 0;
  const { agent } = agentOf(FIVE_TURNS, {
    tools: addTool(),
    checkpointer: checkpointerWith({
      save() {
        begin();
        return saves++ === 0 ? new Promise<never>(() => {}) : Promise.resolve("id");
      },
    }),
    checkpointEveryNIterations: 1,
  });
  const save = collect(agent.run("go"));
  await began;
  agent.cancel();
  assertEquals(only((await save).events, "terminate").reason, "cancelled");
});

test("A slow save does not end up as the newest", async () => {
  const memory = new MemoryCheckpointer();
  const { promise: later, resolve: release } = gate();
  let saves = 0;
  const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 1 })], ["2"]], {
    tools: addTool(),
    checkpointer: checkpointerWith({
      load: (...args) => memory.load(...args),
      async save(...args) {
        if (saves++ === 0) await later;
        return await memory.save(...args);
      },
    }),
    checkpointEveryNIterations: 1,
    // Later than the final save would be, if it did not wait.
    hooks: [{ onAfterInvocation: () => void setTimeout(release) }],
  });
  const controller = new AbortController();
  const run = collect(agent.run("go", { threadId: "t", signal: controller.signal }));
  while (saves === 0) await Promise.resolve();
  controller.abort();
  const { events } = await run;
  assertEquals(only(events, "terminate").reason, "cancelled");
  const [newest, older] = await memory.listCheckpoints("t");
  assertEquals([newest!.metadata.trigger, older!.metadata.trigger], [
    "final",
    "every_n_iterations",
  ]);
});

test("A snapshot is plain JSON, also of bytes, dates, functions and what the model signed", async () => {
  const checkpointer = new MemoryCheckpointer();
  const signed: Script = {
    content: [
      { type: "reasoning", text: "hm", providerMetadata: { p: { signature: "s" } } },
      {
        type: "file",
        mediaType: "image/png",
        data: { type: "data", data: new Uint8Array([1, 2]) },
      },
      {
        type: "file",
        mediaType: "image/png",
        data: { type: "url", url: new URL("https://example.com/a") },
      },
      "hi",
    ],
  };
  const metadata = { at: new Date(0), call() {}, big: 5n, none: undefined };
  const first = agentOf([signed], { checkpointer });
  await first.agent.invoke("a", { threadId: "t", metadata });
  const { data } = (await checkpointer.load("t"))!;
  assertEquals(JSON.parse(JSON.stringify(data)), data);

  const second = agentOf([["bye"]], { checkpointer });
  await second.agent.invoke("b", { threadId: "t" });
  const answer = second.model.calls[0]!.prompt.find(({ role }) => role === "assistant")!;
  assert(answer.role === "assistant");
  assertEquals(answer.content.map((part) => "data" in part ? part.data : part.type), [
    "reasoning",
    { type: "data", data: "AQI=" },
    { type: "url", url: new URL("https://example.com/a") },
    "text",
  ]);
});

test("Agent believes nothing that is stored", async () => {
  const checkpointer = new MemoryCheckpointer();
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => interrupt("ok?") });
  const { agent } = agentOf([[toolCall("c1", "ask", {})]], { checkpointer, tools: ask });
  await agent.invoke("a", { threadId: "t" });
  const good = (await checkpointer.load("t"))!;

  const cases: [change: (data: Stored) => unknown, message: string][] = [
    [() => null, "arguments: "],
    [() => ({}), "state: "],
    [(data) => (data.state.messages[0]!.role = "root", data), "state.messages.0.role: "],
    [(data) => (data.state.messages[0]!.metadata = { parts: [5] }, data), "metadata.parts.0: "],
    [(data) => (data.state.confidence = 2, data), "state.confidence: "],
    [(data) => (data.state.iteration = -1, data), "state.iteration: "],
    [(data) => (data.counters.first_message = "0", data), "counters.first_message: "],
    [
      (data) => (data.paused.open[0]!.index = 7, data),
      "paused: the calls and their outcomes do not fit",
    ],
    [(data) => (data.paused.open[0]!.copy_of = 0, data), "do not fit together"],
    [(data) => (data.paused.open[0]!.question = null, data), "do not fit together"],
    [(data) => (data.paused.open = [], data), "do not fit together"],
    [(data) => (data.paused.response.tool_calls = [], data), "do not fit together"],
  ];
  for (const [change, message] of cases) {
    const data = change(structuredClone(good.data) as Stored);
    await refused({ ...good, data }, message);
  }
  await refused({ ...good, kind: "graph" }, `it holds no agent's state, its kind is "graph"`);
  await refused({ ...good, version: 3 as 2 }, "reads the versions 1 and 2, not 3");
  await refused("text" as never, "its kind is undefined");
});

interface Stored {
  state: { messages: { role: string; metadata: unknown }[]; confidence: number; iteration: number };
  counters: { first_message: unknown };
  paused: { open: Record<string, unknown>[]; response: { tool_calls: unknown[] } };
}

/** The prompt, the answer and the look at a thread that holds this must all say so. */
async function refused(snapshot: Snapshot, message: string): Promise<void> {
  let saves = 0;
  const checkpointer = checkpointerWith({
    load: () => Promise.resolve(snapshot),
    save: () => Promise.resolve(String(saves++)),
  });
  const agent = new Agent({ model: new ScriptedModel(), checkpointer });
  for (
    const read of [
      () => agent.invoke("a", { threadId: "t" }),
      () => agent.resume("a", { threadId: "t" }).next(),
      () => agent.thread("t"),
    ]
  ) {
    const error = await assertRejects(read, CheckpointError, message);
    assertEquals(error.kind, "checkpoint_serialization");
    assert(error.message.startsWith('Cannot read the thread "t": '), error.message);
  }
  assertEquals(saves, 0);
}

test("The limits of a resumed run are those of the agent that resumes it", async () => {
  const checkpointer = new MemoryCheckpointer();
  const ask = tool({ name: "ask", execute: (_, { interrupt }) => interrupt("ok?") });
  const options = (maxIterations: number): Partial<AgentOptions> => ({
    checkpointer,
    tools: ask,
    maxIterations,
  });
  await agentOf([[toolCall("c1", "ask", {})]], options(20)).agent.invoke("a", { threadId: "t" });
  const run = agentOf([["done"]], options(5)).agent.resume("y", { threadId: "t" });
  await collect(run);
  assertEquals(run.result!.state.max_iterations, 5);
});

test("Agent() refuses what is no checkpointer", () => {
  const model = new ScriptedModel();
  for (const checkpointer of [{}, 5, new Map(), { backend: "b", save() {} }]) {
    assertThrows(
      () => new Agent({ model, checkpointer: checkpointer as never }),
      TypeError,
      'Agent: "checkpointer" must be a MemoryCheckpointer',
    );
  }
  assertThrows(
    () => new Agent({ model, checkpointEveryNIterations: -1 }),
    RangeError,
    '"checkpointEveryNIterations" must be a whole number of at least 0, got -1',
  );
});
