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
