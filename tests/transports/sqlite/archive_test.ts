/** Runs as an archive: pages, filters, and search. */
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type FindRunsOptions, type FoundRuns, withRun } from "@locus/core";
import { addToSummary, closeSummary, createRunSummary } from "@locus/core/view";
import { type SqliteBus, sqliteBus } from "@locus/core/transports/sqlite";
import fc from "../../harness/support/property.ts";
import { openSqlite } from "../../../src/runtime/sqlite.ts";
import { count, publish } from "../../contract/observe.ts";
import { until } from "../../harness/support/until.ts";
import { makeFolder } from "./folder.ts";

async function withBus(
  options: Parameters<typeof sqliteBus>[0],
  body: (bus: SqliteBus, file: string) => Promise<void>,
): Promise<void> {
  const folder = makeFolder();
  const bus = sqliteBus({ path: folder.file, onError() {}, ...options });
  try {
    await body(bus, folder.file);
  } finally {
    await bus.close();
    folder.remove();
  }
}

/** The ids of all pages, one after the other. */
async function allPages(bus: SqliteBus, options: FindRunsOptions): Promise<string[][]> {
  const pages: string[][] = [];
  for (let before: string | null = null;;) {
    const page: FoundRuns = await bus.findRuns({ ...options, before });
    pages.push(page.runs.map(({ run_id }) => run_id));
    if (page.next === null) return pages;
    before = page.next;
  }
}

test("SqliteBus.findRuns() lists runs by pages, the one that changed last first", async () => {
  await withBus({}, async (bus) => {
    for (const n of count(1, 7)) publish(bus, `order-${n}`, 1, 2);
    publish(bus, "order-3", 3);
    bus.closeStream("order-5");
    publish(bus, "other", 1);
    await bus.flushed();
    assertEquals(await allPages(bus, { limit: 3 }), [
      ["other", "order-5", "order-3"],
      ["order-7", "order-6", "order-4"],
      ["order-2", "order-1"],
    ]);
    assertEquals(await allPages(bus, { closed: true }), [["order-5"]]);
    assertEquals((await allPages(bus, { prefix: "order-", closed: false })).flat().length, 6);
    const [run] = (await bus.findRuns({ prefix: "order-3" })).runs;
    assertEquals([run!.events, run!.closed, run!.cursor.split("-")[1]], [3, false, "3"]);
    assertMatch(run!.created_at, /^\d{4}-\d\d-\d\dT/);
    assert(run!.updated_at >= run!.created_at);
  });
});

test("SqliteBus.findRuns() searches the texts of all events", async () => {
  await withBus({ search: true }, async (bus) => {
    const say = (run_id: string, text: string) =>
      bus.publish({ run_id, event_type: "shop.said", data: { parts: [{ text }], n: 1 } });
    say("a", "Please refund order 1042");
    say("b", "The refund of Zoë is late");
    say("c", "Nothing of that kind");
    say("a", "Refunded: quick brown fox");
    await bus.flushed();
    const found = async (search: string, options: FindRunsOptions = {}) =>
      (await allPages(bus, { search, ...options })).flat();
    assertEquals(await found("refund"), ["a", "b"]);
    assertEquals(await found("refund order"), ["a"]);
    assertEquals(await found("REF", { limit: 1 }), ["a", "b"]);
    assertEquals(await found("zoe"), ["b"]);
    assertEquals(await found("refund", { prefix: "b" }), ["b"]);
    // Nothing of what somebody writes is syntax.
    for (const text of ['"', "refund OR kind", "text:refund", "(", "NEAR(a", "*", "-a", "a\0b"]) {
      assertEquals(await found(text), [], text);
    }
    // No words are no search.
    for (const text of ["", " ", "\0"]) assertEquals((await found(text)).length, 3);
    const { runs: [run] } = await bus.findRuns({ search: "order" });
    assertEquals(
      run!.match!.data,
      { parts: [{ text: "Please refund order 1042" }], n: 1 } as never,
    );
    bus.dropHistory("a");
    await bus.flushed();
    assertEquals(await found("refund"), ["b"]);
  });
});

