/** Schemas of zod 3, valibot and ArkType. */

import { toJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { z as z3 } from "zod/v3";
import { zodToJsonSchema } from "zod-to-json-schema";
import type { StandardSchema } from "../../../src/events/standard_schema.ts";
import type { Case } from "./case.ts";

const old = (name: string, schema: z3.ZodType, ...values: Case["values"]): Case => ({
  name: `zod 3: ${name}`,
  schema: schema as StandardSchema,
  jsonSchema: (schema) => zodToJsonSchema(schema as never),
  values,
});
const valibot = (name: string, schema: v.GenericSchema, ...values: Case["values"]): Case => ({
  name: `valibot: ${name}`,
  schema: schema as StandardSchema,
  jsonSchema: (schema) => toJsonSchema(schema as v.GenericSchema),
  values,
});
const ark = (name: string, schema: unknown, ...values: Case["values"]): Case => ({
  name: `ArkType: ${name}`,
  schema: schema as StandardSchema,
  values,
});
/** Schemas of other libraries. */
export const otherSchemas: readonly Case[] = [
  old("optional and default", z3.object({ a: z3.string().optional(), n: z3.number().default(2) }), [
    {},
    { n: 2 },
  ]),
  old(
    "union at the root",
    z3.union([z3.object({ a: z3.string() }), z3.object({ b: z3.number() })]),
    [{ b: 1 }],
  ),
  old("nullable choices", z3.object({ c: z3.enum(["a", "b"]).nullable() }), [{ c: null }]),
  old(
    "tuple and record",
    z3.object({ t: z3.tuple([z3.string(), z3.number()]), r: z3.record(z3.number()) }),
    [
      { t: ["a", 1], r: { x: 1 } },
    ],
  ),
  old("recursive", recursiveOld(), [{ v: 1, next: { v: 2 } }]),
  valibot("optional", v.object({ a: v.string(), b: v.optional(v.number()) }), [{ a: "x" }]),
  valibot("default", v.object({ a: v.optional(v.string(), "d") }), [{}, { a: "d" }]),
  valibot(
    "variant at the root",
    v.variant("k", [
      v.object({ k: v.literal("a") }),
      v.object({ k: v.literal("b"), n: v.number() }),
    ]),
    [
      { k: "b", n: 1 },
    ],
  ),
  valibot(
    "choices and formats",
    v.object({
      p: v.picklist(["a", "b"]),
      m: v.pipe(v.string(), v.email()),
      l: v.pipe(v.array(v.string()), v.minLength(1)),
    }),
    [
      { p: "a", m: "a@b.example", l: ["x"] },
    ],
  ),
  valibot(
    "strict object and nullish",
    v.strictObject({ a: v.nullish(v.string()), b: v.optional(v.string()) }),
    [{ a: null }],
  ),
  valibot(
    "record and tuple",
    v.object({ r: v.record(v.string(), v.boolean()), t: v.tuple([v.string(), v.number()]) }),
    [
      { r: { a: true }, t: ["x", 1] },
    ],
  ),
  ark("optional", type({ a: "string", "b?": "number" }), [{ a: "x" }]),
  ark("default", type({ a: "string = 'd'" }), [{}, { a: "d" }]),
  ark("union at the root", type({ k: "'a'" }).or({ k: "'b'", n: "number" }), [{ k: "b", n: 1 }]),
  ark(
    "choices, limits and lists",
    type({ c: "'x' | 'y' | null", n: "1 <= number <= 5", l: "string[]" }),
    [
      { c: null, n: 2, l: ["a"] },
    ],
  ),
  ark("tuple", type({ t: ["string", "number"] }), [{ t: ["a", 1] }]),
];

function recursiveOld(): z3.ZodType {
  const link: z3.ZodType = z3.object({ v: z3.number(), next: z3.lazy(() => link).optional() });
  return link;
}
