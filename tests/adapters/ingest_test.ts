import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { z } from "zod";
import { defineEvents, EventBus } from "@locus/core";
import { locus, type LocusOptions } from "@locus/core/hono";
import type { AnyEvent } from "../harness/support/read.ts";

interface Fixture {
  bus: EventBus;
  post(body: unknown, headers?: HeadersInit): Promise<Response>;
  events(run?: string): AnyEvent[];
}

function createFixture(options: LocusOptions = {}): Fixture {
  const bus = new EventBus({ onError() {} });
  const app = locus({ bus, ingest: true, authorize: () => true, ...options });
  return {
    bus,
    events: (run = "r") => bus.history({ run }).reverse() as AnyEvent[],
    post: async (body, headers = {}) =>
      await app.request("/events", {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
  };
}

function tick(n: number, run = "r"): { run_id: string; event_type: string; data: object } {
  return { run_id: run, event_type: "test.tick", data: { n } };
}

const toolStarted = {
  run_id: "r",
  event_type: "agent.tool.started",
  data: { tool_name: "search", span_id: "c1", arg_keys: ["query"] },
};

const ndjson = { "Content-Type": "application/x-ndjson" };

test("POST /events does not exist without ingest", async () => {
  const { post, events } = createFixture({ ingest: false });
  const response = await post(tick(1));
  assertEquals([response.status, response.headers.get("Allow")], [405, "GET, HEAD"]);
  assertEquals(events(), []);
});

test("POST /events publishes an event", async () => {
  const { post, events } = createFixture();
  const response = await post(tick(1));
  assertEquals([response.status, await response.json()], [200, { accepted: 1, rejected: [] }]);
  const [event] = events();
  assertEquals([event!.run_id, event!.event_type, event!.data], ["r", "test.tick", { n: 1 }]);
});

test("POST /events publishes a list in its order", async () => {
  const { post, events } = createFixture();
  assertEquals((await (await post([tick(1), tick(2, "q"), toolStarted])).json()).accepted, 3);
  assertEquals(events().map(({ event_type }) => event_type), ["test.tick", "agent.tool.started"]);
  assertEquals(events("q").map(({ data }) => data.n), [2]);
});

test("POST /events publishes one event a line", async () => {
  const { post, events } = createFixture();
  const body = `${JSON.stringify(tick(1))}\n\r\n  \n${JSON.stringify(tick(2))}\r\n`;
  const response = await post(body, ndjson);
  assertEquals(await response.json(), { accepted: 2, rejected: [] });
  assertEquals(events().map(({ data }) => data.n), [1, 2]);
});

test("POST /events takes what the Python framework of the seeds sends, byte for byte", async () => {
  const { post, events } = createFixture();
  // json.dumps(event.to_dict()): spaces after the marks, a random id, an offset and microseconds.
  const body = '{"event_id": "3f2b8c1e-9d64-4a6e-8f57-0c9d1b7e2a44", "run_id": ' +
    '"5f0c2f4e8d0b4d3d9f3f4f7f6a1b2c3d", "event_type": "agent.tool.started", "timestamp": ' +
    '"2026-01-31T12:00:00.123456+00:00", "data": {"tool_name": "search", "span_id": "call_1", ' +
    '"arg_keys": ["query"]}}';
  const response = await post(body);
  assertEquals(await response.json(), { accepted: 1, rejected: [] });
  const [event] = events("5f0c2f4e8d0b4d3d9f3f4f7f6a1b2c3d");
  assertEquals(event!.data, { tool_name: "search", span_id: "call_1", arg_keys: ["query"] });
  assertMatch(event!.event_id, /^[0-9a-z]+-1$/);
});

test("POST /events publishes what is right, and says what is wrong with the rest", async () => {
  const { post, events } = createFixture();
  const response = await post([
    tick(1),
    { ...toolStarted, data: { ...toolStarted.data, tool_name: 7 } },
    { ...tick(2), run_id: "a b" },
    { ...tick(3), event_type: "bus.gap" },
    { ...tick(4), data: [] },
    7,
    null,
    tick(5),
  ]);
  assertEquals(response.status, 422);
  const { accepted, rejected } = await response.json();
  assertEquals(accepted, 2);
  assertEquals(rejected.map(({ index }: { index: number }) => index), [1, 2, 3, 4, 5, 6]);
  const reasons = [
    '"data.tool_name" must be a string, got 7',
    '"run_id" must be 1 to 128',
    '"event_type" must be 1 to 64',
    '"data" must be an object, got an array',
    "it must be an object, got 7",
    "it must be an object, got null",
  ];
  for (const [i, reason] of reasons.entries()) assertStringIncludes(rejected[i].error, reason);
  assertEquals(events().map(({ data }) => data.n), [1, 5]);
});

test("POST /events says which line is no JSON", async () => {
  const { post } = createFixture();
  const response = await post(`${JSON.stringify(tick(1))}\nnot json\n`, ndjson);
  assertEquals([response.status, await response.json()], [422, {
    accepted: 1,
    rejected: [{ index: 1, error: "The body must be JSON" }],
  }]);
});

test("POST /events closes a run with bus.end", async () => {
  const { bus, post, events } = createFixture();
  const end = { run_id: "r", event_type: "bus.end", data: { last_event_id: null } };
  const response = await post([tick(1), end, tick(2)]);
  assertEquals(await response.json(), {
    accepted: 2,
    rejected: [{ index: 2, error: 'Run "r" is closed' }],
  });
  assertEquals(events().length, 1);
  assertEquals(bus.runs()[0]!.closed, true);
});

test("POST /events refuses events of a run that is closed", async () => {
  const { bus, post } = createFixture();
  bus.closeStream("r");
  const response = await post([tick(1), tick(2, "q")]);
  const { accepted, rejected } = await response.json();
  assertEquals([accepted, rejected], [1, [{ index: 0, error: 'Run "r" is closed' }]]);
});

test("D8: POST /events asks authorize before it reads the body, and then once for each run", async () => {
  const asked: (string | null)[] = [];
  const { post, events } = createFixture({
    authorize(c, runId) {
      assertEquals(c.req.method, "POST");
      asked.push(runId);
      return runId === null || runId === "r";
    },
  });
  const response = await post([tick(1), tick(2, "q"), tick(3), tick(4, "q")]);
  assertEquals(asked, [null, "r", "q"]);
  const { accepted, rejected } = await response.json();
  assertEquals(accepted, 2);
  assertEquals(rejected, [1, 3].map((index) => ({ index, error: "Not found" })));
  assertEquals(events("q"), []);
});

for (const answer of [false, undefined, "yes", Promise.resolve(false)]) {
  test(`D8: POST /events of who may publish nothing is 404 before the body is read (${answer})`, async () => {
    const asked: (string | null)[] = [];
    const app = locus({
      ingest: true,
      authorize(_, runId) {
        asked.push(runId);
        return answer as boolean;
      },
    });
    let isRead = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        isRead = true;
        controller.enqueue(new Uint8Array([32]));
        controller.close();
      },
    }, { highWaterMark: 0 });
    const headers = { "Content-Type": "application/json", "Content-Length": "5000000" };
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    const response = await app.request("/events", init);
    assertEquals([response.status, await response.json()], [404, { error: "Not found" }]);
    assertEquals([isRead, asked], [false, [null]]);
  });
}

