import { EventBus, withRun } from "@locus/core";
import { toAgUi } from "@locus/core/ag-ui";
import { locusSubscriber } from "@locus/core/bridges/ag-ui";
import { locusTelemetry } from "@locus/core/bridges/ai-sdk";
import { locusWrap } from "@locus/core/bridges/ai-sdk-6";
import { watchQuery } from "@locus/core/bridges/claude-agent";
import { LocusHandler } from "@locus/core/bridges/langchain";
import { LocusExporter } from "@locus/core/bridges/mastra";
import { locusTraceProcessor } from "@locus/core/bridges/openai-agents";
import { LocusSpanProcessor } from "@locus/core/bridges/otel-spans";
import { recorderFor } from "@locus/core/bridges/write-your-own";
import { mistakes, noOptions, wrong } from "./_mistakes.ts";

const bus = new EventBus();

noOptions("locusTelemetry()", (o) => locusTelemetry(o));
mistakes("locusTelemetry()", [
  ["another word", () => locusTelemetry({ runs: wrong("all") }), '"runs" must be "own" or'],
  ["a run as bus", () => locusTelemetry({ bus: wrong({}) }), '"bus" must be an event bus'],
  ["text for true", () => locusTelemetry({ content: wrong("yes") }), "true or false"],
]);
noOptions("locusTraceProcessor()", (o) => locusTraceProcessor(o));
mistakes("locusWrap()", [
  ["no function", () => locusWrap(wrong({})), "expected a function of the AI SDK, got"],
]);
noOptions("locusWrap()", (o) => locusWrap(() => {}, o));
mistakes("watchQuery()", [
  ["no query", () => watchQuery(wrong({})), "expected a query of the Claude Agent SDK, got"],
]);
const query = async function* () {};
noOptions("watchQuery()", (o) => watchQuery(query(), o));
noOptions("LocusHandler", (o) => new LocusHandler(o));
noOptions("LocusExporter", (o) => new LocusExporter(o));
noOptions("LocusSpanProcessor", (o) => new LocusSpanProcessor(o));
mistakes("recorderFor()", [
  ["a bus", () => recorderFor(wrong(bus), "x"), "expected a run, got"],
  ["no name", () => withRun({ bus }, (run) => recorderFor(run, wrong(1))), '"source" must be'],
]);
noOptions("toAgUi()", (o) => toAgUi(o));
noOptions("locusSubscriber()", (o) => locusSubscriber(o));
