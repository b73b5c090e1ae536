import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { EventBus, runContext } from "../../../mod.ts";
import { type AfterModelCallEvent, type Hook, ModelRetryHook } from "../../../src/agent/mod.ts";
import { classifyModelError, retryAfterSeconds } from "../../../src/agent/model/failures.ts";
import { type Script, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf, onBus } from "../_support.ts";

/** An error as the AI SDK's providers throw it. */
function apiError(fields: Record<string, unknown>): Error {
  return Object.assign(new Error("API call failed"), { name: "AI_APICallError", ...fields });
}

const soon = { initialDelay: 0 };

test("ModelRetryHook repeats calls that fail in a way that passes, and says why", async () => {
  const script: Script[] = [
    apiError({ statusCode: 429 }),
    apiError({ statusCode: 503 }),
    Object.assign(new Error("slow"), { name: "TimeoutError" }),
    ["ok"],
  ];
  const { agent } = agentOf(script, { hooks: [new ModelRetryHook(soon)] });
  const { events, value } = await onBus(() => agent.invoke("go"));
  const retries = events.filter(({ event_type }) => event_type === "agent.model.retry");
  assertEquals(retries.map(({ data }) => [data.attempt, data.reason]), [
    [1, "rate_limit"],
    [2, "server_error"],
    [3, "timeout"],
  ]);
  assertEquals(value.message, "ok");
});

test("ModelRetryHook does not repeat calls that will fail again", async () => {
  const hook = new ModelRetryHook(soon);
  const { agent, model } = agentOf([apiError({ statusCode: 401, isRetryable: false })], {
    hooks: [hook],
  });
  const { stop_reason } = await agent.invoke("go", { throwOnError: false });
  assertEquals([stop_reason, model.calls.length, hook.retriesTotal], ["error", 1, 0]);
});

test("ModelRetryHook waits as long as the server asks for", async () => {
  const headers = { "Retry-After": "0.001" };
  const script: Script[] = [apiError({ statusCode: 429, responseHeaders: headers }), ["ok"]];
  const { agent } = agentOf(script, { hooks: [new ModelRetryHook({ initialDelay: 1000 })] });
  const { events } = await onBus(() => agent.invoke("go"));
  assertEquals(events[0]!.data.delay_seconds, 0.001);
});

test("ModelRetryHook gives up when the server asks for more than maxDelay", async () => {
  const headers = { "retry-after": "31" };
  const { agent, model } = agentOf([apiError({ statusCode: 429, responseHeaders: headers })], {
    hooks: [new ModelRetryHook()],
  });
  const { stop_reason } = await agent.invoke("go", { throwOnError: false });
  assertEquals([stop_reason, model.calls.length], ["error", 1]);
});

test("ModelRetryHook waits longer each time, up to maxDelay", async () => {
  const hook = new ModelRetryHook({ initialDelay: 0.001, backoffFactor: 3, maxDelay: 0.005 });
  const { agent } = agentOf([[], [], [], ["ok"]], { hooks: [hook] });
  const { events } = await onBus(() => agent.invoke("go"));
  const delays = events.filter(({ event_type }) => event_type === "agent.model.retry")
    .map(({ data }) => data.delay_seconds);
  assertEquals(delays, [0.001, 0.003, 0.005]);
});

test("ModelRetryHook accepts the empty answer when its retries are used up", async () => {
  const { agent, model } = agentOf([[], [], []], {
    hooks: [new ModelRetryHook({ ...soon, maxRetries: 2 })],
  });
  const { message, stop_reason } = await agent.invoke("go");
  assertEquals([message, stop_reason, model.calls.length], ["", "complete", 3]);
});

test("ModelRetryHook may have a call made more often than 5 times", async () => {
  const { agent, model } = agentOf([...Array(8).fill([]), ["ok"]], {
    hooks: [new ModelRetryHook({ ...soon, maxRetries: 8 })],
  });
  assertEquals((await agent.invoke("go")).message, "ok");
  assertEquals(model.calls.length, 9);
});

test("ModelRetryHook leaves answers alone that only call tools, or if it is told to", async () => {
  const hook = new ModelRetryHook(soon);
  await agentOf([[toolCall("c1", "add", { a: 1, b: 2 })], ["3"]], {
    tools: addTool(),
    hooks: [hook],
  }).agent.invoke("go");
  const off = new ModelRetryHook({ ...soon, retryOnEmpty: false });
  await agentOf([[]], { hooks: [off] }).agent.invoke("go");
  assertEquals([hook.retriesTotal, off.retriesTotal], [0, 0]);
});

test("Cancelling a run ends the pause before a retry", async () => {
  const controller = new AbortController();
  const bus = new EventBus();
  bus.on("agent.model.retry", () => controller.abort());
  const { agent } = agentOf([[]], { hooks: [new ModelRetryHook({ initialDelay: 1e9 })] });
  const { stop_reason } = await runContext(
    { runId: "r", bus },
    () => agent.invoke("go", { signal: controller.signal }),
  );
  assertEquals(stop_reason, "cancelled");
});

