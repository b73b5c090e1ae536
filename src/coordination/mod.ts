/**
 * Streams that work together: typed events between them, handlers that the publisher can wait for.
 *
 * A **stream** is anything that works on its own: a webhook, a worker, an agent. It may have **nodes**
 * and **executions**. {@linkcode CoordinationBus} carries what they tell each other; every event
 * says where it comes from:
 *
 * | key | |
 * |---|---|
 * | `type` | one of the 25 names of {@linkcode CoordinationEventType} |
 * | `stream_id`, `node_id`, `execution_id` | who published it; null where there is none |
 * | `data` | the payload of that type, see {@linkcode CoordinationEvents} |
 * | `timestamp` | ISO 8601 in UTC |
 * | `correlation_id` | the same on events that belong together, or null |
 *
 * This is not the bus that shows a run to its watchers (`EventBus` of `@locus/core`): that one never waits for a reader, this one waits for every handler. With the option
 * `mirror`, events that are published inside a run are shown there as well.
 *
 * @example Coordinate two streams
 * ```ts
 * import { CoordinationBus } from "@locus/core/coordination";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new CoordinationBus({ maxHistory: 1000, maxConcurrentHandlers: 10 });
 *
 * const outputs: unknown[] = [];
 * const off = bus.subscribe({
 *   types: ["execution_completed"],
 *   stream: "webhook",
 *   handler: async (event) => {
 *     await Promise.resolve(); // publish() waits for this
 *     outputs.push(event.data.output);
 *   },
 * });
 *
 * const webhook = bus.stream("webhook");
 * const node = webhook.node("n1").execution("e1");
 * await node.publish("node_loop_started", { max_iterations: 3 });
 * await webhook.execution("e1").publish("execution_completed", { output: { paid: true } }, {
 *   correlationId: "order-42",
 * });
 * off();
 *
 * assertEquals(outputs, [{ paid: true }]);
 * assertEquals(bus.getHistory({ correlation: "order-42" }).map(({ type }) => type), [
 *   "execution_completed",
 * ]);
 * assertEquals(bus.getStats().events_by_type, { node_loop_started: 1, execution_completed: 1 });
 * ```
 *
 * @module
 */

export { CoordinationBus } from "./coordination_bus.ts";
export type {
  CoordinationHistoryQuery,
  CoordinationStats,
  CoordinationSubscription,
  CoordinationWait,
} from "./contract.ts";
export type {
  CoordinationBusOptions,
  CoordinationErrorContext,
} from "./coordination_bus_options.ts";
export { isCoordinationEventType } from "./coordination_event.ts";
export type {
  CoordinationDraft,
  CoordinationEnvelope,
  CoordinationEvent,
  CoordinationPayload,
  DraftData,
  DraftOrigin,
} from "./coordination_event.ts";
export type { CoordinationFilter } from "./filter.ts";
export type { OptionalPayload } from "./payload_defaults.ts";
export type { CoordinationPublisher, PublishArguments, PublishOptions } from "./publisher.ts";
export type { Off } from "../core/bus/bus.ts";
export type {
  CoordinationEvents,
  CoordinationEventType,
  CoordinationOrigin,
} from "../events/catalogue/coordination.ts";
