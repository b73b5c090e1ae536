/**
 * Follow a run from afar, over a connection that does not hold: a server that is killed in the middle and
 * comes back, and a client that delivers every event once, in order, and says how it stands.
 */
import { EventBus } from "@locus/core";
import { followRun, runs } from "@locus/core/client";
import { locus } from "@locus/core/hono";
import { serve } from "./support/serve.ts";

const bus = new EventBus();
const app = locus({ bus, authorize: (c) => c.req.header("Authorization") === "Bearer t0ken" });
let server = await serve((request) => app.fetch(request));

cook("wash");

const follow = followRun<{ "cook.step": { step: string } }>("http://kitchen/runs/lunch/events", {
  // Asked before every connection, so that a token never grows old.
  headers: () => ({ Authorization: "Bearer t0ken" }),
  onState: ({ phase, cause }) => console.log(`  (${phase}${cause ? `: ${cause.code}` : ""})`),
  // By itself it waits longer each time; an example should not.
  retry: ({ failures }) => failures < 50 ? 20 : null,
  // The server comes back on another port; a client of yours has an address that stays.
  fetch: (url, init) => fetch(url.replace("http://kitchen", server.url), init),
});

const steps: string[] = [];
for await (const event of follow) {
  if (event.event_type !== "cook.step") continue;
  steps.push(event.data.step);
  console.log(event.data.step);
  if (event.data.step === "wash") await restart();
}
console.log(`${follow.state.ended?.reason}, after ${follow.state.reconnects} reconnect`);

const headers = { Authorization: "Bearer t0ken" };
const list = await runs(`${server.url}/runs`, { headers });
for (const { run_id, state } of list) console.log(`${run_id}: ${state}`);
await server.stop();

if (steps.join() !== "wash,cut,fry") throw new Error(`Expected each step once, got ${steps}`);
if (follow.state.reconnects < 1) throw new Error("Expected a second connection");
if (list.length !== 1) throw new Error("Expected one run");

async function restart(): Promise<void> {
  await server.stop();
  cook("cut");
  cook("fry");
  bus.closeStream("lunch");
  server = await serve((request) => app.fetch(request));
}

function cook(step: string): void {
  bus.publish({ run_id: "lunch", event_type: "cook.step", data: { step } });
}
