/** What `agent.run()` yields: one frozen, plain object for each step of a run. */

import { toTimestamp } from "../../core/timestamp.ts";
import type {
  AgentEvent,
  ToolCall,
  ToolCompleteEvent,
  ToolStartEvent,
} from "../../events/agent_events.ts";
import { deepFreeze } from "../../core/json.ts";
import type { Arguments } from "./messages.ts";

export type * from "../../events/agent_events.ts";

/** The names of all events of a run. */
export type AgentEventType = AgentEvent["event_type"];

type EventOf<T extends AgentEventType> = Extract<AgentEvent, { event_type: T }>;
type FieldsOf<T extends AgentEventType> = Omit<EventOf<T>, "event_type" | "timestamp" | "success">;

export function createEvent<T extends AgentEventType>(type: T, fields: FieldsOf<T>): EventOf<T> {
  const event = { event_type: type, timestamp: toTimestamp(Date.now()), ...fields };
  // Only tool_complete has an error.
  if ("error" in event) {
    Object.defineProperty(event, "success", { value: event.error === null });
  }
  return deepFreeze(event) as EventOf<T>;
}

export function toolStart({ name, id }: CallName, args: Arguments): ToolStartEvent {
  return createEvent("tool_start", { tool_name: name, tool_call_id: id, arguments: args });
}

export function toolComplete(
  { name, id }: CallName,
  { result, error, duration_ms }: Pick<ToolCompleteEvent, "result" | "error" | "duration_ms">,
): ToolCompleteEvent {
  const call = { tool_name: name, tool_call_id: id };
  return createEvent("tool_complete", { ...call, result, error, duration_ms });
}

type CallName = Pick<ToolCall, "id" | "name">;
