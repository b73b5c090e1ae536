import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { type Bus, EventBus, resetEventBus, setEventBus, withRun } from "@locus/core";
import { locus, type LocusOptions } from "@locus/core/hono";
import fc from "../harness/support/property.ts";
import { RunList } from "../../src/adapters/hono/run_list.ts";
import { DelayedBus } from "../contract/delayed_bus.ts";
import { turn } from "../harness/support/until.ts";

interface Summary {
  run_id: string;
  title: string | null;
  tags: Record<string, string>;
  state: string;
  error: string | null;
  error_event_id: string | null;
  last_event_id: string | null;
  tool_calls: number;
  total_tokens: number;
  missed_events: number;
}

function startTool(bus: Bus, run: string): void {
  bus.publish({
    run_id: run,
    event_type: "agent.tool.started",
    data: { tool_name: "search", span_id: crypto.randomUUID(), arg_keys: [] },
  });
}

async function list(
  app: ReturnType<typeof locus>,
  query = "",
  headers: HeadersInit = {},
): Promise<Summary[]> {
  const response = await app.request(`http://localhost/runs${query}`, { headers });
  assertEquals(response.status, 200);
  return (await response.json()).runs;
}

/** Counts what the list reads of the history. */
function watchHistory(bus: EventBus): { read: number } {
  const watch = { read: 0 };
  const history = bus.history.bind(bus);
  Object.assign(bus, {
    history(...args: Parameters<typeof history>) {
      const events = history(...args);
      watch.read += events.length;
      return events;
    },
  });
  return watch;
}

const open: LocusOptions = { authorize: () => true };

test("GET /runs answers the run in which something happened last, first", async () => {
  let now = Date.parse("2026-01-31T12:00:00Z");
  const { now: realNow } = Date;
  Date.now = () => now += 1_000;
  try {
    const bus = new EventBus();
    for (const run of ["a", "b", "c", "a"]) startTool(bus, run);
    bus.closeStream("b");
    const runs = await list(locus({ bus, ...open }));
    assertEquals(
      runs.map(({ run_id, state, tool_calls }) => [run_id, state, tool_calls]),
      [["a", "running", 2], ["c", "running", 1], ["b", "ended", 1]],
    );
  } finally {
    Date.now = realNow;
  }
});

test("GET /runs does not exist without authorize", async () => {
  assertEquals((await locus().request("/runs")).status, 404);
});

test("GET /runs lists only what may be read", async () => {
  const bus = new EventBus();
  for (const run of ["ada-1", "bob-1", "ada-2"]) startTool(bus, run);
  const app = locus({
    bus,
    authorize: (c, run) => run?.split("-")[0] === c.req.header("X-User"),
  });
  const runs = await list(app, "", { "X-User": "ada" });
  assertEquals(runs.map(({ run_id }) => run_id).sort(), ["ada-1", "ada-2"]);
  assertEquals(await list(app), []);
});

test("GET /runs?limit= answers so many", async () => {
  const bus = new EventBus();
  for (const run of ["a", "b", "c"]) startTool(bus, run);
  const app = locus({ bus, ...open });
  assertEquals((await list(app, "?limit=2")).length, 2);
  assertEquals((await list(app, "?limit=1000")).length, 3);
});

test("D8: GET /runs?limit= asks authorize only for the runs that it may list", async () => {
  let now = Date.parse("2026-01-31T12:00:00Z");
  const { now: realNow } = Date;
  Date.now = () => now += 1_000;
  try {
    const bus = new EventBus();
    for (let n = 0; n < 100; n++) startTool(bus, `run-${n}`);
    for (const run of ["denied", "run-7", "run-3", "denied"]) startTool(bus, run);
    const asked: unknown[] = [];
    const app = locus({
      bus,
      authorize(_, runId) {
        asked.push(runId);
        return runId !== "denied";
      },
    });
    const ids = async (query: string) => (await list(app, query)).map(({ run_id }) => run_id);
    assertEquals(await ids("?limit=1"), ["run-3"]);
    assertEquals(asked.splice(0), ["denied", "run-3"]);
    assertEquals(await ids("?limit=2"), ["run-3", "run-7"]);
    assertEquals(asked.splice(0), ["denied", "run-3", "run-7"]);
    assertEquals((await ids("?limit=100")).length, 100);
    assertEquals(asked.length, 101);
  } finally {
    Date.now = realNow;
  }
});

