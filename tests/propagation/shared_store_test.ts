import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { emit, runContext, withSpan } from "@locus/core";
import { locus } from "@locus/core/hono";
import { runContextFrom, runHeaders } from "@locus/core/propagation";
import { connect } from "../harness/support/event_source.ts";
import { serve } from "../harness/support/serve.ts";
import { createRemoteBus } from "../transports/create_remote_bus.ts";
import { MemoryEngine } from "../transports/memory_engine.ts";

test("Services with a bus each, over one store: one run, one order, spans in each other", async () => {
  const engine = new MemoryEngine();
  // As three processes have them: nothing is common but the store.
  const shopBus = createRemoteBus(engine);
  const kitchenBus = createRemoteBus(engine);
  const deskBus = createRemoteBus(engine);
  const kitchen = new Hono();
  kitchen.post("/cook", async (c) => {
    await runContextFrom(
      c.req.raw.headers,
      { bus: kitchenBus },
      () => withSpan("cook", () => emit("kitchen.cooked", {})),
    );
    await kitchenBus.flushed();
    return c.text("done");
  });
  const servers = [
    await serve(kitchen),
    await serve(new Hono().route("/", locus({ bus: deskBus }))),
  ];
  const [cookUrl, deskUrl] = servers.map(({ url }) => url);
  try {
    const reader = await connect(`${deskUrl}/runs/order-42/events`);
    await runContext({ runId: "order-42", bus: shopBus }, () =>
      withSpan("order", async () => {
        emit("shop.ordered", {});
        await shopBus.flushed();
        const response = await fetch(`${cookUrl}/cook`, { method: "POST", headers: runHeaders() });
        await response.text();
        emit("shop.served", {});
      }));
    await shopBus.flushed();
    shopBus.closeStream("order-42");
    const events = await reader.readAll();
    assertEquals(events.map(({ event_type: type, data }) => data.name ?? type), [
      "order",
      "shop.ordered",
      "cook",
      "kitchen.cooked",
      "cook",
      "shop.served",
      "order",
      "bus.end",
    ]);
    const [order, cook] = events.filter((event) => event.event_type === "span.started");
    assertEquals(cook?.data.parent_span_id, order?.data.span_id);
  } finally {
    for (const server of servers) await server.close();
    for (const bus of [shopBus, kitchenBus, deskBus]) await bus.close();
  }
});
