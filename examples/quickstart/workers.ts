/** Hono on Cloudflare Workers: needs the flags `nodejs_compat` and `enable_request_signal`. */
import { emit, withRun } from "@locus/core";
import { locus } from "@locus/core/hono";
import { Hono } from "hono";

interface Env {
  /** Who may read runs: `wrangler secret put LOCUS_KEY`. */
  LOCUS_KEY: string;
}

const app = new Hono<{ Bindings: Env }>();

app.post("/orders/:id", (c) => {
  const runId = `order-${c.req.param("id")}`;
  // A Worker ends with its response unless waitUntil() keeps it.
  c.executionCtx.waitUntil(withRun({ runId, name: "Order" }, async () => {
    for (const step of ["wash", "cut", "fry"]) {
      emit("kitchen.step", { step });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }));
  return c.json({ run_id: runId }, 202);
});

// Each isolate has its own memory: to reach the same bus from every request, keep it in a Durable Object.
app.route("/locus", locus({ authorize: (c) => c.req.header("X-Key") === c.env.LOCUS_KEY }));

export default app;
