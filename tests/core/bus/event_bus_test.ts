import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { EventBus } from "@locus/core";
import { readAll, readSome, summarize } from "../../harness/support/read.ts";

function publish(bus: EventBus, runId: string, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: runId, event_type: "test.tick", data: { n } });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

test("EventBus.publish() gives an event its id, its time and the five keys in order", async () => {
  const bus = new EventBus();
  publish(bus, "r1", 7);
  bus.closeStream("r1");
  const [event] = await readAll(bus.subscribe("r1"));
  assertEquals(Object.keys(event!), ["event_id", "run_id", "event_type", "timestamp", "data"]);
  assertMatch(event!.event_id, /^[a-z0-9]+-1$/);
  assertMatch(event!.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assertEquals([event!.run_id, event!.event_type, event!.data], ["r1", "test.tick", { n: 7 }]);
});

test("EventBus.publish() numbers the events of each run from 1 within one epoch", async () => {
  const bus = new EventBus();
  publish(bus, "a", 1, 2);
  publish(bus, "b", 1);
  publish(bus, "a", 3);
  for (const run of ["a", "b"]) bus.closeStream(run);
  const ids = (await readAll(bus.subscribe("a"))).map((event) => event.event_id.split("-"));
  assertEquals(ids.map(([, seq]) => seq), ["1", "2", "3"]);
  assertEquals(new Set(ids.map(([epoch]) => epoch)).size, 1);
  const [other] = await readAll(bus.subscribe("b"));
  assert(other!.event_id.split("-")[0] !== ids[0]![0], "runs have epochs of their own");
});

test("EventBus.subscribe() replays history before live events", async () => {
  const bus = new EventBus();
  publish(bus, "r", 1, 2);
  const subscription = bus.subscribe("r");
  const reading = readAll(subscription);
  publish(bus, "r", 3);
  bus.closeStream("r");
  assertEquals(summarize(await reading), [1, 2, 3]);
});

test("EventBus.subscribe() waits for a run that nobody has published to", async () => {
  const bus = new EventBus();
  const reading = readAll(bus.subscribe("r"));
  await Promise.resolve();
  publish(bus, "r", 1);
  bus.closeStream("r");
  assertEquals(summarize(await reading), [1]);
});

test("EventBus.subscribe() gives every reader the same events", async () => {
  const bus = new EventBus();
  const readings = [bus.subscribe("r"), bus.subscribe("r"), bus.subscribe("r")].map(readAll);
  publish(bus, "r", 1, 2, 3);
  bus.closeStream("r");
  const [first, ...others] = await Promise.all(readings);
  for (const other of others) assertEquals(other, first);
});

test("EventBus.subscribe() never delivers events of another run", async () => {
  const bus = new EventBus();
  const reading = readAll(bus.subscribe("a"));
  publish(bus, "b", 100);
  publish(bus, "a", 1);
  publish(bus, "b", 101);
  bus.closeStream("a");
  assertEquals(summarize(await reading), [1]);
});

test("EventBus.subscribe({ from: 'live' }) skips the history", async () => {
  const bus = new EventBus();
  publish(bus, "r", 1, 2);
  const reading = readAll(bus.subscribe("r", { from: "live" }));
  publish(bus, "r", 3);
  bus.closeStream("r");
  assertEquals(summarize(await reading), [3]);
});

test("EventBus.subscribe({ select }) delivers exact types and prefixes only", async () => {
  const bus = new EventBus();
  const types = ["a.x", "a.y", "ab.x", "b.z", "a.x.deep"];
  for (const type of types) bus.publish({ run_id: "r", event_type: type, data: {} });
  bus.closeStream("r");
  const read = async (select: string | string[]) =>
    (await readAll(bus.subscribe("r", { select }))).map((event) => event.event_type);
  assertEquals(await read("a.x"), ["a.x"]);
  assertEquals(await read("a.*"), ["a.x", "a.y", "a.x.deep"]);
  assertEquals(await read(["b.z", "ab.*"]), ["ab.x", "b.z"]);
  assertEquals(await read("*"), types);
});

for (const size of [499, 500, 501]) {
  test(`EventBus keeps the last 500 of ${size} events for a late reader, by default`, async () => {
    const bus = new EventBus();
    publish(bus, "r", ...range(1, size));
    bus.closeStream("r");
    const seen = summarize(await readAll(bus.subscribe("r")));
    const expected: (number | string)[] = range(Math.max(1, size - 499), size);
    if (size > 500) expected.unshift(`gap:evicted 1-${size - 500}`);
    assertEquals(seen, expected);
  });
}

for (const size of [1023, 1024, 1025]) {
  test(`EventBus lets a live reader lag 1024 events: ${size} are pending`, async () => {
    const bus = new EventBus();
    const subscription = bus.subscribe("r");
    publish(bus, "r", ...range(1, size));
    bus.closeStream("r");
    const expected: (number | string)[] = range(Math.max(1, size - 1023), size);
    if (size > 1024) expected.unshift("gap:lagged 1-1");
    assertEquals(summarize(await readAll(subscription)), expected);
  });
}

for (const size of [199, 200, 201]) {
  test(`EventBus retains 200 of ${size} runs, by default`, () => {
    const bus = new EventBus();
    for (const n of range(1, size)) publish(bus, `r${n}`, n);
    assertEquals(bus.stats().history_runs, Math.min(200, size));
    assertEquals(bus.stats().evicted_runs_total, Math.max(0, size - 200));
  });
}

test("EventBus.closeStream() ends every reader after the last event, once", async () => {
  const bus = new EventBus();
  const early = bus.subscribe("r");
  const reading = readAll(early);
  publish(bus, "r", 1, 2);
  bus.closeStream("r");
  bus.closeStream("r");
  assertEquals(summarize(await reading), [1, 2]);
  assertEquals(early.ended, "closed");
});

test("EventBus.closeStream() reaches a reader that lags", async () => {
  const bus = new EventBus({ maxQueueSize: 2, historyPerRun: 2 });
  const subscription = bus.subscribe("r");
  publish(bus, "r", ...range(1, 10));
  bus.closeStream("r");
  assertEquals(summarize(await readAll(subscription)), ["gap:lagged 1-8", 9, 10]);
  assertEquals(subscription.ended, "closed");
});

test("EventBus.closeStream() lets a late reader have the history, then the end", async () => {
  const bus = new EventBus();
  publish(bus, "r", 1);
  bus.closeStream("r");
  assertEquals(summarize(await readAll(bus.subscribe("r"))), [1]);
});

test("EventBus.closeStream() of an unknown run ends its later readers", async () => {
  const bus = new EventBus();
  bus.closeStream("r");
  assertEquals(await readAll(bus.subscribe("r")), []);
});

test("EventBus.publish() to a closed run is refused, counted and reported", async () => {
  const errors: string[] = [];
  const bus = new EventBus({
    onError: (error, { stage }) => errors.push(`${stage}: ${error.message}`),
  });
  publish(bus, "r", 1);
  bus.closeStream("r");
  publish(bus, "r", 2);
  assertEquals(summarize(await readAll(bus.subscribe("r"))), [1]);
  assertEquals(bus.stats().rejected_events_total, 1);
  assertEquals(errors, [
    'publish: Cannot publish event: run "r" is closed',
  ]);
});

test("EventBus.dropHistory() forgets the events and that the run was closed", async () => {
  const bus = new EventBus();
  publish(bus, "r", 1);
  bus.closeStream("r");
  bus.dropHistory("r");
  assertEquals(bus.stats().history_runs, 0);
  assertEquals(bus.stats().retained_bytes, 0);
  publish(bus, "r", 2);
  bus.closeStream("r");
  assertEquals(summarize(await readAll(bus.subscribe("r"))), [2]);
});

test("EventBus.dropHistory() announces to a reader what it had not taken, and goes on", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  publish(bus, "r", 1, 2, 3);
  assertEquals(summarize(await readSome(subscription, 1)), [1]);
  bus.dropHistory("r");
  publish(bus, "r", 4);
  bus.closeStream("r");
  assertEquals(summarize(await readAll(subscription)), ["gap:evicted 2-3", 4]);
});