test("D8: POST /events asks for a thousand runs a few at a time, each once", async () => {
  let [asking, most, asked] = [0, 0, 0];
  const { post } = createFixture({
    async authorize() {
      asked++;
      most = Math.max(most, ++asking);
      await Promise.resolve();
      asking--;
      return true;
    },
  });
  const body = Array.from({ length: 1_000 }, (_, n) => tick(n, `run-${n % 500}`));
  assertEquals((await post(body)).status, 200);
  assertEquals(asked, 501);
  assert(most > 1 && most <= 32, `${most} questions at a time`);
});

test("D8: POST /events says nothing of events of another's run", async () => {
  const { bus, post } = createFixture({ authorize: (_, runId) => runId !== "q" });
  bus.closeStream("q");
  const wrong = [
    { ...toolStarted, run_id: "q", data: { tool_name: 7 } },
    { ...tick(1, "q"), event_type: "bus.gap" },
    { ...tick(2, "q"), data: [] },
    { ...tick(3, "q"), surprise: 1 },
    tick(4, "q"),
    { run_id: "q", event_type: "bus.end", data: {} },
  ];
  for (const item of wrong) {
    assertEquals((await post(item)).status, 404);
    const mixed = await (await post([tick(1), item])).json();
    assertEquals(mixed, { accepted: 1, rejected: [{ index: 1, error: "Not found" }] });
    const line = `${JSON.stringify(item)}\n${JSON.stringify(tick(1))}`;
    const lines = await (await post(line, ndjson)).json();
    assertEquals(lines, { accepted: 1, rejected: [{ index: 0, error: "Not found" }] });
  }
});

test("D15: a request that is refused has published nothing, so it can be sent again", async () => {
  const { bus, post } = createFixture({ ingest: { maxEvents: 2 }, onError() {} });
  assertEquals((await post([tick(1), tick(2), tick(3)])).status, 413);
  assertEquals((await post(`[${JSON.stringify(tick(1))}, {`)).status, 400);
  Object.assign(bus, { append: () => Promise.reject(new Error("out of order")) });
  assertEquals((await post([tick(1), tick(2)])).status, 503);
  assertEquals([...bus.history()], []);
});

