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
import { describeProblem, formatPath } from "./_problems.ts";
import { schemaOf } from "./event_schemas.ts";

// Where a gap of the stream of all runs belongs to; no run can have this id.
const ALL_RUNS = "*";

const envelope = z.looseObject({
  event_id: text.refine((id) => parseEventId(id) !== null, EVENT_ID_RULE),
  run_id: text.refine((id) => isRunId(id) || id === ALL_RUNS, RUN_ID_RULE),
  event_type: text.refine((type) => isEventType(type) || isControlEventType(type), EVENT_TYPE_RULE),
  timestamp: z.iso.datetime("a date and time in UTC like 2026-01-31T12:00:00.000Z"),
  // Not z.record: that would copy the payload, key by key.
  data: z.custom<object>(isObject, "an object"),
});

/**
 * The schema of a whole event, as it comes from outside.
 *
 * - Ids obey the rules of {@linkcode isRunId} and its neighbours. Names under `bus.` are accepted,
 *   because a reader gets them from the bus; whoever takes events in to publish them must refuse
 *   them with `isEventType`.
 * - `data` is checked by the schema of its event type. For a type that is not in the catalogue any
 *   object will do.
 * - A value that the bus could not keep passes as the `$placeholder` object that stands in its place,
 *   so that the rest of the event is not lost.
 * - The result is the value itself, not a copy: nothing is reordered, removed or frozen.
 */
export const streamEventSchema: z.ZodType<StreamEvent> = z.custom<StreamEvent>().check(
  (context) => {
    const event: unknown = context.value;
    const result = envelope.safeParse(event);
    if (!result.success) {
      for (const issue of result.error.issues) report(issue, issue.path);
      return;
    }
    const { event_type: eventType, data } = result.data;
    for (const issue of schemaOf(eventType)?.safeParse(data).error?.issues ?? []) {
      if (!meetsPlaceholder(data, issue.path)) report(issue, ["data", ...issue.path]);
    }

    function report(issue: z.core.$ZodIssue, path: PropertyKey[]): void {
      const input = valueAt(event, path);
      context.issues.push({ code: "custom", path, input, message: describeProblem(issue, input) });
    }
  },
);

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
  const result = streamEventSchema.safeParse(value);
  if (result.success) return result.data;
  const [{ path, message }, ...more] = result.error.issues as [z.core.$ZodIssue, ...unknown[]];
  const place = path.length === 0 ? "it" : `"${formatPath(path)}"`;
  const others = more.length === 0 ? "" : ` (problem 1 of ${more.length + 1})`;
  throw new TypeError(`Cannot read event: ${place} ${message}${others}`);
}

/** Whether the bus replaced the value at `path`, or one that contains it. */
function meetsPlaceholder(data: object, path: readonly PropertyKey[]): boolean {
  return path.some((_, depth) => isPlaceholder(valueAt(data, path.slice(0, depth)))) ||
    isPlaceholder(valueAt(data, path));
}

function isPlaceholder(value: unknown): boolean {
  return isObject(value) && Object.hasOwn(value, "$placeholder");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  for (const key of path) value = (value as Record<PropertyKey, unknown>)[key];
  return value;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
