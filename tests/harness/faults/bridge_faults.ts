/**
 * Mistakes of the bridges to other frameworks, each with the tests that must notice it.
 *
 * @module
 */
import type { Fault } from "./faults.ts";

const RECORDER = "recorder/recorder.ts";
const AGENT = "recorder/recorded_agent.ts";
const AI = "ai_sdk/telemetry.ts";
const READ = "ai_sdk/read_along.ts";
const CALLS = "langchain/open_calls.ts";
const HANDLER = "langchain/handler.ts";

/** The name, the file, the text that is replaced, what with, and the tests that must notice. */
type Row = readonly [
  name: string,
  file: string,
  find: string,
  replace: string,
  tests: string,
  test: string,
];

const rows: readonly Row[] = [
  [
    "a parent ends before its children",
    RECORDER,
    "for (const child of [...span.children].reverse())",
    "for (const child of [] as RecordedSpan[])",
    "recorder",
    "in whatever order",
  ],
  [
    "what is open at the end of a run stays open",
    RECORDER,
    "run.onEnd(() => recorder!.end());",
    "",
    "recorder",
    "the end of the run closes",
  ],
  [
    "nested calls are at the top",
    RECORDER,
    'this.#byId.get(run.spanId ?? "") ?? null, run',
    "null, this.#run",
    "recorder",
    "where the calling code is",
  ],
  [
    "what cannot be read is thrown at the host",
    RECORDER,
    "if (this.odd.failed++ > 0) return;",
    "throw error;",
    "recorder",
    "neither throws",
  ],
  [
    "an agent that waits begins anew",
    AGENT,
    "isSame ? { span_id: waited.id, parent_span_id: spanId } : undefined",
    "undefined",
    "recorder",
    "in its own span",
  ],
  [
    "a limit of turns is a success",
    AGENT,
    "error === null && isSuccess(toStopReason(reason))",
    "error === null",
    "ai_sdk",
    "a limit of turns",
  ],
  [
    "a call in the background goes into a run that is over",
    "recorder/record_call.ts",
    "findOpen(ambientRun())",
    "ambientRun()",
    "recorder",
    "of a run that is over",
  ],
  [
    "tools of the AI SDK run outside of their spans",
    "recorder/fence.ts",
    "run === undefined ? execute() : withinRun(run, execute)",
    "execute()",
    "ai_sdk",
    "with equal call ids",
  ],
  [
    "a call of the AI SDK is told twice",
    AI,
    "calls.isTaken(start.callId) || find(start) !== undefined",
    "find(start) !== undefined",
    "ai_sdk",
    "twice is not too much",
  ],
  [
    "a call of LangGraph is told twice",
    CALLS,
    "if (this.#spots.isTaken(id)) return;",
    "",
    "langchain",
    "registered twice",
  ],
  [
    "a tool is shown inside of the model's span that asked for it",
    "otel_spans/span_processor.ts",
    'kind === "model" ? place.inside : spanId',
    "spanId",
    "otel_spans",
    "begins in a model's span",
  ],
  [
    "two conversations of Mastra with equal call ids answer each other",
    "mastra/spans.ts",
    "return `${traceId}/${toolCallId}`;",
    "return toolCallId || traceId;",
    "mastra",
    "conversations with equal call ids",
  ],
  [
    "what Mastra says of aborted agents is overheard",
    "mastra/spans.ts",
    'if (textIn(output, "status") === "aborted") return { cancelled: true };',
    "",
    "mastra",
    "an abort in the text",
  ],
  [
    "a bridge that fails fails the AI SDK's model call",
    AI,
    "attempt(() => call.failModel(error));",
    "call.failModel(error);",
    "ai_sdk",
    "where our hooks fail",
  ],
  [
    "streamed text is published against recordOutputs",
    AI,
    " || options.recordOutputs === false",
    "",
    "ai_sdk",
    "recordOutputs",
  ],
  [
    "a model is asked for more than its reader reads",
    READ,
    "highWaterMark: 0",
    "highWaterMark: 5",
    "ai_sdk",
    "no further",
  ],
  [
    "a bridge that fails breaks the AI SDK's stream",
    READ,
    "attempt(() => see(result.value));",
    "see(result.value);",
    "ai_sdk",
    "where our hooks fail",
  ],
  [
    "a graph in a tool is part of the graph around it",
    HANDLER,
    'kind === "tool" ||',
    "",
    "langchain",
    "one of them an agent",
  ],
  [
    "hidden steps of LangGraph are nodes",
    HANDLER,
    'tags.includes("langsmith:hidden")',
    "false",
    "langchain",
    "three workers",
  ],
  [
    "going on in another graph is a failure",
    CALLS,
    'if (name === "ParentCommand") return this.close(id, {});',
    "",
    "langchain",
    "around its own",
  ],
  [
    "an answer begins another agent",
    CALLS,
    "{ ...beginning, answers, onClose }",
    "{ ...beginning, onClose }",
    "langchain",
    "a question in a tool",
  ],
];

/** The faults of the bridges. */
export const bridgeFaults: readonly Fault[] = rows.map((
  [name, file, find, replace, tests, test],
) => ({
  name: `bridge: ${name}`,
  area: "bridges",
  file,
  find,
  replace,
  caughtBy: { file: `${tests}_test.ts`, test },
}));
