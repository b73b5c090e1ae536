/**
 * Logs, and handlers of what an agent yields.
 *
 * - **Of a bus:** {@linkcode jsonLines} for machines, {@linkcode consoleLines} for people. They listen to all runs
 *   or to one, wait for slow sinks without slowing down the publisher, and report what they missed.
 * - **Of one run of an agent:** {@linkcode handleStream} hands `agent.run(…)` to a {@linkcode StreamHandler}:
 *   {@linkcode ConsoleHandler}, {@linkcode MinimalConsoleHandler}, {@linkcode BufferingHandler},
 *   {@linkcode FilteringHandler}, {@linkcode CompositeHandler}, {@linkcode SseHandler}, or your own.
 *
 * Secrets are taken out of all that is written, and control characters never reach a terminal.
 *
 * @example Log what matters
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { jsonLines } from "@locus/core/consumers";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * const lines: string[] = [];
 * using stop = jsonLines(bus, (line) => void lines.push(line), { level: "warn" });
 *
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { success: true } });
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { success: false } });
 * stop();
 * await stop.done;
 * assertEquals(lines.map((line) => JSON.parse(line).level), ["error"]);
 * ```
 *
 * @module
 */
export { jsonLines, type JsonLinesOptions } from "./json_lines.ts";
export { consoleLines, type ConsoleLinesOptions } from "./console_lines.ts";
export { levelOf, type LogLevel } from "./levels.ts";
export type { LineSink, NodeWritable } from "./line_writer.ts";
export type { Listening, ListeningOptions } from "./listening.ts";

export { handleStream } from "./handlers/stream_handler.ts";
export type {
  HandleStreamOptions,
  StreamedEvent,
  StreamHandler,
} from "./handlers/stream_handler.ts";
export { BufferingHandler, type BufferingHandlerOptions } from "./handlers/buffering_handler.ts";
export { CompositeHandler } from "./handlers/composite_handler.ts";
export { ConsoleHandler, type ConsoleHandlerOptions } from "./handlers/console_handler.ts";
export { FilteringHandler, type FilteringHandlerOptions } from "./handlers/filtering_handler.ts";
export { MinimalConsoleHandler } from "./handlers/minimal_console_handler.ts";
export type { MinimalConsoleHandlerOptions } from "./handlers/minimal_console_handler.ts";
export { SseHandler, type SseHandlerOptions } from "./handlers/sse_handler.ts";
export type { TextOutput } from "./handlers/terminal_output.ts";
export type {
  AgentEvent,
  AgentEventBase,
  CausalEdgeEvent,
  CausalNodeEvent,
  GroundingEvent,
  InterruptEvent,
  ModelChunkEvent,
  ModelCompleteEvent,
  ReflectEvent,
  TerminateEvent,
  ThinkEvent,
  ToolCall,
  ToolCompleteEvent,
  ToolStartEvent,
} from "../events/agent_events.ts";
