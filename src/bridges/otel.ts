/**
 * Runs as traces: every run of a bus to OpenTelemetry, by its conventions for generative AI.
 *
 * {@linkcode toOtel} is one line, next to whatever sets OpenTelemetry up in your program. It reads the bus as
 * any other listener does, so it can be switched on and off without touching an agent.
 *
 * | events | span | attributes |
 * |---|---|---|
 * | a run | `invoke_agent`; `run` if no agent worked at its top | `locus.run.id`, `gen_ai.usage.*`, `locus.reason` |
 * | `agent.model.*`, `agent.think` | `chat`, with the model's name if it is given | `gen_ai.usage.*`, `gen_ai.response.finish_reasons` |
 * | `agent.tool.*` | `execute_tool <name>` | `gen_ai.tool.name`, `gen_ai.tool.call.id` |
 * | specialists, subagents | `invoke_agent <name>` | `gen_ai.agent.name` |
 * | `span.*` | its own name | its own, if their names are dotted |
 * | every other pair | `node <id>`, `handoff <to>`, `stage`, `query` … | its numbers, names and ids |
 *
 * Counters: `locus.invocations`, `locus.iterations`, `locus.tool_calls`, `locus.tool_errors`,
 * `locus.missed_events`. Histograms: `locus.invocation.duration`, `locus.tool_call.duration` (ms),
 * `gen_ai.client.token.usage`, `gen_ai.client.operation.duration` (s).
 *
 * @example One trace of each run, under the request that started it
 * ```ts
 * import { context } from "@opentelemetry/api";
 * import { EventBus, runContext, withSpan } from "@locus/core";
 * import { toOtel } from "@locus/core/bridges/otel";
 *
 * const bus = new EventBus();
 * const requests = new Map([["r1", context.active()]]);
 * const stop = toOtel(bus, {
 *   parent: (runId) => requests.get(runId),
 *   attributes: () => ({ "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5" }),
 * });
 *
 * runContext({ runId: "r1", bus }, () => withSpan("quote", () => {}));
 * bus.closeStream("r1");
 * stop();
 * await stop.done;
 * ```
 *
 * @module
 */
export { toOtel, type ToOtelOptions } from "./otel/to_otel.ts";
export type { GenAiConventions } from "./otel/gen_ai.ts";
export type { Listening } from "../consumers/listening.ts";
