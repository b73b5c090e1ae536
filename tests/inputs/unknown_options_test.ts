import {
  Agent,
  CausalChain,
  CircuitBreaker,
  ContentFilterHook,
  definePlugin,
  evaluateGrounding,
  evaluateProgress,
  EventBusHook,
  gsarScore,
  GuardrailsHook,
  LoggingHook,
  mcpTools,
  ModelRetryHook,
  OutputFilterHook,
  SteeringHook,
  StructuredLoggingHook,
  structuredStream,
  textMention,
  tool,
  ToolResultStore,
  validateUrl,
} from "@locus/core/agent";
import { EventBus, runContext, startRun, withRun, withSpan } from "@locus/core";
import { agentServer } from "@locus/core/agent-server";
import { locusTelemetry } from "@locus/core/bridges/ai-sdk";
import { locusWrap } from "@locus/core/bridges/ai-sdk-6";
import { watchQuery } from "@locus/core/bridges/claude-agent";
import { LocusHandler } from "@locus/core/bridges/langchain";
import { LocusExporter } from "@locus/core/bridges/mastra";
import { locusTraceProcessor } from "@locus/core/bridges/openai-agents";
import { LocusSpanProcessor } from "@locus/core/bridges/otel-spans";
import { toOtel } from "@locus/core/bridges/otel";
import { answerInterrupt, followRun, runs } from "@locus/core/client";
import {
  BufferingHandler,
  consoleLines,
  FilteringHandler,
  handleStream,
  jsonLines,
  MinimalConsoleHandler,
} from "@locus/core/consumers";
import { CoordinationBus } from "@locus/core/coordination";
import { locus } from "@locus/core/hono";
import { MemoryCheckpointer, storageCheckpointer } from "@locus/core/memory";
import { runContextFrom, runHeaders } from "@locus/core/propagation";
import { createRedactor } from "@locus/core/redaction";
import { decodeFrames, eventStreamResponse } from "@locus/core/sse";
import { natsBus } from "@locus/core/transports/nats";
import { redisBus } from "@locus/core/transports/redis";
import { sqliteBus, sqliteStorage } from "@locus/core/transports/sqlite";
import { RunPicture } from "@locus/core/view";
import { workbenchConfig } from "@locus/core/workbench";
import { ScriptedModel } from "../harness/support/scripted_model.ts";
import { type Mistake, mistakes, wrong } from "./_mistakes.ts";

const bus = new EventBus();
const agent = new Agent({ model: new ScriptedModel() });
const coordination = new CoordinationBus();
const client = {
  listTools: () => Promise.resolve({ tools: [] }),
  callTool: () => Promise.resolve({}),
};
const URL_OF_RUN = "https://example.com/locus/runs/r1/events";