test("EventBus.dropHistory() of a closed run lets its readers end", async () => {
  const bus = new EventBus();
  const subscription = bus.subscribe("r");
  publish(bus, "r", 1, 2);
  bus.closeStream("r");
  bus.dropHistory("r");
  assertEquals(summarize(await readAll(subscription)), ["gap:evicted 1-2"]);
  assertEquals(subscription.ended, "closed");
});

test("EventBus evicts the least recently published run first", async () => {
  const bus = new EventBus({ maxRunsRetained: 2 });
  publish(bus, "a", 1);
  publish(bus, "b", 1);
  publish(bus, "a", 2);
  publish(bus, "c", 1);
  assertEquals(bus.stats().evicted_runs_total, 1);
  assertEquals(bus.runs().map(({ run_id }) => run_id).sort(), ["a", "c"]);
  const forgotten = bus.subscribe("b");
  assertEquals(summarize(await readSome(forgotten, 1)), ["gap:new_epoch 1-0"]);
  await forgotten.cancel();
});

test("EventBus evicts closed runs before idle ones", async () => {
  const bus = new EventBus({ maxRunsRetained: 2 });
  publish(bus, "idle", 1);
  publish(bus, "closed", 1);
  bus.closeStream("closed");
  publish(bus, "new", 1);
  const idle = bus.subscribe("idle");
  assertEquals(summarize(await readSome(idle, 1)), [1]);
  const closed = bus.subscribe("closed", { after: "elsewhere-1" });
  assertEquals(summarize(await readSome(closed, 1)), ["gap:new_epoch 1-0"]);
  await Promise.all([idle.cancel(), closed.cancel()]);
});

