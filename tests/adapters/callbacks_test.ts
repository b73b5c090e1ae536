/**
 * Callbacks of the application that do not answer, or answer what they must not.
 *
 * @module
 */
import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { EventBus } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { agentServer } from "@locus/core/agent-server";
import { locus, type LocusOptions } from "@locus/core/hono";
import { eventStreamResponse } from "@locus/core/sse";
import { readLocusOptions } from "../../src/adapters/hono/locus_options.ts";
import { follow } from "../harness/support/event_source.ts";
import { ScriptedModel } from "../harness/support/scripted_model.ts";

const never = () => new Promise<never>(() => {});

/** Has the limits of seconds go off at once. */
async function hurrying<T>(fn: () => Promise<T>): Promise<T> {
  const real = globalThis.setTimeout;
  const hurried = (run: () => void, ms = 0) => real(run, ms >= 5_000 ? 1 : ms);
  Object.assign(globalThis, { setTimeout: hurried });
  try {
    return await fn();
  } finally {
    Object.assign(globalThis, { setTimeout: real });
  }
}

function appOf(options: LocusOptions): { app: ReturnType<typeof locus>; errors: unknown[] } {
  const errors: unknown[] = [];
  const bus = new EventBus();
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
  const app = locus({
    bus,
    ingest: true,
    onResume() {},
    onError: (error) => void errors.push(error),
    ...options,
  });
  return { app, errors };
}

const post = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});
const answer = { interrupt_id: "i", response: "yes" };

for (
  const [path, init] of [
    ["/runs/r/events"],
    ["/runs/r/history"],
    ["/runs"],
    ["/runs?limit=1"],
    ["/events"],
    ["/stats"],
    ["/events", post({ run_id: "r", event_type: "test.tick", data: {} })],
    ["/runs/r/resume", post(answer)],
  ] as const
) {
  test(`D12: ${init?.method ?? "GET"} ${path} is answered when authorize never does`, async () => {
    for (const authorize of [never, () => ({ then() {} }) as Promise<never>]) {
      const { app, errors } = appOf({ authorize });
      const response = await hurrying(async () => await app.request(path, init));
      assertEquals(response.status, 500);
      assertEquals(typeof (await response.json()).correlation_id, "string");
      assertStringIncludes(String(errors), '"authorize" did not answer within 5000 ms');
    }
  });
}

test("D12: an agent server answers when authenticate never does", async () => {
  const errors: unknown[] = [];
  const agent = new Agent({ model: new ScriptedModel() });
  const onError = (error: unknown) => void errors.push(error);
  const server = agentServer({ agent, authenticate: never, onError });
  const response = await hurrying(async () => await server.request("/info"));
  assertEquals(response.status, 500);
  assertStringIncludes(String(errors), '"authenticate" did not answer within 5000 ms');
});

test("D12: an answer to an agent is not taken twice when onResume never answers", async () => {
  let taken = 0;
  const { app, errors } = appOf({
    authorize: () => true,
    onResume() {
      taken++;
      return never();
    },
  });
  const [first, again] = await hurrying(async () => [
    await app.request("/runs/r/resume", post(answer)),
    await app.request("/runs/r/resume", post(answer)),
  ]);
  assertEquals([first!.status, again!.status, taken], [500, 409, 1]);
  assertStringIncludes(String(errors), '"onResume" did not answer within 5000 ms');
});

test("D12: answers that nobody takes are bounded", async () => {
  const { app } = appOf({ authorize: () => true, onResume: never });
  await hurrying(async () => {
    for (let n = 0; n < 1_000; n += 100) {
      await Promise.all(Array.from({ length: 100 }, async (_, m) => {
        const init = post({ interrupt_id: `${n + m}`, response: 1 });
        assertEquals((await app.request("/runs/r/resume", init)).status, 500);
      }));
    }
    const refused = await app.request("/runs/r/resume", post(answer));
    assertEquals([refused.status, refused.headers.has("Retry-After")], [503, true]);
  });
});

test("D12: a stream is revalidated in its time, however rare the heartbeats are", async () => {
  let isAllowed = true;
  const bus = new EventBus();
  const app = locus({ bus, authorize: () => isAllowed, heartbeatMs: 60_000, revalidateMs: 20 });
  const connection = follow(await app.request("/runs/r/events"));
  // Events flow all the time.
  const flow = setInterval(() => bus.publish({ run_id: "r", event_type: "test.tick", data: {} }));
  await connection.read(3);
  isAllowed = false;
  await connection.readAll();
  clearInterval(flow);
  assertEquals(bus.stats().active_runs, 0);
});

test("D12: a stream is revalidated every 5 seconds at the latest, unless another time is given", () => {
  const msOf = (options: LocusOptions) => readLocusOptions("test", options).revalidateMs;
  assertEquals(msOf({}), 5_000);
  assertEquals(msOf({ heartbeatMs: 100 }), 100);
  assertEquals(msOf({ heartbeatMs: 12_000 }), 5_000);
  assertEquals(msOf({ heartbeatMs: 12_000, revalidateMs: 30_000 }), 30_000);
  assertEquals(msOf({ heartbeatMs: 100, revalidateMs: Infinity }), Infinity);
});

test("D12: what an asynchronous onError rejects with harms nobody", async () => {
  let reports = 0;
  const onError = () => {
    reports++;
    return Promise.reject(new Error("the log is full"));
  };
  const authorize = () => Promise.reject(new Error("out of order"));
  assertEquals((await appOf({ authorize, onError }).app.request("/runs")).status, 500);
  const agent = new Agent({ model: new ScriptedModel() });
  const server = agentServer({ agent, onError, authenticate: authorize });
  assertEquals((await server.request("/info")).status, 500);
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  Object.assign(subscription, { batches: () => ({ next: () => Promise.reject(new Error("x")) }) });
  await eventStreamResponse(subscription, { onError }).text();
  assertEquals(reports, 3);
});
