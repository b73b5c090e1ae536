/** `POST /events` that is sent again, by whoever may still send it. */
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type AppendingBus, type AppendOptions, type Bus, EventBus } from "@locus/core";
import { locus, type LocusOptions } from "@locus/core/hono";
import { installFakeClock } from "../harness/support/fake_clock.ts";
import type { AnyEvent } from "../harness/support/read.ts";
import { createRemoteBus } from "../transports/create_remote_bus.ts";
import { MemoryEngine } from "../transports/memory_engine.ts";

const by = (seq: number, epoch?: number, id = "p"): Record<string, string> => ({
  "Producer-Id": id,
  "Producer-Seq": String(seq),
  ...(epoch === undefined ? {} : { "Producer-Epoch": String(epoch) }),
});

const tick = (n: number, run = "r") => ({ run_id: run, event_type: "test.tick", data: { n } });
const end = (run = "r") => ({ run_id: run, event_type: "bus.end", data: {} });

/** The status and the body of an answer. */
type Said = [status: number, body: Partial<IngestResult>];

interface IngestResult {
  accepted: number;
  rejected: { index: number; error: string }[];
  duplicate: boolean;
  error: string;
  epoch: number;
}

function createFixture<B extends Bus = EventBus>(
  bus: B = new EventBus({ onError() {} }) as Bus as B,
  options: LocusOptions = {},
) {
  const app = locus({ bus, ingest: true, authorize: () => true, onError() {}, ...options });
  const post = async (body: unknown, headers: HeadersInit = {}) =>
    await app.request("/events", {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  return {
    bus,
    post,
    numbers: async (run = "r") =>
      ((await bus.history({ run })) as AnyEvent[]).reverse().map(({ data }) => data.n),
    said: async (body: unknown, headers: HeadersInit = {}): Promise<Said> => {
      const response = await post(body, headers);
      return [response.status, await response.json()];
    },
  };
}

const accepted = (
  count: number,
  duplicate: boolean,
): Said => [200, { accepted: count, rejected: [], duplicate }];

test("D15: a request that is sent again stores nothing, and says so", async () => {
  const { said, numbers } = createFixture();
  assertEquals(await said([tick(1), tick(2)], by(0)), accepted(2, false));
  assertEquals(await said([tick(1), tick(2)], by(0)), accepted(2, true));
  assertEquals(await said(tick(3), by(1)), accepted(1, false));
  assertEquals(await numbers(), [1, 2, 3]);
});

test("D15: without a producer, a request that is sent again is stored again", async () => {
  const { said, numbers } = createFixture();
  for (let i = 0; i < 2; i++) {
    assertEquals(await said(tick(1)), [200, { accepted: 1, rejected: [] }]);
  }
  assertEquals(await numbers(), [1, 1]);
});

test("D15: a producer that was taken over from is told the newest epoch", async () => {
  const { post, said, numbers } = createFixture();
  assertEquals(await said(tick(1), by(5, 1)), accepted(1, false));
  assertEquals(await said(tick(2), by(0, 4)), accepted(1, false));
  const response = await post(tick(3), by(6, 1));
  assertEquals([response.status, response.headers.get("Producer-Epoch")], [403, "4"]);
  const { error, epoch, accepted: count, rejected } = await response.json();
  assertEquals([error, epoch], ['Producer "p" has epoch 4 by now, and this request has 1', 4]);
  assertEquals([count, rejected.map(({ index }: { index: number }) => index)], [0, [0]]);
  assertEquals(await numbers(), [1, 2]);
});

test("D15: a producer that was taken over from does not end the run", async () => {
  const { bus, post } = createFixture();
  await bus.claim("r", "p");
  assertEquals((await post([tick(1), end()], by(0, 0))).status, 403);
  assertEquals(bus.runs().map(({ closed }) => closed), [false]);
  assertEquals((await post([tick(1), end()], by(0, 1))).status, 200);
  assertEquals(bus.runs().map(({ closed }) => closed), [true]);
});

test("D15: a request of several runs is told apart by run", async () => {
  const { bus, post, said, numbers } = createFixture();
  const first = [tick(1, "a"), tick(1, "b"), tick(2, "a")];
  assertEquals(await said(first.slice(0, 1), by(0)), accepted(1, false));
  // One run of it is stored already: what is left is stored now.
  assertEquals(await said(first, by(0)), accepted(3, false));
  assertEquals(await said(first, by(0)), accepted(3, true));
  assertEquals([await numbers("a"), await numbers("b")], [[1], [1]]);
  // In one of them somebody took over.
  await bus.claim("a", "p");
  const response = await post([tick(3, "a"), tick(3, "b")], by(1));
  const { epoch, accepted: count, rejected } = await response.json();
  assertEquals([response.status, epoch, count, rejected.length], [403, 1, 1, 1]);
  assertEquals([await numbers("a"), await numbers("b")], [[1], [1, 3]]);
});

test("D15: a request that ends its run can be sent again", async () => {
  const { bus, said, numbers } = createFixture();
  const body = [tick(1), end()];
  assertEquals(await said(body, by(0)), accepted(2, false));
  assertEquals(await said(body, by(0)), accepted(2, true));
  assertEquals(await said(end(), by(1)), [422, {
    accepted: 0,
    rejected: [{ index: 0, error: 'Run "r" is closed' }],
    duplicate: false,
  }]);
  assertEquals([await numbers(), bus.runs()[0]!.closed], [[1], true]);
});

test("D15: an end whose answer was lost before the run was closed closes it", async () => {
  const { bus, said } = createFixture();
  await bus.append("r", [], { producer: { id: "p", seq: 7 } });
  assertEquals(await said(end(), by(7)), accepted(1, true));
  assertEquals(bus.runs()[0]!.closed, true);
});

test("D15: what is wrong is refused alike each time", async () => {
  const { said, numbers } = createFixture();
  const body = [tick(1), { ...tick(2), data: [] }, end(), tick(3)];
  for (const duplicate of [false, true]) {
    const [status, { accepted, rejected, duplicate: told }] = await said(body, by(0));
    const indexes = rejected?.map(({ index }) => index);
    assertEquals([status, accepted, indexes, told], [422, 2, [1, 3], duplicate]);
  }
  assertEquals(await numbers(), [1]);
});

for (
  const [what, headers, sentence] of [
    ["no number", { "Producer-Id": "p" }, "and Producer-Seq was not"],
    ["no id", { "Producer-Seq": "1" }, "and Producer-Id was not"],
    ["an epoch alone", { "Producer-Epoch": "1" }, "and Producer-Id was not"],
    [
      "an empty id",
      by(1, 0, ""),
      "Producer-Id must be 1 to 128 of A-Z a-z 0-9 _.:@~+=- but not . or",
    ],
    ["an id with a space", by(1, 0, "a b"), 'got "a b"'],
    ["a number that is none", { ...by(1), "Producer-Seq": "x" }, "Producer-Seq must be a whole"],
    ["a number below 0", by(-1), 'got "-1"'],
    ["a fraction", by(0.5), 'got "0.5"'],
    ["a number in hexadecimal", { ...by(1), "Producer-Seq": "0x1" }, 'got "0x1"'],
    ["a number that is not exact", { ...by(1), "Producer-Seq": "9007199254740993" }, "from 0 to"],
    [
      "an epoch that is none",
      { ...by(1), "Producer-Epoch": "new" },
      "Producer-Epoch must be a whole",
    ],
    ["two numbers", { ...by(1), "Producer-Seq": "1, 2" }, 'got "1, 2"'],
  ] as [string, Record<string, string>, string][]
) {
  test(`D15: POST /events with ${what} in its headers is 400, and stores nothing`, async () => {
    const { bus, said } = createFixture();
    const [status, { error }] = await said(tick(1), headers);
    assertEquals([status, bus.history()], [400, []]);
    assertStringIncludes(error!, sentence);
  });
}

test("D15: who may publish nothing learns nothing of producers", async () => {
  const bus = new EventBus();
  await bus.claim("r", "p");
  const asked = createFixture(bus, { authorize: () => false });
  assertEquals(await asked.said(tick(1), { "Producer-Id": "a b" }), [404, { error: "Not found" }]);
  const mine = createFixture(bus, { authorize: (_, runId) => runId !== "r" });
  assertEquals(await mine.said(tick(1), by(0)), [404, { error: "Not found" }]);
  const [status, { epoch }] = await mine.said([tick(1), tick(1, "q")], by(0));
  assertEquals([status, epoch], [422, undefined]);
});

test("D15: the answer comes when the events are stored", async () => {
  const bus = createRemoteBus(new MemoryEngine());
  const { said, numbers } = createFixture<AppendingBus>(bus);
  assertEquals(await said([tick(1), end()], by(0)), accepted(2, false));
  assertEquals(await numbers(), [1]);
  assertEquals((await bus.runs()).map(({ closed }) => closed), [true]);
  await bus.end(100);
});

test("D15: what could not be stored is answered 503, reported, and stored once when sent again", async () => {
  const engine = new MemoryEngine();
  const bus = createRemoteBus(engine, { maxPendingEvents: 1 });
  const [link] = [...engine.stores];
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const { post, said, numbers } = createFixture<AppendingBus>(bus, { onError });
  link!.isSevered = true;
  bus.publish({ run_id: "q", event_type: "test.tick", data: {} });
  const response = await post([tick(1), tick(2)], by(0));
  assertEquals(response.status, 503);
  assertMatch(response.headers.get("Retry-After")!, /^[0-9]+$/);
  assertEquals(await response.json(), {
    error: "Not all events could be stored; try again later",
  });
  assertEquals(errors.length, 1);
  link!.isSevered = false;
  await bus.flushed();
  assertEquals(await said([tick(1), tick(2)], by(0)), accepted(2, false));
  assertEquals(await numbers(), [1, 2]);
  await bus.end(100);
});

test("D15: a bus that fails tells the client nothing of why", async () => {
  const bus = Object.assign(new EventBus(), {
    append: () => Promise.reject(new TypeError("fetch failed: swordfish")),
  });
  const errors: unknown[] = [];
  const { post } = createFixture(bus, { onError: (error) => void errors.push(error) });
  const response = await post(tick(1), by(0));
  assertEquals([response.status, (await response.text()).includes("swordfish")], [503, false]);
  assertEquals(errors.map(String), ["TypeError: fetch failed: swordfish"]);
});

test("D15: a bus that does not store in time is answered 503, and is told to give up", async () => {
  const bus = new EventBus();
  let signal: AbortSignal | undefined;
  Object.assign(bus, {
    append(_run: string, _drafts: unknown, options: AppendOptions) {
      signal = options.signal;
      return new Promise(() => {});
    },
  });
  const { post } = createFixture(bus);
  const clock = installFakeClock();
  try {
    const { status } = await clock.run(post(tick(1), by(0)));
    assertEquals([status, signal?.aborted, clock.now, clock.pending], [503, true, 5_000, 0]);
  } finally {
    clock.restore();
  }
});

test("a bus without append() takes events in as ever, and promises nothing", async () => {
  const own = Object.assign(new EventBus({ onError() {} }), { append: undefined });
  const { said, numbers, bus } = createFixture(own as Bus);
  const answer: Said = [200, { accepted: 1, rejected: [] }];
  for (let i = 0; i < 2; i++) assertEquals(await said(tick(1), by(0)), answer);
  assertEquals(await numbers(), [1, 1]);
  const [status, { rejected }] = await said([end(), tick(2)]);
  assertEquals([status, rejected], [422, [{ index: 1, error: 'Run "r" is closed' }]]);
  assert((await bus.runs())[0]!.closed);
  assertEquals((await said(tick(3)))[0], 422);
});
