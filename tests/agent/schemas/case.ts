/** What the schemas of the corpus have in common. */

import type { StandardSchema } from "../../../src/events/standard_schema.ts";

/** A schema, and what a tool gets. */
export interface Case {
  readonly name: string;
  readonly schema: StandardSchema | Record<string, unknown>;
  readonly jsonSchema?: (schema: unknown) => object;
  /** What the model means, and what the tool gets; the same where there is only one. */
  readonly values: readonly (readonly [means: unknown, gets?: unknown])[];
}
