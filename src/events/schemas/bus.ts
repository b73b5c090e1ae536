import { z } from "zod";
import type { BusEvents } from "../catalogue/bus.ts";
import { count, ordinal, type SchemaRecord, text, textOrNull } from "./_fields.ts";

/** The schema of every `bus.*` payload. */
export const busSchemas: SchemaRecord<BusEvents> = {
  "bus.gap": z.looseObject({
    from_seq: ordinal,
    to_seq: count,
    count,
    reason: z.enum(["lagged", "evicted", "unknown_cursor", "new_epoch"]),
  }),
  "bus.end": z.looseObject({ last_event_id: textOrNull }),
  "bus.live": z.looseObject({ cursor: text }),
  "bus.error": z.looseObject({ correlation_id: text }),
};
