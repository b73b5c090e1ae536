/**
 * A server whose runs can be followed by anything that speaks HTTP: a browser's `EventSource`, curl, or
 * the few lines at the end of this file.
 */
import { emit, EventBus, startRun } from "@locus/core";
import { locus } from "@locus/core/hono";
import { fromSse } from "@locus/core/sse";
import { Hono } from "hono";
import { serve } from "./support/serve.ts";

const bus = new EventBus();
const app = new Hono();

app.post("/orders/:id", (c) => {
  const runId = `order-${c.req.param("id")}`;
  // The response does not wait for the work: the client follows the run, and sees it fail if it does.
  startRun({ runId, bus, name: "Cook" }, cook);
  return c.json({ follow: `/locus/runs/${runId}/events` }, 202);
});
// In earnest, say who may read what: locus({ bus, authorize: (c, runId) => … }).
app.route("/locus", locus({ bus }));

// On Deno this is Deno.serve(app.fetch), on Bun `export default app`.
const server = await serve((request) => app.fetch(request));
const order = await fetch(`${server.url}/orders/42`, { method: "POST" });
const { follow } = await order.json() as { follow: string };
console.log(`following ${server.url}${follow}`);

const first = await read(follow);
const lastId = first[1]!.event_id;
console.log(`again, with Last-Event-ID: ${lastId}`);
const rest = await read(follow, { "Last-Event-ID": lastId });
await server.stop();

const expected = "run.started,cook.step,cook.step,cook.step,run.completed,bus.end";
if (first.map((event) => event.event_type).join() !== expected) {
  throw new Error("Expected three steps between the beginning and the end");
}
if (rest.length !== 4) throw new Error("Expected only what came after the second event");

async function cook(): Promise<void> {
  for (const step of ["wash", "cut", "fry"]) {
    emit("cook.step", { step });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function read(path: string, headers: HeadersInit = {}) {
  const response = await fetch(server.url + path, { headers });
  const events = [];
  for await (const event of response.body!.pipeThrough(fromSse())) {
    console.log(`  ${event.event_id}  ${event.event_type}  ${JSON.stringify(event.data)}`);
    // How far the history went depends on who is faster.
    if (event.event_type !== "bus.live") events.push(event);
  }
  return events;
}
