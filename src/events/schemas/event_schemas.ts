import type { z } from "zod";
import type { EventCatalogue } from "../catalogue/mod.ts";
import { a2aSchemas } from "./a2a.ts";
import { agentSchemas } from "./agent.ts";
import { busSchemas } from "./bus.ts";
import { compositionSchemas } from "./composition.ts";
import { coordinationSchemas } from "./coordination.ts";
import { deepagentSchemas } from "./deepagent.ts";
import { memorySchemas } from "./memory.ts";
import { multiagentSchemas } from "./multiagent.ts";
import { ragSchemas } from "./rag.ts";
import { researchSchemas } from "./research.ts";
import { routerSchemas } from "./router.ts";
import { runSchemas } from "./run.ts";
import { skillsSchemas } from "./skills.ts";
import { spanSchemas } from "./span.ts";

/**
 * The schema of every payload, by the event's name.
 *
 * - A missing key is an error, as is a value of another type.
 * - A key that is not in the catalogue is kept: the publisher may be newer than the reader.
 *
 * @example Check a payload
 * ```ts
 * import { eventSchemas } from "@locus/core/schemas";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const schema = eventSchemas["skills.activated"];
 * const data = { skill_name: "write-report", has_resources: false, instructions_length: 812 };
 * assertEquals(schema.parse(data), data);
 * assert(!schema.safeParse({ skill_name: "write-report" }).success);
 * ```
 */
export const eventSchemas: { readonly [K in keyof EventCatalogue]: z.ZodType<EventCatalogue[K]> } =
  {
    ...agentSchemas,
    ...multiagentSchemas,
    ...compositionSchemas,
    ...routerSchemas,
    ...ragSchemas,
    ...memorySchemas,
    ...a2aSchemas,
    ...skillsSchemas,
    ...deepagentSchemas,
    ...researchSchemas,
    ...coordinationSchemas,
    ...runSchemas,
    ...spanSchemas,
    ...busSchemas,
  };

/** The schema of `eventType`, or null if it is not a name of the catalogue. */
export function schemaOf(eventType: string): z.ZodType | null {
  // `toString` is a valid name for an event of a user's own.
  if (!Object.hasOwn(eventSchemas, eventType)) return null;
  return eventSchemas[eventType as keyof EventCatalogue];
}
