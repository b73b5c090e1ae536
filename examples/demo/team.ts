/**
 * A team at work: a router reads a question about this repository and hands it to a graph, in which specialists read the code
 * and the documentation is searched; you watch in the terminal, or in the workbench.
 *
 * ```sh
 * npx -y deno task demo:team
 * npx -y deno task demo:team -- "Where is Last-Event-ID read?"
 * npx -y deno task demo:team -- --stay     # until Ctrl-C, to look at it in the workbench
 * ```
 *
 * @module
 */
import { EventBus, withRun } from "@locus/core";
import { exitOnBrokenPipe, printFacts, showRun } from "@locus/core/cli";
import { followRun } from "@locus/core/client";
import { locus } from "@locus/core/hono";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { serve } from "../support/serve.ts";
import { createPlannerModel } from "./planner_model.ts";
import { createTeam } from "./team_desk.ts";

const RUN_ID = "team";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

exitOnBrokenPipe();
const { values: { stay }, positionals } = parseArgs({
  // Deno hands on the `--` that stands before a task's arguments.
  args: process.argv.slice(2).filter((word) => word !== "--"),
  options: { stay: { type: "boolean", default: false } },
  allowPositionals: true,
});
const question = positionals.join(" ").trim() || "Where is Last-Event-ID read?";

const bus = new EventBus({ content: true, historyPerRun: 5_000 });
const app = locus({ bus, local: true, workbench: true });
const server = await serve((request) => app.fetch(request));
printFacts([{ label: "question", text: question }, { label: "workbench", text: `${server.url}/` }]);

const team = await createTeam(createPlannerModel({ thinkMs: 200, wordMs: 8 }), ROOT, 2);
const answered = withRun(
  { runId: RUN_ID, bus, name: question },
  () => team.dispatch(question),
).catch((error: unknown) => error as Error);
const display = showRun({ name: RUN_ID, source: server.url });
for await (const event of followRun(`${server.url}/runs/${RUN_ID}/events`)) display.event(event);
display.close();

const result = await answered;
if (result instanceof Error) {
  printFacts([{ label: "failed", text: String(result), passed: false }]);
  process.exitCode = 1;
} else {
  console.log(`\n${result.text}\n`);
  printFacts([{ label: "route", text: String(result.protocol_id), passed: true }]);
}
if (!stay) await server.stop();