test("SqliteBus.findRuns() finds what was stored before there was an index", async () => {
  const folder = makeFolder();
  {
    await using bus = sqliteBus({ path: folder.file });
    for (const n of count(1, 1_200)) {
      bus.publish({ run_id: `r-${n}`, event_type: "shop.said", data: { text: `number ${n}` } });
    }
    await bus.flushed();
    const error = await assertRejects(() => bus.findRuns({ search: "a" }), Error);
    assertMatch(error.message, /make the bus with "search: true"/);
  }
  await using bus = sqliteBus({ path: folder.file, search: true });
  const [run] = (await bus.findRuns({ search: "777" })).runs;
  assertEquals(run!.run_id, "r-777");
  assertEquals((await allPages(bus, { search: "number", limit: 500 })).flat().length, 1_200);
  await bus.close();
  folder.remove();
});

test("SqliteBus.findRuns() finds runs by what they are tagged with, and by their time", async () => {
  await withBus({}, async (bus) => {
    for (const [runId, tags] of Object.entries(TAGS)) {
      await withRun({ bus, runId, tags }, () => {});
    }
    publish(bus, "untagged", 1);
    await bus.flushed();
    const found = async (options: FindRunsOptions) => (await allPages(bus, options)).flat();
    assertEquals(await found({ tags: { team: "a" } }), ["both", "a"]);
    assertEquals(await found({ tags: { team: "a", env: "x" } }), ["both"]);
    assertEquals(await found({ tags: { team: "", toString: "x" } }), []);
    const { runs } = await bus.findRuns({ prefix: "b" });
    const [b] = runs.filter(({ run_id }) => run_id === "b");
    assert((await found({ since: b!.updated_at })).includes("b"));
    assert(!(await found({ until: b!.created_at })).includes("b"));
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    assertEquals([await found({ since: tomorrow }), (await found({ until: tomorrow })).length], [
      [],
      4,
    ]);
  });
});

test("SqliteBus.findRuns() finds runs by the models whose tokens they used", async () => {
  await withBus({}, async (bus) => {
    const use = (run_id: string, model?: string) =>
      bus.publish({ run_id, event_type: "agent.tokens.used", data: { ...TOKENS, model } });
    use("a", "gpt-5");
    use("b", "gpt-5-mini");
    await bus.flushed();
    use("b", "claude");
    use("none");
    publish(bus, "none", 1);
    for (let n = 0; n < 20; n++) use("many", `m-${n}`);
    await bus.flushed();
    const found = async (model: string) => (await allPages(bus, { model })).flat();
    assertEquals(await found("gpt-5"), ["b", "a"]);
    assertEquals([await found("claude"), await found("laude"), await found("none")], [
      ["b"],
      [],
      [],
    ]);
    // As many as a summary tells apart.
    assertEquals([await found("m-15"), await found("m-16")], [["many"], []]);
    bus.dropHistory("b");
    await bus.flushed();
    assertEquals(await found("claude"), []);
  });
});

const TOKENS = {
  prompt_tokens: 1,
  completion_tokens: 1,
  total_tokens: 2,
} as const;

const TAGS = { a: { team: "a" }, b: { team: "b" }, both: { team: "a", env: "x" } };

