import {
  EVENT_ID_RULE,
  EVENT_TYPE_RULE,
  isControlEventType,
  isEventType,
  isRunId,
  parseEventId,
  RUN_ID_RULE,
} from "../events/identifiers.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import type { SseMessage } from "../sse/message.ts";
import { parseEvent } from "../sse/from_sse.ts";
import { ClientError } from "./client_error.ts";
import type { FollowSettings } from "./follow_options.ts";
import { isError } from "../runtime/realm.ts";

/**
 * The event that a message holds. Its ids obey their rules, so that they can be shown, stored and sent on
 * as they are; its payload is what `validate` makes of it.
 *
 * @throws {ClientError} If it is not a valid event, or if it reports an error of the server.
 */
export function readEvent(
  purpose: string,
  message: SseMessage,
  validate: FollowSettings["validate"],
): StreamEvent {
  try {
    const event = parseEvent(purpose, message);
    // What the id stands for is an error, not an event: it has no place in the run.
    if (event.event_type === "bus.error") throw serverFailure(purpose, event.data.correlation_id);
    checkIds(purpose, event);
    return (validate === undefined ? event : validate(event)) as StreamEvent;
  } catch (cause) {
    if (cause instanceof ClientError) throw cause;
    const reason = isError(cause) ? cause.message : String(cause);
    throw new ClientError("bad_event", reason, { cause });
  }
}

function checkIds(purpose: string, event: StreamEvent): void {
  const { event_id: eventId, run_id: runId, event_type: eventType } = event;
  if (parseEventId(eventId) === null) fail("event_id", EVENT_ID_RULE);
  // A gap in a stream of all runs belongs to none of them.
  if (!isRunId(runId) && runId !== "*") fail("run_id", RUN_ID_RULE);
  if (!isEventType(eventType) && !isControlEventType(eventType)) {
    fail("event_type", EVENT_TYPE_RULE);
  }

  function fail(key: string, rule: string): never {
    throw new ClientError("bad_event", `${purpose}: the ${key} of an event must be ${rule}`);
  }
}

function serverFailure(purpose: string, id: unknown): ClientError {
  const correlationId = typeof id === "string" && isRunId(id) ? id : undefined;
  const place = correlationId === undefined ? "" : ` (${correlationId})`;
  return new ClientError("server_failed", `${purpose}: the server failed${place}`, {
    correlationId,
  });
}
