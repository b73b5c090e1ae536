import { z } from "zod";
import { EVENT_TYPE_RULE, isEventType, isRunId, RUN_ID_RULE } from "../identifiers.ts";
import type { EventDraft } from "../stream_event.ts";
import { checkWith, parseWith, payload } from "./_check_with.ts";
import { text } from "./_fields.ts";

const envelope = z.looseObject({
  run_id: text.refine(isRunId, RUN_ID_RULE),
  event_type: text.refine(isEventType, EVENT_TYPE_RULE),
  data: payload,
});

/**
 * The schema of an event from another process: `run_id`, `event_type` and `data`.
 *
 * - Names under `bus.`, which only a bus may say, are refused.
 * - `data` is checked by the schema of its event type. For a type that is not in the catalogue any object
 *   will do.
 * - Further keys are kept and mean nothing, `event_id` and `timestamp` too: those are the bus's to give. So a
 *   whole event of another bus, in whatever form that has its ids and times, is a draft.
 * - The result is the value itself, not a copy.
 */
export const eventDraftSchema: z.ZodType<EventDraft> = checkWith<EventDraft>(envelope);

/**
 * Checks that `value` is a draft by {@linkcode eventDraftSchema}, and returns it. Use it before you publish what
 * comes from outside.
 *
 * @throws {TypeError} If it is not; the message names the place, what must be there and what is.
 *
 * @example Take an event in
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { parseEventDraft } from "@locus/core/schemas";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const bus = new EventBus();
 * bus.publish(parseEventDraft({ run_id: "order-42", event_type: "shop.paid", data: { amount: 3 } }));
 * assertEquals(bus.history().length, 1);
 *
 * assertThrows(
 *   () => parseEventDraft({ run_id: "order-42", event_type: "bus.end", data: {} }),
 *   TypeError,
 *   '"event_type" must be',
 * );
 * ```
 */
export function parseEventDraft(value: unknown): EventDraft {
  return parseWith(eventDraftSchema, value);
}
