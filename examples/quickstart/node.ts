/** Hono on Node 24: `node node.ts`, then open http://localhost:8000/locus/ */
import { serve } from "@hono/node-server";
import { emit, startRun } from "@locus/core";
import { locus } from "@locus/core/hono";
import { Hono } from "hono";

const app = new Hono();

// POST /orders/42 starts a run and answers at once; the run goes on in the background.
app.post("/orders/:id", (c) => {
  const run = startRun({ name: `Order ${c.req.param("id")}` }, async () => {
    for (const step of ["wash", "cut", "fry"]) {
      emit("kitchen.step", { step });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
  return c.json({ run_id: run.id }, 202);
});

// The workbench is at /locus/. "local" answers only this machine; in production, pass "authorize".
app.route("/locus", locus({ local: true, workbench: true }));

serve({ hostname: "127.0.0.1", port: Number(process.env.PORT ?? 8000), fetch: app.fetch });
