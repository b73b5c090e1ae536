/**
 * The first agent of the demo: it answers questions about this repository by reading it.
 *
 * @module
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type EventBus, withRun } from "@locus/core";
import { Agent } from "@locus/core/agent";
import { chooseModel } from "../../examples/demo/model.ts";
import { createTools } from "../../examples/demo/tools.ts";

/** Runs it once, with the question whose turn it is. */
export async function research(bus: EventBus, turn: number): Promise<void> {
  const { model, isPlanner } = await chooseModel(process.env);
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
  const question = QUESTIONS[turn % QUESTIONS.length]!;
  const runId = `research-${turn + 1}`;
  await withRun({ runId, bus, name: question }, () => agent.invoke(question));
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const QUESTIONS = [
  "Which source files are the largest, and what do they do?",
  "Where is Last-Event-ID read?",
  "Which tests are the largest?",
  "What does the file src/core/log/event_log.ts do?",
];
