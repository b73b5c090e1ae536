/** The Worker that people talk to: it takes an order, works on it after its answer, and lets them follow. */
import { Hono } from "hono";
import { emit, EventBus, runContext, withSpan } from "@locus/core";
import { runHeaders } from "@locus/core/propagation";
import { type Env, runsOf } from "./bindings.ts";
import { delivered, end } from "./deliver.ts";

const app = new Hono<{ Bindings: Env }>();

app.post("/orders", async (c) => {
  const { dish } = await c.req.json();
  // Nobody guesses it, and whoever ordered gets it. In earnest, also ask who is asking.
  const runId = crypto.randomUUID();
  c.executionCtx.waitUntil(order(c.env, runId, dish));
  return c.json({ follow: `/locus/runs/${runId}/events` }, 202);
});

// What reads a run is forwarded to the object, and nothing else: nobody out there publishes.
app.get("/locus/runs/:run_id/:what{events|history}", (c) => runsOf(c.env).fetch(c.req.raw));

export default app;
export { Runs } from "./runs.ts";

function order(env: Env, runId: string, dish: string): Promise<void> {
  return runContext({ runId, bus: new EventBus() }, async (run) => {
    await delivered(run, runsOf(env), () =>
      withSpan("order", async () => {
        emit("shop.ordered", { dish });
        const { ok } = await env.KITCHEN.fetch("http://kitchen/", {
          method: "POST",
          headers: { ...runHeaders(), "Content-Type": "application/json" },
          body: JSON.stringify({ dish }),
        });
        emit("shop.served", { dish, ok });
      }));
    await end(run, runsOf(env));
  });
}