/** What the errors begin with, the option as it was mistyped and as it is called, and the call with it. */
const cases: [owner: string, typo: string, option: string, call: (options: never) => unknown][] = [
  ["EventBus", "histroyPerRun", "historyPerRun", (o) => new EventBus(o)],
  ["EventBus.subscribe()", "form", "from", (o) => bus.subscribe("r1", o)],
  ["EventBus.subscribeGlobal()", "selct", "select", (o) => bus.subscribeGlobal(o)],
  ["EventBus.on()", "concurency", "concurrency", (o) => bus.on("*", () => {}, o)],
  ["EventBus.on()", "tpye", "type", (o) => bus.on(o, () => {})],
  ["EventBus.waitFor()", "timeout", "timeoutMs", (o) => bus.waitFor("a.b", o)],
  ["EventBus.history()", "limits", "limit", (o) => bus.history("*", o)],
  ["EventBus.drained()", "timoutMs", "timeoutMs", (o) => bus.drained("r1", o)],
  ["Subscription.batches()", "maxEvent", "maxEvents", (o) => bus.subscribe("r1").batches(o)],
  ["runContext()", "runID", "runId", (o) => runContext(o, () => {})],
  ["withRun()", "nmae", "name", (o) => withRun(o, () => {})],
  ["startRun()", "onErorr", "onError", (o) => startRun(o, () => {})],
  ["withSpan()", "attribute", "attributes", (o) => withSpan("a", o, () => {})],
  ["locus()", "authorise", "authorize", (o) => locus(o)],
  ["agentServer()", "apiKey", "apiKeys", (o) => agentServer(o)],
  [
    "eventStreamResponse()",
    "hearbeatMs",
    "heartbeatMs",
    (o) => eventStreamResponse(bus.subscribe("r1"), o),
  ],
  ["decodeFrames()", "onretry", "onRetry", (o) => decodeFrames(o)],
  ["followRun()", "onerror", "onError", (o) => followRun(URL_OF_RUN, o)],
  ["runs()", "limits", "limit", (o) => runs(URL_OF_RUN, o)],
  [
    "answerInterrupt()",
    "header",
    "headers",
    (o) => answerInterrupt(URL_OF_RUN, { interruptId: "i", response: 1 }, o),
  ],
  ["redisBus()", "clinet", "client", (o) => redisBus(o)],
  ["natsBus()", "conection", "connection", (o) => natsBus(o)],
  ["locusTraceProcessor()", "run", "runs", (o) => locusTraceProcessor(o)],
  ["locusWrap()", "run", "runs", (o) => locusWrap(() => {}, o)],
  ["watchQuery()", "run", "runs", (o) => watchQuery((async function* () {})(), o)],
  ["LocusHandler", "run", "runs", (o) => new LocusHandler(o)],
  ["LocusExporter", "run", "runs", (o) => new LocusExporter(o)],
  ["LocusSpanProcessor", "run", "runs", (o) => new LocusSpanProcessor(o)],
  ["locusTelemetry()", "contents", "content", (o) => locusTelemetry(o)],
  ["sqliteBus()", "paht", "path", (o) => sqliteBus(o)],
  ["sqliteStorage()", "paht", "path", (o) => sqliteStorage(o)],
  ["toOtel()", "recordContents", "recordContent", (o) => toOtel(bus, o)],
  ["jsonLines()", "signl", "signal", (o) => jsonLines(bus, () => {}, o)],
  ["consoleLines()", "lvel", "level", (o) => consoleLines(bus, o)],
  ["BufferingHandler", "maxEvent", "maxEvents", (o) => new BufferingHandler(o)],
  [
    "FilteringHandler",
    "eventType",
    "eventTypes",
    (o) => new FilteringHandler(new BufferingHandler(), o),
  ],
  ["MinimalConsoleHandler", "ouput", "output", (o) => new MinimalConsoleHandler(o)],
  [
    "handleStream()",
    "onHandlerErrors",
    "onHandlerError",
    (o) => handleStream(agent.run("x"), new BufferingHandler(), o),
  ],
  ["createRedactor()", "pattern", "patterns", (o) => createRedactor(o)],
  ["MemoryCheckpointer", "maxThread", "maxThreads", (o) => new MemoryCheckpointer(o)],
  ["storageCheckpointer()", "prefx", "prefix", (o) => storageCheckpointer(wrong({}), o)],
  ["Agent", "maxIteration", "maxIterations", (o) => new Agent(o)],
  ["run()", "thread", "threadId", (o) => agent.run("x", o)],
  ["invoke()", "throwsOnError", "throwOnError", (o) => agent.invoke("x", o)],
  ["resume()", "interruptID", "interruptId", (o) => agent.resume("x", o)],
  ["asTool()", "desciption", "description", (o) => agent.asTool(o)],
  ["tool()", "parameter", "parameters", (o) => tool(o)],
  ["definePlugin()", "hook", "hooks", (o) => definePlugin(o)],
  ["mcpTools()", "prefixes", "prefix", (o) => mcpTools(client, o)],
  [
    "structuredStream()",
    "emitUnchange",
    "emitUnchanged",
    (o) => structuredStream(agent.run("x"), wrong({ type: "object" }), o),
  ],
  ["validateUrl()", "allowprivate", "allowPrivate", (o) => validateUrl("https://example.com", o)],
  ["textMention()", "caseSensitve", "caseSensitive", (o) => textMention("x", o)],
  ["CircuitBreaker", "failureTreshold", "failureThreshold", (o) => new CircuitBreaker(o)],
  ["ToolResultStore", "tresholdChars", "thresholdChars", (o) => new ToolResultStore(o)],
  ["ContentFilterHook", "blockedWord", "blockedWords", (o) => new ContentFilterHook(o)],
  ["EventBusHook", "lifecycleEvent", "lifecycleEvents", (o) => new EventBusHook("r1", o)],
  ["GuardrailsHook", "piiPattern", "piiPatterns", (o) => new GuardrailsHook(o)],
  ["LoggingHook", "levl", "level", (o) => new LoggingHook(o)],
  ["ModelRetryHook", "maxRetrys", "maxRetries", (o) => new ModelRetryHook(o)],
  ["OutputFilterHook", "redactPIIs", "redactPii", (o) => new OutputFilterHook(o)],
  ["SteeringHook", "polcy", "policy", (o) => new SteeringHook(o)],
  ["StructuredLoggingHook", "levl", "level", (o) => new StructuredLoggingHook(o)],
  ["evaluateGrounding()", "treshold", "threshold", (o) => evaluateGrounding([], [], o)],
  [
    "evaluateProgress()",
    "loopTreshold",
    "loopThreshold",
    (o) => evaluateProgress(wrong({ reasoning_steps: [] }), [], o),
  ],
  ["gsarScore()", "weightmap", "weightMap", (o) => gsarScore([], o)],
  ["addNode()", "lable", "label", (o) => new CausalChain().addNode(o)],
  ["addEdge()", "sourceId", "source_id", (o) => new CausalChain().addEdge(o)],
  ["CoordinationBus", "maxSubscription", "maxSubscriptions", (o) => new CoordinationBus(o)],
  ["CoordinationBus.subscribe()", "handlr", "handler", (o) => coordination.subscribe(o)],
  ["CoordinationBus.waitFor()", "timeout", "timeoutMs", (o) => coordination.waitFor(o)],
  ["CoordinationBus.getHistory()", "limits", "limit", (o) => coordination.getHistory(o)],
  ["runHeaders()", "rnu", "run", (o) => runHeaders(o)],
  ["runContextFrom()", "acept", "accept", (o) => runContextFrom(new Headers(), o, () => {})],
  ["RunPicture", "maxRow", "maxRows", (o) => new RunPicture("r1", o)],
  ["workbenchConfig()", "price", "prices", (o) => workbenchConfig("workbenchConfig()", o, false)],
];

const rows = Map.groupBy(cases, ([owner]) => owner);
for (const [owner, ofOwner] of rows) {
  mistakes(
    owner,
    ofOwner.map(([, typo, option, call]): Mistake => [
      typo,
      () => call(wrong({ [typo]: undefined })),
      `: unknown option "${typo}"; did you mean "${option}"?`,
    ]),
  );
}

const NOT_OPTIONS: [value: unknown, kind: string][] = [
  [null, "null"],
  ["r1", '"r1"'],
  [5, "5"],
  [[], "an array"],
  [new Map(), "a Map"],
  [new Date(), "a Date"],
  [Promise.resolve({}), "a promise; is `await` missing?"],
  [new CoordinationBus(), "a CoordinationBus"],
];

for (const [owner, ofOwner] of rows) {
  // What takes something else in the same place is in the table of its entry point.
  if (/EventBus.on|Context|withRun|startRun|withSpan/.test(owner)) continue;
  const [, , , call] = ofOwner[0]!;
  mistakes(
    owner,
    NOT_OPTIONS.map(([value, kind]): Mistake => [
      kind,
      () => call(wrong(value)),
      `options must be an object, got ${kind}`,
    ]),
  );
}
