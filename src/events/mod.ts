/**
 * What is said: the shape of an event, the catalogue of all events, and the rules for their ids.
 *
 * Every event is an {@linkcode Envelope}: a plain object with the keys `event_id`, `run_id`,
 * `event_type`, `timestamp` and `data`, the same in memory, in the log and on the wire. The
 * {@linkcode EventCatalogue} says which payload belongs to which event type, so that `data` is known
 * once `event_type` is. {@linkcode eventCatalogue} says in words what each event means.
 *
 * This entry point holds types and a table of texts; it loads nothing else. To check what comes from
 * outside, use the schemas of `@locus/core/schemas`.
 *
 * @example Read events by their type
 * ```ts
 * import type { StreamEvent } from "@locus/core/events";
 * import { assertEquals } from "@std/assert";
 *
 * function describe(event: StreamEvent): string {
 *   switch (event.event_type) {
 *     case "agent.tool.started":
 *       return `${event.data.tool_name}(${event.data.arg_keys.join(", ")})`;
 *     case "agent.tool.completed":
 *       return `${event.data.tool_name}: ${event.data.error ?? event.data.output_preview}`;
 *     default:
 *       return event.event_type;
 *   }
 * }
 *
 * const event: StreamEvent = {
 *   event_id: "k3v9-1",
 *   run_id: "order-42",
 *   event_type: "agent.tool.started",
 *   timestamp: "2026-01-31T12:00:00.000Z",
 *   data: { tool_name: "weather", span_id: "call_1", arg_keys: ["city", "unit"] },
 * };
 * assertEquals(describe(event), "weather(city, unit)");
 * ```
 *
 * @example What an event means
 * ```ts
 * import { eventCatalogue } from "@locus/core/events";
 * import { assertEquals } from "@std/assert";
 *
 * const { summary, pairs_with } = eventCatalogue["rag.query.started"];
 * assertEquals(summary, "A query is about to be embedded and searched.");
 * assertEquals(pairs_with, "rag.query.completed");
 * ```
 *
 * @module
 */

export type { Placeholder } from "./placeholder.ts";
export type {
  Envelope,
  EventDraft,
  EventName,
  EventPayload,
  ReservedPrefix,
  StreamEvent,
} from "./stream_event.ts";

export {
  EVENT_ID_RULE,
  EVENT_TYPE_RULE,
  formatEventId,
  isControlEventType,
  isEventType,
  isRunId,
  parseEventId,
  RUN_ID_RULE,
} from "./identifiers.ts";
export type { EventCursor } from "./identifiers.ts";

export { type EventCatalogue, eventCatalogue, type EventType } from "./catalogue/mod.ts";
export type { EventRow, EventRows } from "./catalogue/rows.ts";
export type { FreePayload } from "./catalogue/free_payload.ts";
export type {
  AgentEvents,
  AgentGrounding,
  AgentGuardrailTriggered,
  AgentInterrupt,
  AgentInterruptAnswered,
  AgentModelChunk,
  AgentModelCompleted,
  AgentModelRetry,
  AgentReflect,
  AgentSteeringApplied,
  AgentTerminate,
  AgentThink,
  AgentTokensUsed,
  AgentToolCompleted,
  AgentToolStarted,
} from "./catalogue/agent.ts";
export type {
  MultiagentEvents,
  MultiagentGraphNodeCompleted,
  MultiagentGraphNodeRouted,
  MultiagentGraphNodeStarted,
  MultiagentHandoffCompleted,
  MultiagentHandoffInitiated,
  MultiagentOrchestratorDecision,
  MultiagentOrchestratorRouting,
  MultiagentOrchestratorSpecialistsInvoked,
  MultiagentOrchestratorSummary,
  MultiagentSpecialistCompleted,
  MultiagentSpecialistStarted,
} from "./catalogue/multiagent.ts";
export type {
  CompositionEvents,
  CompositionFanoutCompleted,
  CompositionFanoutStarted,
  CompositionLoopIterationCompleted,
  CompositionLoopIterationStarted,
  CompositionLoopTerminated,
  CompositionStageCompleted,
  CompositionStageStarted,
} from "./catalogue/composition.ts";
export type {
  RouterEvents,
  RouterFrameExtracted,
  RouterFrameFailed,
  RouterGoal,
  RouterLevel,
  RouterPolicyVerdict,
  RouterProtocolNoMatch,
  RouterProtocolSelected,
  RouterRunnableCompiled,
  RouterRunnableExecuted,
  RouterRunnableExecuting,
  RouterRunnableFailed,
} from "./catalogue/router.ts";
export type { RagEvents, RagQueryCompleted, RagQueryStarted, RagStage } from "./catalogue/rag.ts";
export type {
  EvictedResult,
  MemoryCheckpointLoaded,
  MemoryCheckpointSaved,
  MemoryCompactorCompleted,
  MemoryCompactorTriggered,
  MemoryConversationPruned,
  MemoryEvents,
} from "./catalogue/memory.ts";
export type {
  A2aClientReceived,
  A2aClientSend,
  A2aEvents,
  A2aTaskCompleted,
  A2aTaskProcessing,
  A2aTaskReceived,
} from "./catalogue/a2a.ts";
export type { SkillsActivated, SkillsEvents } from "./catalogue/skills.ts";
export type {
  DeepagentEvents,
  DeepagentFsRead,
  DeepagentFsWrite,
  DeepagentSubagentCompleted,
  DeepagentSubagentSpawned,
  DeepagentTodoAdded,
  DeepagentTodoCompleted,
} from "./catalogue/deepagent.ts";
export type {
  ResearchCausalBuilt,
  ResearchClaim,
  ResearchClaimSource,
  ResearchCompleted,
  ResearchEvents,
  ResearchExecuteCompleted,
  ResearchExecuteStarted,
  ResearchGroundingEvaluated,
  ResearchRegenerateCompleted,
  ResearchRegenerateStarted,
  ResearchReplan,
  ResearchSummarizeCompleted,
} from "./catalogue/research.ts";
export type {
  ClientInputRequested,
  ClientOutputDelta,
  ConstraintViolation,
  CoordinationEvents,
  CoordinationEventType,
  CoordinationOrigin,
  Custom,
  ExecutionCompleted,
  ExecutionFailed,
  ExecutionPaused,
  ExecutionResumed,
  ExecutionStarted,
  GoalAchieved,
  GoalProgress,
  LlmReasoningDelta,
  LlmTextDelta,
  NodeInputBlocked,
  NodeInternalOutput,
  NodeLoopCompleted,
  NodeLoopIteration,
  NodeLoopStarted,
  NodeStalled,
  StateChanged,
  StateConflict,
  StreamStarted,
  StreamStopped,
  ToolCallCompleted,
  ToolCallStarted,
} from "./catalogue/coordination.ts";
export type { RunCompleted, RunEvents, RunStarted } from "./catalogue/run.ts";
export type {
  SpanCompleted,
  SpanContent,
  SpanEvents,
  SpanLinked,
  SpanStarted,
} from "./catalogue/span.ts";
export type { BusEnd, BusError, BusEvents, BusGap, BusLive } from "./catalogue/bus.ts";
export type { ContentMessage, ContentPart } from "./catalogue/content.ts";
export type {
  Beginning,
  InParent,
  InSpan,
  RouteCandidate,
  SpanPair,
  ToolSpan,
} from "./catalogue/places.ts";
