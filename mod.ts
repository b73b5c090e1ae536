/**
 * See what an AI agent is doing while it does it.
 *
 * @module
 */
export { EventBus } from "./src/core/event_bus.ts";
export type { BusErrorContext, EventBusOptions } from "./src/core/event_bus.ts";
export type {
  Bus,
  BusStats,
  EventSelect,
  Recovery,
  RunWriter,
  SubscribeGlobalOptions,
  SubscribeOptions,
  Subscription,
  SubscriptionEnd,
} from "./src/core/bus.ts";
export { emit } from "./src/core/emit.ts";
export { currentRun, currentRunId, runContext } from "./src/core/run_context.ts";
export type { Run, RunContextOptions } from "./src/core/run_context.ts";
export { getEventBus, hasEventBus, resetEventBus, setEventBus } from "./src/core/shared.ts";
export type { Placeholder } from "./src/core/capture.ts";
export { AsyncVariable, Snapshot } from "./src/runtime/async_context.ts";
export type { AsyncVariableOptions } from "./src/runtime/async_context.ts";
export type {
  Envelope,
  EventDraft,
  EventName,
  EventPayload,
  ReservedPrefix,
  StreamEvent,
} from "./src/events/stream_event.ts";
export type { EventCatalogue, EventType } from "./src/events/catalogue/mod.ts";
