import { z } from "zod";
import { inSpan } from "./_places.ts";
import type { SkillsEvents } from "../catalogue/skills.ts";
import { count, flag, type SchemaRecord, text } from "./_fields.ts";

/** The schema of every `skills.*` payload. */
export const skillsSchemas: SchemaRecord<SkillsEvents> = {
  "skills.activated": z.looseObject({
    skill_name: text,
    has_resources: flag,
    instructions_length: count,
    hash: text.optional(),
    source: z.enum(["model", "user"]).optional(),
    already_active: flag.optional(),
    ...inSpan,
  }),
};
