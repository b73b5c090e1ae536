/** A2: our routes go into the app of the consumer's own Hono; a client follows a run through it. */
import { Hono } from "hono";
import { EventBus, runContext } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { agentServer } from "@locus/core/agent-server";
import { followRun } from "@locus/core/client";
import { locus } from "@locus/core/hono";
import { scriptedModel } from "@locus/core/testing";

const bus = new EventBus();
const app = new Hono();
app.route("/locus", locus({ bus, workbench: true }));
app.route(
  "/agent",
  agentServer({ agent: new Agent({ model: scriptedModel(["Hi."]) }), apiKeys: ["a-key"] }),
);

// The run goes on in the async context, where there is one, and by its handle everywhere.
await runContext({ runId: "r", bus }, async (run) => {
  await Promise.resolve();
  run.emit("shop.paid", { order: 1 });
});
bus.closeStream("r");

const seen: string[] = [];
const url = "http://localhost/locus/runs/r/events";
const options = {
  fetch: async (url: string, init: RequestInit) => await app.request(new Request(url, init)),
};
for await (const { event_type: type } of followRun(url, options)) seen.push(type);
if (seen.join() !== "shop.paid,bus.end") throw new Error(`Followed ${seen.join()}`);

const refused = await app.request("/agent/invoke", { method: "POST", body: "{}" });
if (refused.status !== 401) throw new Error(`Answered ${refused.status}`);
console.log("ok serve");
