import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { Miniflare } from "miniflare";
import type { BusStats } from "@locus/core";
import { connect } from "../harness/support/event_source.ts";
import { type AnyEvent, summarize } from "../harness/support/read.ts";
import { skipWhen } from "../harness/support/requires.ts";
import type { workerOptions } from "../harness/support/workerd_bundle.ts";
import { until } from "../harness/support/until.ts";

// A worker with Locus mounted, and a route by which another request publishes to its bus.
const source = `
  import { Hono } from "hono";
  import { EventBus } from "@locus/core";
  import { locus } from "@locus/core/hono";

  const bus = new EventBus({ historyPerRun: 4 });
  const app = new Hono();
  app.route("/locus", locus({ bus, heartbeatMs: 50 }));
  app.post("/publish/:run_id", async (c) => {
    const runId = c.req.param("run_id");
    const { numbers, close } = await c.req.json();
    for (const n of numbers) bus.publish({ run_id: runId, event_type: "test.tick", data: { n } });
    if (close) bus.closeStream(runId);
    return c.json(bus.stats());
  });
  app.get("/stats", (c) => c.json(bus.stats()));
  export default app;
`;

interface Worker {
  /** Of the run `r`. */
  events: string;
  publish(numbers: number[], close?: boolean): Promise<BusStats>;
  stats(): Promise<BusStats>;
}

const withMiniflare = skipWhen("Bun" in globalThis, "miniflare runs on Deno and Node only");

function testWorker(name: string, run: (worker: Worker) => Promise<void>): void {
  test(`workerd: ${name}`, withMiniflare, async () => {
    const miniflare = await startWorker();
    try {
      const url = (await miniflare.ready).href;
      await run({
        events: `${url}locus/runs/r/events`,
        publish: (numbers, close = false) => post(`${url}publish/r`, { numbers, close }),
        stats: async () => await (await fetch(`${url}stats`)).json(),
      });
    } finally {
      await miniflare.dispose();
    }
  });
}

testWorker("a run is streamed live from another request, then its end", async (worker) => {
  const connection = await connect(worker.events);
  await worker.publish([1]);
  assertEquals(summarize(await connection.read(1)), [1]);
  await worker.publish([2, 3]);
  assertEquals(summarize(await connection.read(3)), [1, 2, 3]);
  await worker.publish([], true);
  assertEquals(outline(await connection.readAll()), [1, 2, 3, "end"]);
});

testWorker("a finished run is replayed, and whoever comes back is answered 204", async (worker) => {
  await worker.publish([1, 2], true);
  const connection = await connect(worker.events);
  assertEquals(outline(await connection.readAll()), [1, 2, "end"]);
  for (const id of connection.ids.slice(1)) {
    const { response } = await connect(worker.events, { "Last-Event-ID": id });
    assertEquals([response.status, await response.text()], [204, ""]);
  }
});

testWorker("a connection that drops is resumed without loss or repetition", async (worker) => {
  await worker.publish([1, 2]);
  const first = await connect(worker.events);
  assertEquals(summarize(await first.read(2)), [1, 2]);
  first.drop();
  await worker.publish([3, 4], true);
  const again = await connect(worker.events, { "Last-Event-ID": first.ids.at(-1)! });
  assertEquals(again.response.headers.get("locus-recovery"), "exact");
  assertEquals(outline(await again.readAll()), [3, 4, "end"]);
});

testWorker("a reader whose place is gone is told what is missing", async (worker) => {
  await worker.publish([1]);
  const first = await connect(worker.events);
  await first.read(1);
  first.drop();
  await until("the worker has noticed", async () => (await worker.stats()).active_runs === 0);
  await worker.publish([2, 3, 4, 5, 6, 7], true);
  const again = await connect(worker.events, { "Last-Event-ID": first.ids.at(-1)! });
  assertEquals(again.response.headers.get("locus-recovery"), "gap");
  assertEquals(outline(await again.readAll()), ["gap:evicted 2-3", 4, 5, 6, 7, "end"]);
});

testWorker("a quiet stream stays open by its heartbeats", async (worker) => {
  const connection = await connect(worker.events);
  await connection.readUntil(({ comments }) => comments.length >= 20);
  assertEquals((await worker.stats()).queue_depths, { r: [0] });
  await worker.publish([1]);
  assertEquals(summarize(await connection.read(1)), [1]);
  connection.drop();
});

testWorker("clients that leave are noticed", async (worker) => {
  for (let n = 0; n < 10; n++) {
    const connection = await connect(worker.events);
    await connection.readUntil(({ comments }) => comments.length > 0);
    connection.drop();
  }
  await until("the worker has noticed", async () => (await worker.stats()).active_runs === 0);
});

let bundle: ReturnType<typeof workerOptions> | undefined;

async function startWorker(): Promise<Miniflare> {
  // Not at the top: on Bun neither of them loads.
  const { Miniflare } = await import("miniflare");
  const { workerOptions } = await import("../harness/support/workerd_bundle.ts");
  const options = await (bundle ??= workerOptions(source));
  // Some releases of workerd tell nothing but the signal that a client has left, and that only so.
  const compatibilityFlags = [...options.compatibilityFlags, "enable_request_signal"];
  return new Miniflare({ ...options, compatibilityFlags });
}

async function post(url: string, body: unknown): Promise<BusStats> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return await response.json();
}

/** Numbers and gaps, and `end` for bus.end. */
function outline(events: readonly AnyEvent[]): (number | string)[] {
  return events.flatMap((event) => event.event_type === "bus.end" ? ["end"] : summarize([event]));
}
