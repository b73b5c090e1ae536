import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  extractReferenceKey,
  tool,
  ToolResultStore,
  type ToolResultStoreOptions,
} from "../../../src/agent/mod.ts";
import { MemoryCheckpointer } from "../../../src/memory/mod.ts";
import fc from "../../harness/support/property.ts";
import { type Script, toolCall } from "../../harness/support/scripted_model.ts";
import { agentOf, all, collect, gate, onBus, only } from "../_support.ts";

/** A store whose texts a test can look at. */
function mapStore(options: ToolResultStoreOptions = {}) {
  const texts = new Map<string, string>();
  const store = new ToolResultStore({
    save: (key, text) => void texts.set(key, text),
    load: (key) => texts.get(key),
    thresholdChars: 100,
    previewChars: 10,
    ...options,
  });
  return { store, texts };
}

/** Returns a text of `length` characters: 0123456789012… */
const long = tool<{ length: number }>({
  name: "long",
  parameters: { type: "object", properties: { length: { type: "integer" } } },
  execute: ({ length }) => digits(length),
});

function digits(length: number): string {
  return "0123456789".repeat(Math.ceil(length / 10)).slice(0, length);
}

function call(id: string, length: number) {
  return toolCall(id, "long", { length });
}

test("Big results of one tool in one turn are stored apart", async () => {
  const { store, texts } = mapStore();
  const { agent } = agentOf([[call("c1", 200), call("c2", 300)], ["done"]], {
    tools: long,
    toolResultStore: store,
  });
  const { tool_executions, state } = await agent.invoke("go");
  const keys = tool_executions.map(({ result }) => extractReferenceKey(result!));
  assertEquals(keys, ["c1", "c2"].map((id) => `${state.run_id}.0.long.${id}`));
  assertEquals([...texts].map(([key, { length }]) => [key, length]), [
    [keys[0], 200],
    [keys[1], 300],
  ]);
});

test("A long result is the same text everywhere", async () => {
  const { store } = mapStore();
  const stores = [{ toolResultStore: store }, { maxToolResultLength: 100 }];
  for (const options of stores) {
    for (const toolEventOrder of ["sequential", "completion"] as const) {
      const { agent, model } = agentOf([[call("c1", 200), call("c2", 200)], ["done"]], {
        tools: { ...long, idempotent: true },
        toolEventOrder,
        ...options,
      });
      const { events, value } = await onBus(async () => {
        const run = agent.run("go");
        return { ...await collect(run), result: run.result! };
      });
      const [shown = "", copy] = all(value.events, "tool_complete").map(({ result }) => result!);
      assert(shown !== "" && shown.length < 200);
      assertEquals(copy, shown);
      assertEquals(value.result.tool_executions.map(({ result }) => result), [shown, shown]);
      const told = model.calls[1]!.prompt.at(-1)!.content;
      assertStringIncludes(JSON.stringify(told), JSON.stringify(shown));
      assert(!JSON.stringify(told).includes(digits(150)));
      const previews = events.filter((event) => event.event_type === "agent.tool.completed")
        .map(({ data }) => data.output_preview);
      assertEquals(previews, [shown.slice(0, 240), shown.slice(0, 240)]);
    }
  }
});

test("ToolResultStore leaves results that are short enough alone", async () => {
  const { store, texts } = mapStore();
  const { agent } = agentOf([[call("c1", 100)], ["done"]], { tools: long, toolResultStore: store });
  const { tool_executions } = await agent.invoke("go");
  assertEquals(tool_executions[0]!.result, digits(100));
  assertEquals(texts.size, 0);
});