test("SqliteBus.findRuns() says how runs stand, as their summaries do, whatever the batches", async () => {
  const type = fc.constantFrom(...STANDING_EVENTS.map((_, index) => index));
  const runs = fc.array(fc.array(fc.tuple(type, fc.boolean()), { maxLength: 8 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(runs, async (runs) => {
      await withBus({ path: ":memory:" }, async (bus) => {
        for (const [n, steps] of runs.entries()) {
          for (const [index, isBatchOver] of steps) {
            const [event_type, data] = STANDING_EVENTS[index]!;
            if (event_type === "close") bus.closeStream(`r-${n}`);
            else bus.publish({ run_id: `r-${n}`, event_type: event_type as "shop.said", data });
            if (isBatchOver) await bus.flushed();
          }
        }
        await bus.flushed();
        for (const { run_id, closed, state } of (await bus.findRuns()).runs) {
          const summary = createRunSummary(run_id);
          for (const event of (await bus.history({ run: run_id })).reverse()) {
            addToSummary(summary, event);
          }
          if (closed) closeSummary(summary, null);
          assertEquals(state, summary.state, run_id);
          assertEquals((await allPages(bus, { state, prefix: run_id })).flat(), [run_id]);
        }
      });
    }),
    { numRuns: 60 },
  );
});

const STANDING_EVENTS: readonly (readonly [type: string, data: object])[] = [
  ["shop.said", {}],
  ["close", {}],
  ["run.started", { name: "x", tags: {} }],
  ["agent.think", {}],
  ["agent.interrupt", { question_preview: "?" }],
  ["router.runnable.failed", { error: "no" }],
  ...["ok", "error", "cancelled", "waiting"].map((outcome) =>
    ["run.completed", { outcome, error: null }] as const
  ),
  ...["complete", "error", "max_iterations"].map((reason) =>
    ["agent.terminate", { reason, success: reason === "complete" }] as const
  ),
];

test("SqliteBus.findRuns() says which runs were left by a process that is gone", async () => {
  const folder = makeFolder();
  {
    await using bus = sqliteBus({ path: folder.file });
    publish(bus, "left", 1);
    publish(bus, "over", 1);
    bus.closeStream("over");
    bus.publish({ run_id: "asked", event_type: "run.completed", data: WAITING });
    await bus.flushed();
    assertEquals(await statesOf(bus), { asked: "waiting", over: "ended", left: "running" });
  }
  await using bus = sqliteBus({ path: folder.file });
  assertEquals(await statesOf(bus), { asked: "waiting", over: "ended", left: "interrupted" });
  assertEquals(await statesOf(bus, { state: "interrupted" }), { left: "interrupted" });
  assertEquals(await statesOf(bus, { state: "running" }), {});
  // Whoever goes on with it takes it over.
  publish(bus, "left", 2);
  await bus.flushed();
  assertEquals(await statesOf(bus, { prefix: "left" }), { left: "running" });
  await bus.close();
  folder.remove();
});

const WAITING = { outcome: "waiting", error: null, duration_ms: 1 } as const;

async function statesOf(bus: SqliteBus, options?: FindRunsOptions): Promise<object> {
  const { runs } = await bus.findRuns(options);
  return Object.fromEntries(runs.map(({ run_id, state }) => [run_id, state]));
}

test("SqliteBus.findRuns() rejects what is not valid", async () => {
  await withBus({}, async (bus) => {
    const wrong: [unknown, RegExp][] = [
      [{ limt: 1 }, /did you mean "limit"/],
      [{ limit: 0 }, /"limit" must be/],
      [{ limit: 1_001 }, /"limit" must be at most 1000/],
      [{ search: 5 }, /"search" must be a text/],
      [{ search: "x".repeat(201) }, /"search" must be a text of at most 200/],
      [{ closed: 1 }, /"closed" must be/],
      [{ state: "odd" }, /"state" must be one of running, interrupted, .*, got "odd"/],
      [{ model: 1 }, /"model" must be a text/],
      [{ tags: "a" }, /"tags" must be an object/],
      [{ tags: { a: 1 } }, /"tags.a" must be a text/],
      [{ since: 5 }, /"since" must be a time of ISO 8601/],
      [{ until: "soon" }, /"until" must be a time of ISO 8601, got "soon"/],
      [{ before: "x" }, /"before" must be the "next" of a page/],
    ];
    for (const [options, message] of wrong) {
      const error = await assertRejects(() => bus.findRuns(options as FindRunsOptions), Error);
      assertMatch(error.message, message);
    }
  });
});

test("sqliteBus() forgets runs that are too old, and what is too much", async () => {
  const folder = makeFolder();
  {
    await using bus = sqliteBus({ path: folder.file });
    for (const run of ["old", "new"]) publish(bus, run, 1);
    await bus.flushed();
  }
  const database = openSqlite(folder.file)!;
  database.exec("UPDATE locus_runs SET updated = 1 WHERE run_id = 'old'");
  database.close();
  {
    await using bus = sqliteBus({ path: folder.file, retentionMs: 3_600_000 });
    await until("the old run is gone", async () => (await bus.runs()).length === 1);
    assertEquals((await bus.runs())[0]!.run_id, "new");
    assertEquals(bus.stats().evicted_runs_total, 1);
  }
  const text = "x".repeat(10_000);
  await using bus = sqliteBus({ path: folder.file, maxStoredBytes: 1_000_000 });
  for (const n of count(1, 300)) {
    bus.publish({ run_id: `r-${n}`, event_type: "test.tick", data: { n, text } });
    if (n % 50 === 0) await bus.flushed();
  }
  await until("most runs are gone", async () => (await bus.runs()).length < 110);
  const runs = (await bus.runs()).map(({ run_id }) => run_id);
  assert(runs.includes("r-300") && !runs.includes("r-1"), runs.join());
  // Of a run that is alone, the oldest events go.
  for (const n of count(1, 300)) {
    bus.publish({ run_id: "alone", event_type: "test.tick", data: { n, text } });
    if (n % 50 === 0) await bus.flushed();
  }
  await until("its oldest events are gone", async () => {
    publish(bus, "alone", 0);
    const all = await bus.history({ run: "alone" }, { limit: 10_000 });
    return all.filter(({ data }) => "text" in data).length < 110;
  }, 10_000);
  await bus.close();
  folder.remove();
});

test("SqliteBus.exportRun() and importRuns() carry a run into another file, gaps and times included", async () => {
  await withBus({ historyPerRun: 900 }, async (bus) => {
    publish(bus, "r", ...count(1, 1_000));
    await bus.flushed();
    const recorded = await Array.fromAsync(bus.exportRun("r"));
    assertEquals(recorded.length, 901);
    assertEquals(await Array.fromAsync(bus.exportRun("none")), []);
    await withBus({}, async (other) => {
      // As lines of JSON have it.
      const lines = recorded.map((event) => JSON.parse(JSON.stringify(event)));
      assertEquals({ ...(await other.importRuns(lines)).imported }, { r: 900 });
      const copied = await Array.fromAsync(other.exportRun("r"));
      const parts = (events: typeof recorded) =>
        events.slice(1).map(({ event_id, ...rest }) => [event_id.split("-")[1], rest]);
      assertEquals(parts(copied), parts(recorded));
      assertEquals(
        [copied[0]!.data, copied[0]!.event_type],
        [recorded[0]!.data, "bus.gap"] as never,
      );
      assert(copied[0]!.event_id !== recorded[0]!.event_id, "in a new epoch");
    });
  });
});

test("SqliteBus.importRuns() takes mixed runs, and skips what is there and what are no events", async () => {
  await withBus({}, async (bus) => {
    publish(bus, "there", 1);
    await bus.flushed();
    const before = await Array.fromAsync(bus.exportRun("there"));
    const event = (run_id: string, n: number) => {
      return {
        run_id,
        event_type: "test.tick",
        timestamp: "2026-01-02T03:04:05.000Z",
        data: { n },
      };
    };
    const end = { run_id: "b", event_type: "bus.end", data: { reason: "closed" } };
    const wrong = [null, 7, { run_id: "no spaces" }, { run_id: "u" }, {
      ...event("u", 1),
      timestamp: "",
    }];
    const mixed = [
      event("a", 1),
      event("b", 1),
      event("there", 2),
      event("a", 2),
      event("b", 2),
      end,
    ];
    const { imported, skipped, invalid } = await bus.importRuns([...wrong, ...mixed]);
    assertEquals([{ ...imported }, { ...skipped }, invalid], [{ a: 2, b: 2 }, { there: 1 }, 5]);
    const events = await Array.fromAsync(bus.exportRun("a"));
    assertEquals(events.map(({ data }) => data as unknown), [{ n: 1 }, { n: 2 }]);
    assertEquals(await Array.fromAsync(bus.exportRun("there")), before);
    const runs = await bus.runs();
    assertEquals(runs.find(({ run_id }) => run_id === "b")?.closed, true);
    const again = await bus.importRuns([event("a", 3)]);
    assertEquals([{ ...again.imported }, { ...again.skipped }], [{}, { a: 1 }]);
  });
});