test("D8: GET /runs?limit= reads one event of each run to find the newest, and those once", async () => {
  const bus = new EventBus();
  for (let n = 0; n < 50; n++) for (let m = 0; m < 20; m++) startTool(bus, `run-${n}`);
  const watch = watchHistory(bus);
  const app = locus({ bus, ...open });
  await list(app, "?limit=1");
  assertEquals(watch.read, 50 + 20);
  await list(app, "?limit=1");
  assertEquals(watch.read, 50 + 20);
});

for (const limit of ["0", "-1", "1.5", "1e2", "1001", "x", "", "9".repeat(400)]) {
  test(`GET /runs?limit=${limit.slice(0, 8)} is refused with a reason`, async () => {
    const response = await locus(open).request(`/runs?limit=${limit}`);
    assertEquals(response.status, 400);
    assertMatch((await response.json()).error, /"limit" must be a whole number from 1 to 1000/);
  });
}

test("GET /runs reads nothing of a run twice", async () => {
  const bus = new EventBus();
  for (const run of ["a", "a", "b"]) startTool(bus, run);
  const watch = watchHistory(bus);
  const app = locus({ bus, ...open });
  await list(app);
  assertEquals(watch.read, 3);
  startTool(bus, "a");
  bus.closeStream("b");
  const runs = await list(app);
  assertEquals(watch.read, 4);
  assertEquals(new Map(runs.map(({ run_id, state }) => [run_id, state])).get("b"), "ended");
  await list(app);
  assertEquals(watch.read, 4);
});

test("GET /runs counts every event once, however many ask at the same time", async () => {
  const inner = new EventBus();
  const bus = new DelayedBus(inner);
  const app = locus({ bus, ...open });
  for (let n = 0; n < 20; n++) {
    startTool(inner, "a");
    const asking = Promise.all([list(app), list(app), list(app)]);
    startTool(inner, "a");
    await asking;
  }
  const [run] = await list(app);
  assertEquals([run!.tool_calls, run!.missed_events], [40, 0]);
});

test("GET /runs says how many events of a long run are not counted", async () => {
  const bus = new EventBus({ historyPerRun: 10, maxQueueSize: 10 });
  for (let n = 0; n < 30; n++) startTool(bus, "a");
  const app = locus({ bus, ...open });
  const [first] = await list(app);
  assertEquals([first!.tool_calls, first!.missed_events], [10, 20]);
  for (let n = 0; n < 15; n++) startTool(bus, "a");
  const [second] = await list(app);
  assertEquals([second!.tool_calls, second!.missed_events], [20, 25]);
  assertEquals(second!.last_event_id, bus.history({ run: "a" }, { limit: 1 })[0]!.event_id);
});

/** A run of so many events, whose beginning has left the history. */
async function longRun(before: number, fn: () => unknown = () => {}): Promise<Summary> {
  const bus = new EventBus({ historyPerRun: 5, maxQueueSize: 5 });
  const options = { runId: "a", bus, name: "Refund order 1042", tags: { plan: "pro" } };
  await withRun(options, async () => {
    for (let n = 0; n < before; n++) startTool(bus, "a");
    await fn();
  }).catch(() => {});
  const [run] = await list(locus({ bus, ...open }));
  return run!;
}

test("GET /runs has the title and the tags of a run whose beginning is not held any more", async () => {
  const run = await longRun(30);
  assertEquals([run.title, run.tags, run.state], ["Refund order 1042", { plan: "pro" }, "done"]);
  assertEquals([run.tool_calls, run.missed_events], [4, 26]);
});

