/**
 * Locus at work: an agent answers a question about this repository, and you watch it over HTTP while
 * it does. On the way its connection is cut and resumed; at the end somebody comes late.
 *
 * ```sh
 * npx -y deno task demo
 * npx -y deno task demo -- "Where is Last-Event-ID read?"
 * npx -y deno task demo -- --bus redis
 * ```
 *
 * @module
 */
import { type Bus, withRun } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { exitOnBrokenPipe, printFacts } from "@locus/core/cli";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { openEnds, takeBus } from "./bus.ts";
import { chooseModel } from "./model.ts";
import { proveReplay, proveResume } from "./proofs.ts";
import { startServer } from "./server.ts";
import { createTools } from "./tools.ts";
import { replay, watch } from "./watch.ts";

const RUN_ID = "demo";
const QUESTION = "Which source files are the largest, and what do they do?";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

exitOnBrokenPipe();
// Deno hands on the `--` that stands before a task's arguments.
const words = process.argv.slice(2).filter((word, index) => index > 0 || word !== "--");
const { kind, rest } = takeBus(words);
process.exitCode = await main(rest.join(" ").trim() || QUESTION, kind);

async function main(question: string, kind: string): Promise<number> {
  const { model, description, isPlanner } = await chooseModel(process.env);
  printFacts([{ label: "question", text: question }, { label: "model", text: description }]);

  const ends = await openEnds(kind).catch((error: unknown) => printFailure(error));
  if (ends === null) return 1;
  if (ends.description !== null) printFacts([{ label: "bus", text: ends.description }]);
  // What an earlier demo may have left on a server that is shared.
  ends.agent.dropHistory(RUN_ID);
  const bus = ends.agent;
  const server = await startServer(ends.server);
  const agent = new Agent({
    model,
    systemPrompt:
      "Answer questions about a code repository, in plain text and in at most 150 words. " +
      "Read it with your tools first, several at once where you can.",
    tools: createTools(ROOT, { paceMs: isPlanner ? 4 : 0 }),
    maxIterations: 10,
    streaming: true,
    toolEventOrder: "completion",
  });
  try {
    const failure = run(agent, question, bus);
    const watched = await watch(RUN_ID, server, bus);
    const error = await failure;
    if (error !== null) {
      printFailure(error);
      return 1;
    }
    const replayed = await replay(RUN_ID, server);
    const { published_events_total: published } = bus.stats();
    const facts = [proveResume(watched, replayed), proveReplay(watched, replayed, published)];
    printFacts(facts);
    return facts.some(({ passed }) => passed === false) ? 1 : 0;
  } finally {
    await server.stop();
    await ends.close(RUN_ID);
  }
}

/** Runs the agent in a run: all that it does is published. Resolves to its error, if any. */
async function run(agent: Agent, question: string, bus: Bus): Promise<unknown> {
  try {
    await withRun(
      { runId: RUN_ID, bus, name: question, content: true },
      () => agent.invoke(question),
    );
    return null;
  } catch (error) {
    return error;
  }
}

function printFailure(error: unknown): null {
  printFacts([{ label: "failed", text: String(error), passed: false }]);
  return null;
}
