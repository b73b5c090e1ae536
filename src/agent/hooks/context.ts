import type { EventName, EventPayload } from "../../events/stream_event.ts";
import type { FeatureContext } from "../loop/feature.ts";
import type { AgentState } from "../state/state.ts";

/** What a hook knows of the run that it is called for. One object for each segment of a run. */
export interface HookContext {
  /** The id of the agent's run: `state.run_id`. */
  readonly runId: string;
  /** The agent's name; null if it was given none. */
  readonly agentId: string | null;
  /** The run as it is now. */
  readonly state: AgentState;
  /** Aborted when the run is cancelled: hand it to whatever the hook waits for. */
  readonly signal: AbortSignal;
  /** The id of the run on the bus that this run's events go to; null if they go nowhere. */
  readonly busRunId: string | null;
  /** The span of the agent in that run; null if there is none. */
  readonly spanId: string | null;
  /**
   * Publishes to that run. Put `span_id` into the payload to say where it belongs: `spanId` of this context, or of the
   * event that the hook got. Never throws and never waits; does nothing if there is no run.
   */
  emit<T extends string>(eventType: EventName<T>, data: EventPayload<T>): void;
}

/** The context of the hooks of one segment. */
export function createContext(run: FeatureContext): HookContext {
  return Object.freeze<HookContext>({
    get runId() {
      return run.state.run_id;
    },
    get agentId() {
      return run.state.agent_id;
    },
    get state() {
      return run.state;
    },
    signal: run.signal,
    busRunId: run.span?.run.id ?? null,
    get spanId() {
      return run.span?.id ?? null;
    },
    emit: (eventType, data) => run.span?.run.emit(eventType, data),
  });
}

/** Where something belongs that a hook publishes. Hooks that a test calls by hand have no place. */
export function inSpan(spanId: string | null | undefined): { span_id?: string } {
  return typeof spanId === "string" ? { span_id: spanId } : {};
}
