/**
 * Agents and workflows of Mastra, as runs: in the workbench, in the terminal, over HTTP.
 *
 * {@linkcode LocusExporter} stands beside the exporters that you have. It imports nothing of Mastra.
 *
 * @example Watch all agents of a Mastra
 * ```ts ignore
 * import { Mastra } from "@mastra/core";
 * import { Observability } from "@mastra/observability";
 * import { LocusExporter } from "@locus/core/bridges/mastra";
 *
 * new Mastra({
 *   agents,
 *   observability: new Observability({
 *     configs: { default: { serviceName: "app", exporters: [new LocusExporter()] } },
 *   }),
 * });
 * ```
 *
 * @module
 */
export { LocusExporter } from "./mastra/exporter.ts";
export type { MastraEvent, MastraSpan } from "./mastra/spans.ts";
export type { BridgeOptions } from "./recorder/record_call.ts";