test("ModelRetryHook leaves its own pause, and no timer, when the run is cancelled", async () => {
  const controller = new AbortController();
  const event = {
    response: { content: null, tool_calls: [] },
    attempt: 1,
    context: { signal: controller.signal, emit: () => controller.abort(new Error("stop")) },
    retry: () => {
      throw new Error("asked for a retry");
    },
  } as object as AfterModelCallEvent;
  const hook = new ModelRetryHook({ initialDelay: 30 });
  await assertRejects(() => hook.onAfterModelCall(event), Error, "stop");
});

test("A thousand interleaved runs with one ModelRetryHook do not mix", async () => {
  const runs = 1000;
  const asked = new Map<string, number>();
  const answer: Script = ({ prompt }) => {
    const text = JSON.stringify(prompt.at(-1)!.content);
    const name = /run (\d+)/.exec(text)![1]!;
    const nth = (asked.get(name) ?? 0) + 1;
    asked.set(name, nth);
    return nth > Number(name) % 4 ? [`answer ${name}`] : [];
  };
  const seen: string[] = [];
  const watcher: Hook = {
    onAfterModelCall: ({ context, attempt }) => void seen.push(`${context.runId} ${attempt}`),
  };
  const hook = new ModelRetryHook({ maxRetries: 3, initialDelay: 0.001, backoffFactor: 1 });
  const { agent } = agentOf(Array(4 * runs).fill(answer), { hooks: [hook, watcher] });
  const results = await Promise.all(
    Array.from({ length: runs }, (_, i) => agent.invoke(`run ${i}`)),
  );
  results.forEach(({ message, metrics }, i) => {
    assertEquals([message, metrics.total_tokens], [`answer ${i}`, 8 * (i % 4 + 1)]);
  });
  assertEquals(hook.retriesTotal, runs / 4 * (0 + 1 + 2 + 3));
  assertEquals(new Set(seen).size, seen.length);
});

test("classifyModelError() tells failures that pass by their structure", () => {
  const cases: [error: unknown, kind: string | null][] = [
    [apiError({ statusCode: 429 }), "rate_limit"],
    [apiError({ statusCode: 408 }), "timeout"],
    [apiError({ statusCode: 504 }), "timeout"],
    [apiError({ statusCode: 500 }), "server_error"],
    [apiError({ statusCode: 529 }), "server_error"],
    [{ status: 429 }, "rate_limit"],
    [apiError({ isRetryable: true }), "server_error"],
    [new Error("wrapped", { cause: apiError({ statusCode: 429 }) }), "rate_limit"],
    [
      Object.assign(new Error("retries"), { lastError: apiError({ statusCode: 502 }) }),
      "server_error",
    ],
    [apiError({ statusCode: 400 }), null],
    [new TypeError("a bug"), null],
    ["text", null],
    [undefined, null],
  ];
  assertEquals(cases.map(([error]) => classifyModelError(error)), cases.map(([, kind]) => kind));
});

test("retryAfterSeconds() reads seconds, milliseconds and dates", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const of = (responseHeaders: unknown) => retryAfterSeconds(apiError({ responseHeaders }), now);
  assertEquals(of({ "retry-after": "7" }), 7);
  assertEquals(of({ "retry-after-ms": "250", "retry-after": "7" }), 0.25);
  assertEquals(of({ "Retry-After": "Thu, 01 Jan 2026 00:00:09 GMT" }), 9);
  assertEquals(of({ "Retry-After": "Wed, 31 Dec 2025 00:00:00 GMT" }), 0);
  assertEquals(of(new Headers({ "retry-after": "3" })), 3);
  assertEquals([of({}), of({ "retry-after": "soon" }), of(undefined)], [null, null, null]);
});

test("ModelRetryHook checks its options", () => {
  const refused: [options: object, message: string][] = [
    [{ maxRetries: -1 }, '"maxRetries" must be a whole number of at least 0, got -1'],
    [{ backoffFactor: 0.5 }, '"backoffFactor" must be a number of at least 1, got 0.5'],
    [{ maxDelay: NaN }, '"maxDelay" must be a number of at least 0, got NaN'],
    [{ attempts: 3 }, 'unknown option "attempts"'],
  ];
  for (const [options, message] of refused) {
    assertThrows(() => new ModelRetryHook(options), Error, `ModelRetryHook: ${message}`);
  }
});

test("Errors of the model reach the hooks, and rate limits are repeated", async () => {
  const limited = Object.assign(new Error("slow down"), { statusCode: 429 });
  const seen: unknown[] = [];
  const { agent } = agentOf([limited, ["ok"]], {
    hooks: [
      new ModelRetryHook({ initialDelay: 0 }),
      { onModelError: ({ error }) => void seen.push(error) },
    ],
  });
  assertEquals((await agent.invoke("go")).message, "ok");
  assertEquals(seen, [limited]);
});