test("A model reads a stored result on to its end", async () => {
  const { store } = mapStore();
  const read = (id: string, args: object): Script => ({ prompt }) => {
    const key = /stored: \d+ characters as \\"([^\\]+)/.exec(JSON.stringify(prompt))![1];
    return [toolCall(id, "read_tool_result", { key, ...args })];
  };
  const { agent } = agentOf([
    [call("c1", 125)],
    read("c2", {}),
    read("c3", { offset: 120 }),
    read("c4", { offset: 500 }),
    ["done"],
  ], { tools: long, toolResultStore: store });
  const { tool_executions } = await agent.invoke("go");
  assertEquals(tool_executions.slice(1).map(({ result, error }) => result ?? error), [
    "[characters 10 to 20 of 125; go on with offset 20]\n0123456789",
    "[characters 120 to 125 of 125; this is the end]\n01234",
    "[characters 125 to 125 of 125; this is the end]\n",
  ]);
  assertStringIncludes(
    tool_executions[0]!.result!,
    "; the beginning follows, read_tool_result reads on]\n0123456789",
  );
});

test("Reading a stored result piece by piece gives all of it, whatever it holds", async () => {
  await fc.assert(fc.asyncProperty(
    fc.string({ unit: "binary", minLength: 20, maxLength: 200 }),
    fc.integer({ min: 2, max: 10 }),
    async (text, previewChars) => {
      const { store } = mapStore({ thresholdChars: 10, previewChars });
      const origin = { runId: "r", iteration: 0, toolName: "t", toolCallId: "c" };
      const shown = await store.offload(text, origin);
      const state = { tool_executions: [{ result: shown }] };
      const context = { state, signal: new AbortController().signal };
      let all = shown.slice(shown.indexOf("\n") + 1);
      while (all.length < text.length) {
        const args = { key: extractReferenceKey(shown), offset: all.length };
        const part = String(await store.tool.execute(args, context as never));
        all += part.slice(part.indexOf("\n") + 1);
      }
      assertEquals(all, text);
    },
  ));
});

test("A model reads on in a result of an earlier run of its thread", async () => {
  const { store, texts } = mapStore();
  const read: Script = () => [toolCall("c2", "read_tool_result", { key: [...texts.keys()][0] })];
  const { agent } = agentOf([[call("c1", 125)], ["done"], read, ["done"]], {
    tools: long,
    toolResultStore: store,
    checkpointer: new MemoryCheckpointer(),
  });
  await agent.invoke("go", { threadId: "t" });
  const { tool_executions } = await agent.invoke("read on", { threadId: "t" });
  assertStringIncludes(tool_executions.at(-1)!.result!, "[characters 10 to 20 of 125;");
});

test("What is read of a stored result is not stored once more", async () => {
  const { store, texts } = mapStore({ thresholdChars: 50, previewChars: 50 });
  const read: Script = () => [toolCall("c2", "read_tool_result", { key: [...texts.keys()][0] })];
  const { agent } = agentOf([[call("c1", 200)], read, ["done"]], {
    tools: long,
    toolResultStore: store,
  });
  const { tool_executions } = await agent.invoke("go");
  assertStringIncludes(tool_executions[1]!.result!, "[characters 50 to 100 of 200;");
  assertEquals(texts.size, 1);
});

test("A model cannot read what is stored for another conversation", async () => {
  const { store, texts } = mapStore();
  texts.set("other.0.long.c1", "secret");
  const { agent } = agentOf([
    [toolCall("c1", "read_tool_result", { key: "other.0.long.c1" })],
    ["done"],
  ], { toolResultStore: store });
  const { events } = await collect(agent.run("go"));
  assertEquals(
    only(events, "tool_complete").error,
    'RangeError: There is no stored result "other.0.long.c1" in this conversation',
  );
});

test("A result that cannot be stored is cut, and the run goes on", async () => {
  const { error } = console;
  const reported: unknown[] = [];
  console.error = (line: unknown) => void reported.push(line);
  try {
    const { store } = mapStore({
      save: () => {
        throw new Error("disk full");
      },
    });
    const { agent } = agentOf([[call("c1", 200)], ["done"]], {
      tools: long,
      toolResultStore: store,
      maxToolResultLength: 50,
    });
    const { tool_executions } = await agent.invoke("go");
    assertEquals(
      tool_executions[0]!.result,
      `${digits(50)}\n[truncated: 200 characters in full]`,
    );
    assertEquals(reported, [
      "Locus: toolResultStore failed to save a result: Error: disk full",
    ]);
  } finally {
    console.error = error;
  }
});

