/**
 * Agents that are instrumented with OpenTelemetry, as runs: in the workbench, in the terminal, over HTTP.
 *
 * {@linkcode LocusSpanProcessor} stands beside the processors that you have. It imports nothing, and works with the SDKs of
 * OpenTelemetry from version 1 on.
 *
 * @example Beside your exporter
 * ```ts ignore
 * import { NodeSDK } from "@opentelemetry/sdk-node";
 * import { LocusSpanProcessor } from "@locus/core/bridges/otel-spans";
 *
 * new NodeSDK({ spanProcessors: [new LocusSpanProcessor()] }).start();
 * ```
 *
 * @module
 */
export { LocusSpanProcessor } from "./otel_spans/span_processor.ts";
export type { OtelSpan } from "./otel_spans/read_span.ts";
export type { BridgeOptions } from "./recorder/record_call.ts";