test("EventBus spares a run that is being read while another can go", async () => {
  const bus = new EventBus({ maxRunsRetained: 2 });
  publish(bus, "read", 1);
  const subscription = bus.subscribe("read");
  publish(bus, "idle", 1);
  publish(bus, "new", 1);
  publish(bus, "read", 2);
  assertEquals(summarize(await readSome(subscription, 2)), [1, 2]);
  await subscription.cancel();
});

test("EventBus announces to its readers that it had to evict their run", async () => {
  const bus = new EventBus({ maxRunsRetained: 1 });
  publish(bus, "read", 1, 2);
  const subscription = bus.subscribe("read");
  publish(bus, "new", 1);
  assertEquals(summarize(await readAll(subscription)), ["gap:evicted 1-2"]);
  assertEquals(subscription.ended, "evicted");
});

test("EventBus starts a run anew that goes on after it was evicted", async () => {
  const bus = new EventBus({ maxRunsRetained: 1 });
  const writer = bus.writer("a");
  writer.write("test.tick", { n: 1 });
  const before = bus.subscribe("a").cursor.split("-")[0];
  publish(bus, "b", 1);
  writer.write("test.tick", { n: 2 });
  bus.closeStream("a");
  const subscription = bus.subscribe("a", { after: `${before}-1` });
  assertEquals(subscription.recovery, "restarted");
  assertEquals(summarize(await readAll(subscription)), ["gap:new_epoch 1-0", 2]);
});

test("EventBus does not evict a history for a run that is only waited for", async () => {
  const bus = new EventBus({ maxRunsRetained: 1 });
  publish(bus, "kept", 1);
  const waiting = range(1, 10).map((n) => bus.subscribe(`waited-for-${n}`));
  assertEquals(bus.stats().history_runs, 1);
  assertEquals(bus.stats().active_runs, 10);
  await Promise.all(waiting.map((subscription) => subscription.cancel()));
  assertEquals(bus.stats().active_runs, 0);
  bus.closeStream("kept");
  assertEquals(summarize(await readAll(bus.subscribe("kept"))), [1]);
});

test("EventBus bounds the bytes it holds, and says what it forgot", async () => {
  const bus = new EventBus({ maxBytes: 10_000, maxEventBytes: 4_000 });
  const subscription = bus.subscribe("r");
  for (const n of range(1, 20)) {
    bus.publish({ run_id: "r", event_type: "test.tick", data: { n, text: "x".repeat(500) } });
    assert(bus.stats().retained_bytes <= 10_000, `after event ${n}`);
  }
  bus.closeStream("r");
  const seen = summarize(await readAll(subscription));
  const gap = /^gap:evicted 1-(\d+)$/.exec(String(seen[0]));
  assert(gap !== null, `first is a gap: ${seen[0]}`);
  assertEquals(seen.slice(1), range(Number(gap[1]) + 1, 20));
});

