/** Schemas as people write them for tools, each with arguments that a model means by them. */

import type { Case } from "./case.ts";
import { jsonSchemas } from "./json_schemas.ts";
import { otherSchemas } from "./other_schemas.ts";
import { zodSchemas } from "./zod_schemas.ts";

/** All of them. */
export const corpus: readonly Case[] = [...zodSchemas, ...otherSchemas, ...jsonSchemas];
