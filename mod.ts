/**
 * See what an AI agent is doing while it does it: one typed, replayable event stream from any agent to
 * any screen.
 *
 * - **Free when off.** {@linkcode emit} outside of a run is one context read: no allocation, no bus.
 * - **Nothing is lost silently.** Memory is bounded everywhere. A slow or late subscriber gets a `bus.gap` event that
 *   says exactly what it missed, and can resume.
 * - **One shape.** A {@linkcode StreamEvent} is the same plain object in memory, in the log and on the wire.
 *
 * This entry point has the run context, `emit`, and the bus, without any dependency. The others:
 *
 * - **Events:** `@locus/core/events` (the catalogue), `@locus/core/schemas` (checks for what comes from
 *   outside), `@locus/core/redaction`.
 * - **Publishers:** `@locus/core/agent` (a ReAct agent), `@locus/core/memory` (its conversations), `@locus/core/graph`,
 *   `…/pipeline`, `…/team`, `…/router`, `…/deepagent` and `…/research` (more than one agent), `@locus/core/rag` and
 *   `…/skills` (what agents know), `@locus/core/coordination` (typed events between streams), `@locus/core/testing`
 *   (a model for tests); `@locus/core/bridges/…` for the agents of others.
 * - **Transport:** `@locus/core/sse`, `@locus/core/hono`, `@locus/core/agent-server` and `…/a2a` (over HTTP),
 *   `@locus/core/propagation` (a run in several processes), `@locus/core/transports/sqlite` (a bus that lasts), `…/redis`
 *   and `…/nats` (one bus for several processes).
 * - **Consumers:** `@locus/core/client`, `@locus/core/workbench` (a page), `@locus/core/cli`,
 *   `@locus/core/view` (what to draw), `@locus/core/ag-ui` and `…/ui-message-stream` (screens of others),
 *   `@locus/core/consumers` (logs), `@locus/core/bridges/otel` (traces).
 *
 * @example Emit in a run, read it elsewhere
 * ```ts
 * import { emit, EventBus, runContext } from "@locus/core";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 *
 * await runContext({ runId: "order-42", bus }, async () => {
 *   emit("skills.activated", {
 *     skill_name: "refunds",
 *     has_resources: false,
 *     instructions_length: 812,
 *   });
 *   await Promise.resolve(); // everything below, however deep, belongs to the run
 *   emit("shop.refunded", { amount: 10 }); // names outside the catalogue are yours
 * });
 * bus.closeStream("order-42");
 *
 * const types = [];
 * for await (const event of bus.subscribe("order-42")) types.push(event.event_type as string);
 * assertEquals(types, ["skills.activated", "shop.refunded"]);
 * ```
 *
 * @example Come late, fall behind, resume
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus({ historyPerRun: 2 });
 * for (let n = 1; n <= 5; n++) bus.publish({ run_id: "r", event_type: "shop.tick", data: { n } });
 * bus.closeStream("r");
 *
 * const late = bus.subscribe("r")[Symbol.asyncIterator]();
 * const { value: gap } = await late.next();
 * assertEquals(gap?.data, { from_seq: 1, to_seq: 3, count: 3, reason: "evicted" });
 *
 * const resumed = [];
 * for await (const event of bus.subscribe("r", { after: gap?.event_id })) resumed.push(event.data);
 * assertEquals(resumed as unknown[], [{ n: 4 }, { n: 5 }]);
 * ```
 *
 * @module
 */
export { EventBus } from "./src/core/bus/event_bus.ts";
export type { BusErrorContext, EventBusOptions } from "./src/core/bus/event_bus_options.ts";
export type {
  AnyBus,
  Appended,
  AppendingBus,
  AppendOptions,
  ArchiveBus,
  BatchOptions,
  Bus,
  BusStats,
  DrainedOptions,
  EventSelect,
  FindRunsOptions,
  FoundRun,
  FoundRuns,
  HistoryOptions,
  ImportedRuns,
  Off,
  OnOptions,
  Producer,
  Recovery,
  RunInfo,
  RunReading,
  RunWriter,
  StartFrom,
  SubscribeGlobalOptions,
  SubscribeOptions,
  Subscription,
  SubscriptionEnd,
  WaitForOptions,
} from "./src/core/bus/bus.ts";
export type { EventIterator, IterateOptions } from "./src/core/log/event_iterator.ts";
export { defineEvents } from "./src/core/run/define_events.ts";
export type { Declarable, EventSchemas, SchemaEvents } from "./src/core/run/define_events.ts";
export { emit } from "./src/core/run/emit.ts";
export { currentRun, currentRunId, runContext } from "./src/core/run/run_context.ts";
export type { RunContextOptions } from "./src/core/run/run_context.ts";
export type { AnyRun, Run, RunOutcome } from "./src/core/run/run.ts";
export { startRun, withRun } from "./src/core/run/with_run.ts";
export type { RunOptions, StartedRun, StartRunOptions } from "./src/core/run/with_run.ts";
export { enterSpan, withSpan } from "./src/core/run/span.ts";
export type { Span, SpanOptions } from "./src/core/run/span.ts";
export { getEventBus, hasEventBus, resetEventBus, setEventBus } from "./src/core/run/shared.ts";
export type {
  EventFilter,
  EventSelector,
  NamedEvent,
  SelectedEvent,
  SelectorName,
} from "./src/core/bus/selector.ts";
export type { WaitOptions } from "./src/core/settle_once.ts";
export type { Placeholder } from "./src/events/placeholder.ts";
export { AsyncVariable, Snapshot } from "./src/runtime/async_context.ts";
export type { AsyncVariableOptions } from "./src/runtime/async_context.ts";
export type {
  Envelope,
  EventDraft,
  EventName,
  EventPayload,
  KnownEvents,
  NearName,
  NoEvents,
  PrefixOf,
  PublishedName,
  ReservedPrefix,
  StreamEvent,
} from "./src/events/stream_event.ts";
export type { AnyEvents, Events } from "./src/events/own_events.ts";
export type { RunState } from "./src/events/run_state.ts";
export type {
  StandardIssue,
  StandardResult,
  StandardSchema,
} from "./src/events/standard_schema.ts";
export type { EventCatalogue, EventType } from "./src/events/catalogue/mod.ts";
