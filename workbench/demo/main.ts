/**
 * The workbench with something to see: agents at work, one after another, as long as the page is open.
 *
 * ```sh
 * npx -y deno task workbench
 * npx -y deno task workbench -- --port 8080
 * ```
 *
 * @module
 */
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { serve } from "@hono/node-server";
import { EventBus } from "@locus/core";
import { locus } from "@locus/core/hono";
import { Hono } from "hono";
import { createDesk } from "./desk.ts";
import { research } from "./research.ts";

const { values: { port } } = parseArgs({
  // Deno hands on the `--` that stands before a task's arguments.
  args: process.argv.slice(2).filter((word) => word !== "--"),
  options: { port: { type: "string", default: "4747" } },
});

const bus = new EventBus({ content: true, historyPerRun: 5_000 });
const desk = createDesk(bus);
const app = new Hono();
// Who asks for the list from a terminal is a reader, too, though no stream is open yet.
let askedAt = -Infinity;
app.use(async (_, next) => {
  askedAt = performance.now();
  await next();
});
app.route(
  "/",
  locus({
    bus,
    local: true,
    workbench: { prices: { promptPerMillion: 0.25, completionPerMillion: 2 } },
    onResume: (_, { runId, interruptId, response }) => desk.answer(runId, interruptId, response),
  }),
);

const url = await listen(Number(port));
console.log(`The workbench: ${url}/`);
console.log("A run of a demo agent begins now and then while you look. Ctrl-C ends it.");
console.log(
  'Your own server keeps its runs with: locus({ bus: sqliteBus({ path: "runs.db" }), … })',
);

// The first run waits for its first reader, so that it can be seen from its beginning.
for (let turn = 0;; turn++) {
  while (!isWatched()) await delay(200);
  await delay(turn === 0 ? 600 : 5_000);
  try {
    if (turn % 3 === 1) await desk.refund();
    else await research(bus, turn);
  } catch (error) {
    console.error("A demo run failed:", error);
  }
  if (turn > 2) await delay(20_000);
}

/** Whether a page is open: it reads all runs or one, or has just sent a request. */
function isWatched(): boolean {
  const { global_subscribers: all, active_runs: some } = bus.stats();
  return all + some > 0 || performance.now() - askedAt < 3_000;
}

/** Listens on loopback, on any free port if the wanted one is taken. */
function listen(wanted: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port: wanted, hostname: "127.0.0.1" }, ({ port }) => {
      resolve(`http://localhost:${port}`);
    });
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE" || wanted === 0) return reject(error);
      resolve(listen(0));
    });
  });
}
