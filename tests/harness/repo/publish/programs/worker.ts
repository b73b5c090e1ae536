/** A worker that serves a run, as Cloudflare's types have it. */
import { Hono } from "hono";
import { emit, EventBus, runContext } from "@locus/core";
import { locus } from "@locus/core/hono";

const bus = new EventBus();
const app = new Hono();
app.route("/locus", locus({ bus }));

export default {
  async fetch(request, _env, _context) {
    await runContext({ runId: "r", bus }, async () => {
      await Promise.resolve();
      emit("shop.paid", { order: 1 });
    });
    bus.closeStream("r");
    return app.fetch(request);
  },
} satisfies ExportedHandler;
