import { createServer, type IncomingHttpHeaders } from "node:http";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { emit, EventBus, runContext, withSpan } from "@locus/core";
import { locus } from "@locus/core/hono";
import { readRunHeaders, runContextFrom, runHeaders } from "@locus/core/propagation";
import { connect } from "../harness/support/event_source.ts";
import { rawRequest } from "../harness/support/raw_request.ts";
import { serverKinds } from "../harness/support/serve.ts";

/** A service whose handlers work in the caller's run. */
function createKitchen(bus: EventBus): Hono {
  const accept = (runId: string) => runId.startsWith("order-");
  const app = new Hono();
  app.use((c, next) => runContextFrom(c.req.raw.headers, { bus, accept }, () => next()));
  app.post("/cook/:dish", async (c) => {
    const dish = c.req.param("dish");
    await withSpan("cook", async () => {
      await c.req.text();
      emit("kitchen.cooked", { dish });
    });
    return c.json(readRunHeaders(c.req.raw.headers));
  });
  app.route("/locus", locus({ bus }));
  return app;
}

for (const { name, serve } of serverKinds) {
  test(`${name}: a worker's events are read in the caller's run, inside its span`, async () => {
    const bus = new EventBus();
    const server = await serve(createKitchen(bus));
    try {
      const reader = await connect(`${server.url}/locus/runs/order-42/events`);
      await runContext(
        { runId: "order-42", bus },
        () =>
          withSpan("order", async () => {
            const headers = runHeaders();
            const cook = (dish: string) =>
              fetch(`${server.url}/cook/${dish}`, { method: "POST", headers, body: "now" });
            const responses = await Promise.all([cook("soup"), cook("rice")]);
            for (const response of responses) await response.body?.cancel();
          }),
      );
      bus.closeStream("order-42");
      const events = await reader.readAll();
      const [order, ...cooks] = events.filter((event) => event.event_type === "span.started");
      assertEquals(
        cooks.map(({ data }) => [data.name, data.parent_span_id]),
        Array(2).fill(["cook", order?.data.span_id]),
      );
      const dishes = events.flatMap(({ event_type: type, data }) =>
        type === "kitchen.cooked" ? [data.dish] : []
      );
      assertEquals(dishes.sort(), ["rice", "soup"]);
      assertEquals(new Set(events.map((event) => event.run_id)), new Set(["order-42"]));
    } finally {
      await server.close();
    }
  });

  test(`${name}: a run that came twice, is none, or is refused gets no events`, async () => {
    const bus = new EventBus();
    const server = await serve(createKitchen(bus));
    const cook = async (headers: Record<string, string>) => {
      const { status } = await rawRequest(`${server.url}/cook/soup`, { method: "POST", headers });
      return status;
    };
    try {
      const statuses = [
        await cook({ "locus-run": "order-1", "Locus-Run": "order-2" }),
        await cook({ "locus-run": "order-1, order-2" }),
        await cook({ "locus-run": "order-1/../2" }),
        await cook({ "locus-run": "order-".padEnd(129, "1") }),
        await cook({ "locus-run": "admin" }),
        await cook({ "locus-span": "00c0ffee" }),
        await cook({}),
      ];
      assertEquals(statuses, Array(7).fill(200));
      assertEquals([...bus.runs()], []);
      assertEquals(await cook({ "LOCUS-RUN": "order-1" }), 200);
      assertEquals(bus.runs().map((run) => run.run_id), ["order-1"]);
    } finally {
      await server.close();
    }
  });
}

test("readRunHeaders() reads the headers of Node's IncomingMessage", async () => {
  const { promise, resolve } = Promise.withResolvers<IncomingHttpHeaders>();
  const server = createServer((request, response) => {
    resolve(request.headers);
    response.end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    const { port } = server.address() as { port: number };
    const run = runContext({ runId: "r" }, (run) => run.inSpan("00c0ffee"));
    const { status } = await rawRequest(`http://127.0.0.1:${port}/`, {
      headers: runHeaders({ run }),
    });
    assertEquals(status, 200);
    const { runId, spanId, trace, ignored } = readRunHeaders(await promise);
    assertEquals([runId, spanId, trace?.traceFlags, ignored], ["r", "00c0ffee", 1, []]);
  } finally {
    await new Promise((closed) => server.close(closed));
  }
});
