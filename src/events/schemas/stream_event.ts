import { z } from "zod";
import {
  EVENT_ID_RULE,
  EVENT_TYPE_RULE,
  isControlEventType,
  isEventType,
  isRunId,
  parseEventId,
  RUN_ID_RULE,
} from "../identifiers.ts";
import type { StreamEvent } from "../stream_event.ts";
import { text } from "./_fields.ts";
import { checkWith, parseWith, payload } from "./_check_with.ts";

// Where a gap of the stream of all runs belongs to; no run can have this id.
const ALL_RUNS = "*";

const envelope = z.looseObject({
  event_id: text.refine((id) => parseEventId(id) !== null, EVENT_ID_RULE),
  run_id: text.refine((id) => isRunId(id) || id === ALL_RUNS, RUN_ID_RULE),
  event_type: text.refine((type) => isEventType(type) || isControlEventType(type), EVENT_TYPE_RULE),
  timestamp: z.iso.datetime("a date and time in UTC like 2026-01-31T12:00:00.000Z"),
  data: payload,
});

/**
 * The schema of a whole event, as it comes from outside.
 *
 * - Ids obey the rules of {@linkcode isRunId} and its neighbours. Names under `bus.` are accepted,
 *   because a reader gets them from the bus; whoever takes events in to publish them checks
 *   them with {@linkcode eventDraftSchema}.
 * - `data` is checked by the schema of its event type. For a type that is not in the catalogue any
 *   object will do.
 * - A value that the bus could not keep passes as the `$placeholder` object that stands in its place,
 *   so that the rest of the event is not lost.
 * - The result is the value itself, not a copy: nothing is reordered, removed or frozen.
 */
export const streamEventSchema: z.ZodType<StreamEvent> = checkWith<StreamEvent>(envelope);

/**
 * Checks that `value` is an event by {@linkcode streamEventSchema}, and returns it.
 *
 * @throws {TypeError} If it is not; the message names the place, what must be there and what is.
 *
 * @example Read an event from JSON
 * ```ts
 * import { parseStreamEvent } from "@locus/core/schemas";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const json = `{"event_id":"k3v9-7","run_id":"order-42","event_type":"skills.activated",
 *   "timestamp":"2026-01-31T12:00:00.000Z",
 *   "data":{"skill_name":"write-report","has_resources":false,"instructions_length":812}}`;
 * assertEquals(parseStreamEvent(JSON.parse(json)).event_type, "skills.activated");
 *
 * assertThrows(
 *   () => parseStreamEvent(JSON.parse(json.replace("812", '"long"'))),
 *   TypeError,
 *   'Cannot read event: "data.instructions_length" must be a number, got "long"',
 * );
 * ```
 */
export function parseStreamEvent(value: unknown): StreamEvent {
  return parseWith(streamEventSchema, value);
}
