/**
 * A bridge of your own: what it takes to show agents of any framework as runs of Locus.
 *
 * Frameworks tell what they do through hooks, callbacks or tracing. A bridge is a mapping from those to a
 * {@linkcode SpanRecorder}, which makes events of it: spans of agents, model calls and tools, each once, in order, inside
 * of one another, and without known secrets. The bridges of this package are made of the same parts.
 *
 * | your framework says | you call |
 * |---|---|
 * | an agent, model call, tool or node begins | `recorder.open(kind, key, { name, parent, … })` |
 * | a model streams | `recorder.delta(key, text)` |
 * | it is over, failed or was cancelled | `recorder.close(key, { output, error, usage, … })` |
 * | it asks a person | `recorder.interrupt(key, …)`, then `close(key, { waits: true })` |
 * | anything else | `recorder.say(key, "framework.event", data)` |
 *
 * @example A bridge for a framework that has hooks
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { recordCall } from "@locus/core/bridges/write-your-own";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 *
 * // What the framework calls when an agent begins to work.
 * function onAgent(id: string, name: string) {
 *   const call = recordCall("my-framework", { bus }, { name });
 *   call?.recorder.open("agent", id, { name, onClose: call.end });
 *   return {
 *     onTool: (key: string, tool: string) => call?.recorder.open("tool", key, { name: tool, parent: id }),
 *     onResult: (key: string, output: unknown) => call?.recorder.close(key, { output }),
 *     onEnd: (text: string) => call?.recorder.close(id, { text }),
 *   };
 * }
 *
 * const hooks = onAgent("agent-1", "cook");
 * hooks.onTool("call-1", "weigh");
 * hooks.onResult("call-1", { grams: 200 });
 * hooks.onEnd("Enough for two.");
 *
 * const types = bus.history("agent.*").map(({ event_type }) => event_type as string);
 * assertEquals(types.toReversed(), [
 *   "agent.tool.started",
 *   "agent.tool.completed",
 *   "agent.terminate",
 * ]);
 * ```
 *
 * @module
 */
export { type Oddities, recorderFor, type SpanRecorder } from "./recorder/recorder.ts";
export type {
  ModelUsage,
  SpanBeginning,
  SpanEnding,
  SpanKey,
  SpanKind,
} from "./recorder/span_options.ts";
export type { DeltaChannel } from "./recorder/recorded_model.ts";
export {
  type BridgeOptions,
  type OwnRun,
  recordCall,
  type RecordedCall,
} from "./recorder/record_call.ts";
