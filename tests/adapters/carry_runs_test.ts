import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { EventBus } from "@locus/core";
import { locus, type LocusOptions } from "@locus/core/hono";
import { redactingBus } from "@locus/core/redaction";
import { sqliteBus } from "@locus/core/transports/sqlite";

async function withRoutes(
  options: LocusOptions,
  fn: (app: ReturnType<typeof locus>, bus: ReturnType<typeof sqliteBus>) => Promise<void>,
): Promise<void> {
  await using bus = sqliteBus({ path: ":memory:" });
  await fn(locus({ bus: redactingBus(bus), ingest: true, authorize: () => true, ...options }), bus);
}

function send(app: ReturnType<typeof locus>, lines: string): Promise<Response> {
  const headers = { "Content-Type": "application/x-ndjson" };
  return Promise.resolve(app.request("/import", { method: "POST", headers, body: lines }));
}

function line(run_id: string, data: object): string {
  const timestamp = "2026-01-02T03:04:05.000Z";
  return `${
    JSON.stringify({ event_id: "e-1", run_id, event_type: "test.tick", timestamp, data })
  }\n`;
}

test("POST /import stores what GET /runs/:id/export gives, under its times", async () => {
  await withRoutes({}, async (app) => {
    await withRoutes({}, async (other) => {
      const lines = line("r", { n: 1 }) + line("r", { n: 2 });
      assertEquals(await (await send(app, lines)).json(), {
        imported: { r: 2 },
        skipped: {},
        invalid: 0,
      });
      const response = await app.request("/runs/r/export");
      assertEquals(response.headers.get("Content-Type"), "application/x-ndjson");
      assertEquals((await send(other, await response.text())).status, 200);
      const copied = (await (await other.request("/runs/r/export")).text()).trim().split("\n");
      assertEquals(
        copied.map((text) => JSON.parse(text)).map(({ timestamp, data }) => [timestamp, data]),
        [["2026-01-02T03:04:05.000Z", { n: 1 }], ["2026-01-02T03:04:05.000Z", { n: 2 }]],
      );
    });
  });
});

test(
  "POST /import says what it skips: runs that are there, and lines that are no events",
  async () => {
    await withRoutes({}, async (app) => {
      await send(app, line("r", { n: 1 }));
      const response = await send(
        app,
        `${line("r", { n: 2 })}{"no":1}\nno JSON\n\n${line("s", {})}`,
      );
      assertEquals(await response.json(), { imported: { s: 1 }, skipped: { r: 1 }, invalid: 2 });
    });
  },
);

test(
  "POST /import takes runs that its sender may not publish to for no events",
  async () => {
    await withRoutes({ authorize: (_, runId) => runId !== "theirs" }, async (app, bus) => {
      const response = await send(app, line("mine", {}) + line("theirs", {}));
      assertEquals(await response.json(), { imported: { mine: 1 }, skipped: {}, invalid: 1 });
      assertEquals((await bus.runs()).map(({ run_id }) => run_id), ["mine"]);
    });
  },
);

test("POST /import takes secrets out before they are stored", async () => {
  await withRoutes({}, async (app) => {
    await send(app, line("r", { password: "hunter2" }));
    assertMatch(await (await app.request("/runs/r/export")).text(), /\[REDACTED\]/);
  });
});

test("POST /import reads lines in whatever pieces they come", async () => {
  await withRoutes({}, async (app, bus) => {
    const bytes = new TextEncoder().encode(line("r", { text: "Zoë 🦜" }).repeat(3) + line("s", {}));
    for (const size of [1, 2, 7, 300]) {
      let at = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (at < bytes.length) controller.enqueue(bytes.subarray(at, at += size));
          else controller.close();
        },
      });
      const headers = { "Content-Type": "application/x-ndjson" };
      const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
      const answer = await (await app.request("/import", init)).json();
      assertEquals(answer, { imported: { r: 3, s: 1 }, skipped: {}, invalid: 0 });
      const [event] = await bus.history({ run: "r" });
      assertEquals(event!.data as object, { text: "Zoë 🦜" });
      for (const runId of ["r", "s"]) bus.dropHistory(runId);
      await bus.flushed();
    }
  });
});

test("POST /import whose body breaks off leaves no part of a run", async () => {
  await withRoutes({}, async (app, bus) => {
    const end = line("whole", {}).replace("test.tick", "bus.end");
    const lines = line("whole", {}) + end + line("part", {});
    let isSent = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (isSent) controller.error(new Error("the sender is gone"));
        else controller.enqueue(new TextEncoder().encode(lines));
        isSent = true;
      },
    });
    const headers = { "Content-Type": "application/x-ndjson" };
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    assertEquals((await app.request("/import", init)).status, 400);
    assertEquals((await bus.runs()).map(({ run_id }) => run_id), []);
    assertEquals(await (await send(app, lines)).json(), {
      imported: { whole: 1, part: 1 },
      skipped: {},
      invalid: 0,
    });
  });
});

test("POST /import refuses a line that is too long", async () => {
  await withRoutes({ ingest: { maxBodyBytes: 200 } }, async (app) => {
    assertEquals((await send(app, line("r", {}).repeat(10))).status, 200);
    const response = await send(app, line("s", { text: "x".repeat(300) }));
    assertEquals([response.status, await response.json()], [413, {
      error: "A line must not be larger than 200 bytes",
    }]);
  });
});

test("POST /import and the export need an archive", async () => {
  const app = locus({ bus: new EventBus(), ingest: true, authorize: () => true });
  const wanted = [400, { error: "This needs a bus that keeps an archive, such as sqliteBus()" }];
  for (const response of [await send(app, line("r", {})), await app.request("/runs/r/export")]) {
    assertEquals([response.status, await response.json()], wanted);
  }
});