test("A cancelled run does not wait for a store", async () => {
  const saving = gate();
  const { store } = mapStore({
    save: () => {
      saving.resolve();
      return new Promise(() => {});
    },
  });
  const { agent } = agentOf([[call("c1", 200)]], { tools: long, toolResultStore: store });
  const abort = new AbortController();
  void saving.promise.then(() => abort.abort());
  const { stop_reason } = await agent.invoke("go", { signal: abort.signal });
  assertEquals(stop_reason, "cancelled");
});

test("Agent has the reading tool of its store, unless it has one of that name", () => {
  const own = tool({ name: "read_tool_result", execute: () => "own" });
  const toolResultStore = new ToolResultStore();
  assertEquals(agentOf([], { toolResultStore }).agent.tools, [toolResultStore.tool]);
  assertEquals(agentOf([], { toolResultStore, tools: own }).agent.tools, [own]);
});

test("ToolResultStore keeps the latest results in memory if nothing else is said", async () => {
  const store = new ToolResultStore();
  const origin = { runId: "r", iteration: 0, toolName: "t", toolCallId: "0" };
  const text = "x".repeat(6_000_000);
  for (let i = 0; i < 5; i++) {
    await store.offload(text, { ...origin, toolCallId: String(i) });
  }
  const kept = await Promise.all([0, 1, 2, 3, 4].map((i) => store.load(`r.0.t.${i}`)));
  assertEquals(kept.map((text) => text !== null), [false, false, true, true, true]);
  await assertRejects(() => store.offload("x".repeat(20_000_001), origin), RangeError, "too long");
});

test("ToolResultStore makes keys that can be file names, of whatever a provider calls its calls", async () => {
  const { store, texts } = mapStore();
  const keyFor = async (toolCallId: string) => {
    const origin = { runId: "r", iteration: 2, toolName: "t", toolCallId };
    return extractReferenceKey(await store.offload(digits(200), origin))!;
  };
  assertEquals(await keyFor("call_1-A"), "r.2.t.call_1-A");
  assertEquals(await keyFor("../a b"), "r.2.t..2e.2e.2fa.20b");
  const longIds = [await keyFor("i".repeat(500)), await keyFor("i".repeat(501))];
  assertEquals(new Set([...longIds, ...texts.keys()]).size, 4);
  for (const key of longIds) assert(key.length < 120);
});

test("extractReferenceKey() reads only what a store has written", () => {
  for (
    const text of [
      "",
      "x",
      'see [stored: 5 characters as "a"; ',
      '[stored: 5 characters as "a/b"; ',
    ]
  ) {
    assertEquals(extractReferenceKey(text), null);
  }
});

test("ToolResultStore() refuses bad options by name", () => {
  const bad: [object, string][] = [
    [{ treshold: 1 }, 'unknown option "treshold"'],
    [{ save: 5 }, '"save" must be a function, got 5'],
    [{ save() {} }, '"save" and "load" must be given together'],
  ];
  for (const [options, message] of bad) {
    assertThrows(() => new ToolResultStore(options), TypeError, message);
  }
  const ranges: [object, string][] = [
    [{ thresholdChars: 0 }, '"thresholdChars" must be a whole number of at least 2, got 0'],
    [{ thresholdChars: 10 }, '"previewChars" must be a whole number from 2 to 10, got 8000'],
  ];
  for (const [options, message] of ranges) {
    assertThrows(() => new ToolResultStore(options), RangeError, message);
  }
  assertThrows(
    () => agentOf([], { toolResultStore: {} as ToolResultStore }),
    TypeError,
    'Agent: "toolResultStore" must be a ToolResultStore, got an object',
  );
});
