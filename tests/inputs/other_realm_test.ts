import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Agent, mcpTools, textMention, tool } from "@locus/core/agent";
import { defineEvents, EventBus, runContext } from "@locus/core";
import { parseEventDraft } from "@locus/core/schemas";
import { followRun, runs } from "@locus/core/client";
import { consoleLines } from "@locus/core/consumers";
import { CoordinationBus } from "@locus/core/coordination";
import { createRedactor } from "@locus/core/redaction";
import { eventStreamResponse } from "@locus/core/sse";
import { ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";

/** Evaluates an expression in a realm of its own, with classes of its own. */
function foreign(expression: string): never {
  return runInNewContext(`(${expression})`) as never;
}

/** A signal as jsdom and edge runtimes have it: not of this realm's class. */
class ForeignSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly #listeners = new Set<() => void>();
  addEventListener(_type: string, listener: () => void): void {
    this.#listeners.add(listener);
  }
  removeEventListener(_type: string, listener: () => void): void {
    this.#listeners.delete(listener);
  }
  get listeners(): number {
    return this.#listeners.size;
  }
  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners) listener();
  }
}

const REASON = new Error("left");

function begin(): { signal: AbortSignal; abort: () => void; foreign: ForeignSignal } {
  const foreign = new ForeignSignal();
  return { signal: foreign as never, abort: () => foreign.abort(REASON), foreign };
}

test("a signal of another realm ends subscriptions, handlers and waits of a bus", async () => {
  const bus = new EventBus();
  const { signal, abort, foreign } = begin();
  const one = bus.subscribe("r1", { signal });
  const all = bus.subscribeGlobal({ signal });
  bus.on("*", () => {}, { signal });
  const waits = [
    bus.waitFor("a.b", { signal }),
    new CoordinationBus().waitFor({ type: "custom", signal }),
  ];
  const ended = waits.map((wait) => assertRejects(() => wait));
  abort();
  await Promise.all(ended);
  assertEquals([one.ended, all.ended, foreign.listeners], ["cancelled", "cancelled", 0]);
});

test("a signal of another realm ends a response, a listener, a follower, a question and a run", async () => {
  const bus = new EventBus();
  const { signal, abort } = begin();
  const response = eventStreamResponse(bus.subscribe("r1"), { signal });
  const listener = consoleLines(bus, { signal, write: () => {} });
  const fetch = (_url: string, { signal }: RequestInit) =>
    new Promise<Response>((_, reject) =>
      signal!.addEventListener("abort", () => reject(signal!.reason))
    );
  const url = "https://example.com/runs";
  const asked = assertRejects(() => runs(url, { signal, fetch }), Error, "left");
  const follower = followRun(url, { signal, fetch });
  const followed = follower.next();
  const agent = new Agent({
    model: new ScriptedModel(() => new Promise<never>(() => {})),
  });
  const run = agent.invoke("x", { signal });
  abort();
  await Promise.all([response.text(), listener.done, asked, followed]);
  assertEquals([(await run).stop_reason, follower.state.ended], ["cancelled", {
    reason: "aborted",
  }]);
});

test("a signal of another realm that was aborted before ends what is begun with it", async () => {
  const { signal, abort } = begin();
  abort();
  assertEquals(new EventBus().subscribe("r1", { signal }).ended, "cancelled");
  await assertRejects(() => runs("https://example.com/runs", { signal }), Error, "left");
  const client = {
    listTools: () => Promise.resolve({ tools: [] }),
    callTool: () => Promise.resolve({ content: [] }),
  };
  await assertRejects(() => mcpTools(client as never, { signal }), Error, "left");
});

test("a payload shows errors, bytes and maps of another realm as those of this one", () => {
  const bus = new EventBus();
  const payload =
    "{ e: new TypeError('no'), b: new ArrayBuffer(3), v: new Uint8Array(2), m: new Map() }";
  bus.publish({ run_id: "r1", event_type: "a.b", data: foreign(payload) });
  bus.publish({
    run_id: "r1",
    event_type: "a.b",
    data: {
      e: new TypeError("no"),
      b: new ArrayBuffer(3),
      v: new Uint8Array(2),
      m: new Map(),
    },
  });
  const [ours, theirs] = bus.history("a.b");
  assertEquals(theirs!.data, ours!.data);
});

test("an error of another realm is told by its name and message", async () => {
  const told: string[] = [];
  const bus = new EventBus({ onError: ({ message }) => told.push(message) });
  bus.on("a.b", () => {
    throw foreign("new RangeError('too far')");
  });
  bus.publish({ run_id: "r1", event_type: "a.b", data: {} });
  await bus.drained("r1");
  assertEquals(told, ["too far"]);
});

test("a tool gets, returns and throws values of another realm", async () => {
  const results: unknown[] = [];
  const schema = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: (): Promise<{ value: object }> => foreign("Promise.resolve({ value: { a: 1 } })"),
    },
  };
  const values = ["new Map([['a', 1]])", "new Set([1])", "new RangeError('x')"];
  const read = tool({
    name: "read",
    parameters: schema,
    jsonSchema: { type: "object" },
    execute: (args) => {
      results.push(JSON.stringify(args));
      const next = values.shift();
      if (next === undefined) throw foreign("new RangeError('too far')");
      return foreign(next);
    },
  });
  const calls = Array.from({ length: 4 }, (_, i) => toolCall(`c${i}`, "read", { i }));
  const agent = new Agent({
    model: new ScriptedModel(calls, ["done"]),
    tools: [read],
    toolExecution: "sequential",
  });
  const { state } = await agent.invoke("x");
  assertEquals(results, Array(4).fill('{"a":1}'));
  assertEquals(state.tool_executions.map(({ result, error }) => error ?? result), [
    '{\n  "a": 1\n}',
    "[\n  1\n]",
    "RangeError: x",
    "RangeError: too far",
  ]);
});

test("regular expressions, headers and URLs of another realm are taken", async () => {
  const redactor = createRedactor({ patterns: foreign("[/abc/]") });
  assert(!redactor.text("abc").includes("abc"));
  textMention(foreign("/abc/"));
  const bus = new EventBus();
  const headers = foreign("new Map([['traceparent', 'x']])");
  const { runContextFrom } = await import("@locus/core/propagation");
  runContextFrom(headers, { bus }, () => {});
});

test("options, filters and schemas may be objects of another realm", () => {
  const bus = new EventBus(foreign("{ historyPerRun: 5 }"));
  runContext(foreign("{ runId: 'r1' }"), (run) => assertEquals(run.id, "r1"));
  assertEquals(bus.history(foreign("{ type: ['a.b'] }"), foreign("{ limit: 1 }")).length, 0);
  const own = defineEvents(
    foreign("{ 'a.b': { '~standard': { validate: (value) => ({ value }) } } }"),
  );
  assertEquals(Object.keys(own.schemas), ["a.b"]);
  const draft = foreign("{ run_id: 'r1', event_type: 'shop.paid', data: { a: [1] } }");
  assertEquals(parseEventDraft(draft).run_id, "r1");
});
