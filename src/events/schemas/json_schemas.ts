import { z } from "zod";
import { eventCatalogue, type EventType } from "../catalogue/mod.ts";
import { eventSchemas } from "./event_schemas.ts";

/**
 * The JSON Schema (draft 2020-12) of every payload, by the event's name: for languages other than
 * this one, for documentation, for AsyncAPI. Made again at each call.
 *
 * @example Which keys an event has
 * ```ts
 * import { eventJsonSchemas } from "@locus/core/schemas";
 * import { assertObjectMatch } from "@std/assert";
 *
 * assertObjectMatch(eventJsonSchemas()["deepagent.fs.read"]!, {
 *   title: "deepagent.fs.read",
 *   description: "A file was read.",
 *   type: "object",
 *   required: ["path", "byte_count"],
 * });
 * ```
 */
export function eventJsonSchemas(): Record<string, object> {
  const jsonSchemas: Record<string, object> = {};
  for (const eventType of Object.keys(eventSchemas) as EventType[]) {
    const { $schema, ...schema } = z.toJSONSchema(eventSchemas[eventType], { override: tidy });
    const { summary } = eventCatalogue[eventType];
    jsonSchemas[eventType] = { $schema, title: eventType, description: summary, ...schema };
  }
  return jsonSchemas;
}

/** Removes the bounds that every whole number in JavaScript has. */
function tidy({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}
