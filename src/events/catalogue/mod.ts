/** Every event that Locus knows: its name, its payload, its row of documentation. */

import { type AgentEvents, agentEvents } from "./agent.ts";
import { type MultiagentEvents, multiagentEvents } from "./multiagent.ts";
import { type CompositionEvents, compositionEvents } from "./composition.ts";
import { type RouterEvents, routerEvents } from "./router.ts";
import { type RagEvents, ragEvents } from "./rag.ts";
import { type MemoryEvents, memoryEvents } from "./memory.ts";
import { type A2aEvents, a2aEvents } from "./a2a.ts";
import { type SkillsEvents, skillsEvents } from "./skills.ts";
import { type DeepagentEvents, deepagentEvents } from "./deepagent.ts";
import { type ResearchEvents, researchEvents } from "./research.ts";
import { type CoordinationEvents, coordinationEvents } from "./coordination.ts";
import { type RunEvents, runEvents } from "./run.ts";
import { type SpanEvents, spanEvents } from "./span.ts";
import { type BusEvents, busEvents } from "./bus.ts";
import type { EventRows } from "./rows.ts";

export type {
  AgentEvents,
  AgentGrounding,
  AgentGuardrailTriggered,
  AgentInterrupt,
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
} from "./agent.ts";
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
} from "./multiagent.ts";
export type {
  CompositionEvents,
  CompositionFanoutCompleted,
  CompositionFanoutStarted,
  CompositionLoopIterationCompleted,
  CompositionLoopIterationStarted,
  CompositionLoopTerminated,
  CompositionStageCompleted,
  CompositionStageStarted,
} from "./composition.ts";
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
} from "./router.ts";
export type { RagEvents, RagQueryCompleted, RagQueryStarted } from "./rag.ts";
export type {
  EvictedResult,
  MemoryCheckpointLoaded,
  MemoryCheckpointSaved,
  MemoryCompactorCompleted,
  MemoryCompactorTriggered,
  MemoryConversationPruned,
  MemoryEvents,
} from "./memory.ts";
export type {
  A2aClientReceived,
  A2aClientSend,
  A2aEvents,
  A2aTaskCompleted,
  A2aTaskProcessing,
  A2aTaskReceived,
} from "./a2a.ts";
export type { SkillsActivated, SkillsEvents } from "./skills.ts";
export type {
  DeepagentEvents,
  DeepagentFsRead,
  DeepagentFsWrite,
  DeepagentSubagentCompleted,
  DeepagentSubagentSpawned,
  DeepagentTodoAdded,
  DeepagentTodoCompleted,
} from "./deepagent.ts";
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
} from "./research.ts";
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
} from "./coordination.ts";
export type { RunCompleted, RunEvents, RunStarted } from "./run.ts";
export type { SpanCompleted, SpanContent, SpanEvents, SpanLinked, SpanStarted } from "./span.ts";
export type { BusEnd, BusError, BusEvents, BusGap, BusLive } from "./bus.ts";
export type { FreePayload } from "./free_payload.ts";
export type { EventRow, EventRows } from "./rows.ts";

/**
 * The payload of every event, by its name.
 *
 * Payloads carry exactly these keys; a key without a value is `null` or `[]`, never absent.
 */
export interface EventCatalogue
  extends
    AgentEvents,
    MultiagentEvents,
    CompositionEvents,
    RouterEvents,
    RagEvents,
    MemoryEvents,
    A2aEvents,
    SkillsEvents,
    DeepagentEvents,
    ResearchEvents,
    CoordinationEvents,
    RunEvents,
    SpanEvents,
    BusEvents {}

/** The name of an event of the catalogue. */
export type EventType = keyof EventCatalogue & string;

// A bundler keeps a spread at the top level, even unused, because it may run getters: ten kilobytes for
// code that imports only `isRunId`. The annotation on the call lets it go.
/**
 * The documentation of every event, by its name, in the order of the documentation.
 *
 * Look names from outside up with `Object.hasOwn`: `toString` is a valid name for an event of your
 * own.
 */
export const eventCatalogue: EventRows<EventCatalogue> = /* @__PURE__ */ (() => ({
  ...agentEvents,
  ...multiagentEvents,
  ...compositionEvents,
  ...routerEvents,
  ...ragEvents,
  ...memoryEvents,
  ...a2aEvents,
  ...skillsEvents,
  ...deepagentEvents,
  ...researchEvents,
  ...coordinationEvents,
  ...runEvents,
  ...spanEvents,
  ...busEvents,
}))();