test("GET /runs has the state and the error of a run, and the event that says it", async () => {
  const failed = await longRun(30, () => {
    throw new RangeError("no such order");
  });
  const { state, error, error_event_id: said, last_event_id: last } = failed;
  assertEquals([state, error, said], ["failed", "RangeError: no such order", last]);
});

test("GET /runs takes how a run ended from what is kept of it", async () => {
  const bus = new EventBus({ historyPerRun: 5, maxQueueSize: 5 });
  const say = (event_type: string, data: object) =>
    bus.publish<string>({ run_id: "a", event_type, data });
  say("run.started", { name: null, input_preview: "Hello\nthere", tags: {} });
  say("run.completed", { outcome: "cancelled", error: "AbortError: left", duration_ms: 1 });
  for (let n = 0; n < 30; n++) say("shop.paid", { n });
  const app = locus({ bus, ...open });
  const [run] = await list(app);
  assertEquals([run!.title, run!.state, run!.error], ["Hello", "cancelled", "AbortError: left"]);
  assertEquals(run!.missed_events, 25);
  // Nor is it counted again with what comes later.
  for (let n = 0; n < 10; n++) say("shop.paid", { n });
  assertEquals((await list(app))[0]!.missed_events, 30);
});

test("GET /runs has neither title nor tags of a run that began without run.started", async () => {
  const bus = new EventBus();
  startTool(bus, "a");
  const [run] = await list(locus({ bus, ...open }));
  assertEquals([run!.title, run!.tags, run!.state], [null, {}, "running"]);
});

test("GET /runs counts anew what began anew, and forgets what is gone", async () => {
  const bus = new EventBus();
  startTool(bus, "a");
  startTool(bus, "a");
  const app = locus({ bus, ...open });
  assertEquals((await list(app))[0]!.tool_calls, 2);
  bus.dropHistory("a");
  assertEquals(await list(app), []);
  startTool(bus, "a");
  assertEquals((await list(app))[0]!.tool_calls, 1);
});

test("GET /runs lists the default bus of its time", async () => {
  const app = locus(open);
  const [one, two] = [new EventBus(), new EventBus()];
  startTool(one, "a");
  startTool(two, "a");
  startTool(two, "a");
  try {
    for (const [bus, calls] of [[one, 1], [two, 2], [one, 1]] as const) {
      setEventBus(bus);
      assertEquals((await list(app))[0]!.tool_calls, calls);
    }
  } finally {
    resetEventBus();
  }
});

test("GET /runs lists a run without events", async () => {
  const bus = new EventBus();
  bus.closeStream("a");
  const [run] = await list(locus({ bus, ...open }));
  assertEquals([run!.run_id, run!.state, run!.last_event_id], ["a", "ended", null]);
});

test("GET /runs counts what a count from the beginning would, whatever happened in between", async () => {
  const run = fc.constantFrom("a", "b", "c");
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("publish" as const), run }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("close" as const), run }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), run }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("list" as const), times: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("turn" as const) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, isRemote) => {
      const inner = new EventBus({ onError() {} });
      const bus = isRemote ? new DelayedBus(inner) : inner;
      const list = new RunList();
      const everything = () => Promise.resolve(true);
      const asking: Promise<unknown>[] = [];
      for (const step of steps) {
        if (step.kind === "publish") startTool(inner, step.run);
        else if (step.kind === "close") inner.closeStream(step.run);
        else if (step.kind === "drop") inner.dropHistory(step.run);
        else if (step.kind === "turn") await turn();
        else for (let n = 0; n < step.times; n++) asking.push(list.list(bus, 10, {}, everything));
      }
      await Promise.all(asking);
      const byName = (a: Summary, b: Summary) => a.run_id < b.run_id ? -1 : 1;
      const counted = await list.list(bus, 10, {}, everything);
      const anew = await new RunList().list(inner, 10, {}, everything);
      assertEquals(counted.runs.toSorted(byName), anew.runs.toSorted(byName));
    }),
    { numRuns: 100 },
  );
});