test("EventBus frees the bytes of other runs before those of the run at hand", async () => {
  const bus = new EventBus({ maxBytes: 3_000 });
  const text = "x".repeat(500);
  for (const run of ["a", "b", "c"]) {
    bus.publish({ run_id: run, event_type: "test.tick", data: { n: 1, text } });
  }
  assertEquals(bus.stats().history_runs, 2);
  assertEquals(bus.stats().evicted_runs_total, 1);
  bus.closeStream("c");
  assertEquals(summarize(await readAll(bus.subscribe("c"))), [1]);
});

test("EventBus.stats() has the seed's keys and counts what happened", async () => {
  const bus = new EventBus({ maxQueueSize: 2, historyPerRun: 2, onError() {} });
  const subscription = bus.subscribe("r");
  const global = bus.subscribeGlobal();
  publish(bus, "r", 1, 2, 3);
  publish(bus, "bad run id", 1);
  const { retained_bytes: bytes, ...stats } = bus.stats();
  assert(bytes > 0);
  assertEquals({ ...stats, queue_depths: { ...stats.queue_depths } }, {
    active_runs: 1,
    global_subscribers: 1,
    history_runs: 1,
    dropped_events_total: 0,
    queue_depths: { r: [2] },
    published_events_total: 3,
    rejected_events_total: 1,
    placeholders_total: 0,
    evicted_runs_total: 0,
  });
  assertEquals(summarize(await readSome(subscription, 1)), ["gap:lagged 1-1"]);
  assertEquals(bus.stats().dropped_events_total, 1);
  await Promise.all([subscription.cancel(), global.cancel()]);
  assertEquals(bus.stats().global_subscribers, 0);
});

for (const runId of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
  test(`EventBus treats the run id ${runId} like any other`, async () => {
    const bus = new EventBus();
    const subscription = bus.subscribe(runId);
    publish(bus, runId, 1);
    assertEquals(Object.keys(bus.stats().queue_depths), [runId]);
    bus.closeStream(runId);
    assertEquals(summarize(await readAll(subscription)), [1]);
    assertEquals(({} as Record<string, unknown>).n, undefined);
  });
}

test("EventBus rejects options that it does not know, and bounds that are none", () => {
  assertThrows(
    () => new EventBus({ history: 5 } as never),
    TypeError,
    'EventBus: unknown option "history"; did you mean "historyPerRun"?',
  );
  for (const value of [0, -1, 1.5, NaN, Infinity, "5", null]) {
    assertThrows(
      () => new EventBus({ maxQueueSize: value } as never),
      RangeError,
      'EventBus: "maxQueueSize" must be a whole number of at least 1, got',
    );
  }
  assertThrows(
    () => new EventBus({ onError: 1 } as never),
    TypeError,
    '"onError" must be a function',
  );
  assertThrows(
    () => new EventBus([] as never),
    TypeError,
    "options must be an object, got an array",
  );
});

test("EventBus.subscribe() rejects bad run ids and options, and names them", () => {
  const bus = new EventBus();
  for (const runId of ["", "a b", "a\n", "ä", "x".repeat(129), 5, null]) {
    assertThrows(() => bus.subscribe(runId as string), TypeError, "EventBus.subscribe(): run_id");
  }
  assertThrows(
    () => bus.subscribe("r", { since: "x" } as never),
    TypeError,
    'unknown option "since"',
  );
  assertThrows(
    () => bus.subscribe("r", { after: 5 } as never),
    TypeError,
    '"after" must be an event_id',
  );
  assertThrows(() => bus.subscribe("r", { from: "x" } as never), TypeError, '"from" must be');
  assertThrows(() => bus.subscribe("r", { select: "a.**" }), TypeError, '"select" must be');
  assertThrows(() => bus.subscribe("r", { signal: {} } as never), TypeError, '"signal" must be');
  assertEquals(bus.stats().active_runs, 0);
});