test("POST /events is 404 for who may publish to none of the runs", async () => {
  const { post, events } = createFixture({ authorize: () => false });
  const response = await post([tick(1), toolStarted]);
  assertEquals([response.status, await response.json()], [404, { error: "Not found" }]);
  assertEquals(events(), []);
});

for (
  const [what, body, headers, status] of [
    ["no JSON", "{", {}, 400],
    ["nothing", "", {}, 400],
    ["NaN, as Python may write it", '{"data": {"n": NaN}}', {}, 400],
    ["a list in lists", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, {}, 400],
    ["objects without an end", '{"a":'.repeat(100_000), {}, 400],
    ["a compressed body", "{}", { "Content-Encoding": "gzip" }, 415],
    ["XML", "<a/>", { "Content-Type": "application/xml" }, 415],
    ["a form", "a=1", { "Content-Type": "application/x-www-form-urlencoded" }, 403],
    ["a text", "{}", { "Content-Type": "text/plain;charset=UTF-8" }, 403],
    ["what a form with a file sends", "{}", { "Content-Type": "multipart/form-data" }, 403],
    ["something larger", " ".repeat(2_001), {}, 413],
    ["more events", JSON.stringify(Array.from({ length: 11 }, () => 0)), {}, 413],
  ] as const
) {
  test(`POST /events answers ${what} with ${status}`, async () => {
    const big = body.length > 10_000 ? 1_000_000 : 2_000;
    const { post } = createFixture({ ingest: { maxBodyBytes: big, maxEvents: 10 } });
    const response = await post(body, headers);
    assertEquals(response.status, status);
    assertEquals(typeof (await response.json()).error, "string");
  });
}

test("POST /events refuses a body that is not UTF-8", async () => {
  const app = locus({ ingest: true, authorize: () => true });
  const response = await app.request("/events", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: new Uint8Array([0x22, 0xff, 0x22]),
  });
  assertEquals(await response.json(), { error: "The body must be UTF-8" });
});

test("POST /events stops reading a body that does not say how large it is", async () => {
  const app = locus({ ingest: { maxBodyBytes: 1_000 }, authorize: () => true });
  let sent = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(sent += 100).fill(32)),
    cancel: () => void (cancelled = true),
  });
  const init = { method: "POST", headers: { "Content-Type": "application/json" }, body };
  const response = await app.request("/events", { ...init, duplex: "half" } as RequestInit);
  assertEquals([response.status, cancelled], [413, true]);
});

test("POST /events keeps brackets within texts apart from depth", async () => {
  const { post, events } = createFixture();
  const text = `"\\"${"[{".repeat(200)}\\\\`;
  const response = await post({ run_id: "r", event_type: "test.tick", data: { text } });
  assertEquals(response.status, 200);
  assertEquals(events()[0]!.data, { text });
});

for (const key of ["__proto__", "constructor", "toString"]) {
  test(`POST /events takes ${key} for a name like others`, async () => {
    const { post, events } = createFixture();
    const body = `{"run_id":"${key}","event_type":"${key}","data":{"${key}":{"polluted":1}}}`;
    assertEquals((await post(body)).status, 200);
    assertEquals(Object.hasOwn(events(key)[0]!.data, key), true);
    assertEquals("polluted" in {}, false);
  });
}

test("POST /events that fails tells the client nothing but an id", async () => {
  const errors: unknown[] = [];
  const { bus, post } = createFixture({ onError: (error) => void errors.push(error) });
  Object.assign(bus, {
    append: undefined,
    runs() {
      throw new Error("swordfish");
    },
  });
  const response = await post(tick(1));
  assertEquals(response.status, 500);
  assertEquals((await response.text()).includes("swordfish"), false);
  assertEquals(errors.map(String), ["Error: swordfish"]);
});

const order = defineEvents({ "shop.paid": z.object({ order: z.string() }) });
const paid = (order: unknown) => ({ run_id: "r", event_type: "shop.paid", data: { order } });

test("POST /events refuses own payloads that their schemas refuse", async () => {
  const { post, events } = createFixture({ events: order });
  const response = await post([paid("7"), paid(7), tick(1)]);
  const { accepted, rejected } = await response.json();
  assertEquals([response.status, accepted, rejected.length], [422, 2, 1]);
  assertEquals(rejected[0].index, 1);
  assertStringIncludes(rejected[0].error, `The payload of "shop.paid" is not valid: `);
  assertEquals(events().map(({ data }) => data), [{ order: "7" }, { n: 1 }]);
});

test("POST /events checks own payloads by the events of its bus", async () => {
  const { post } = createFixture({ bus: new EventBus({ events: order }) });
  assertEquals([(await post(paid("7"))).status, (await post(paid(7))).status], [200, 422]);
});

test("locus() says what events must be", () => {
  assertThrows(
    () => locus({ events: {} as never }),
    TypeError,
    `locus(): "events" must be what defineEvents() returns`,
  );
});
