import { copyPayload } from "../core/copy_payload.ts";
import { describe } from "../core/options.ts";
import { toTimestamp } from "../core/timestamp.ts";
import type { CoordinationDraft, CoordinationEvent } from "./coordination_event.ts";
import { checkEventType, checkId } from "./filter.ts";
import { fillDefaults } from "./payload_defaults.ts";

/** An event that is the bus's own from here on. */
export interface AcceptedEvent {
  readonly event: CoordinationEvent;
  /** Size of the payload, as estimated. */
  readonly bytes: number;
}

/**
 * Makes the event of a draft: checked, complete, frozen, and a copy that no publisher can change.
 *
 * @throws {TypeError} If the draft is not an object, or its type or an id is not valid.
 */
export function acceptEvent(draft: CoordinationDraft, maxEventBytes: number): AcceptedEvent {
  const owner = "Cannot publish event";
  if (typeof draft !== "object" || draft === null) {
    throw new TypeError(`${owner}: expected an event, got ${describe(draft)}`);
  }
  const { type, stream_id, data = {} } = draft;
  const { node_id = null, execution_id = null, correlation_id = null } = draft;
  checkEventType(owner, type);
  checkId(owner, "stream_id", stream_id);
  if (node_id !== null) checkId(owner, "node_id", node_id);
  if (execution_id !== null) checkId(owner, "execution_id", execution_id);
  if (correlation_id !== null) checkId(owner, "correlation_id", correlation_id);
  const { data: copy, bytes } = copyPayload(data, maxEventBytes);
  fillDefaults(type, copy);
  const event = {
    type,
    stream_id,
    node_id,
    execution_id,
    data: Object.freeze(copy),
    timestamp: toTimestamp(Date.now()),
    correlation_id,
  };
  return { event: Object.freeze(event) as CoordinationEvent, bytes };
}
