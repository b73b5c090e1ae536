/** Our verdict on a value is that of ajv, whatever the schema. */
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { assertEquals } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { fromJsonSchema } from "../../../src/agent/json_schema/from_json_schema.ts";
import { check } from "../../core/properties/settings.ts";

/** JSON has no objects without a prototype, and ajv holds them for others. */
const plain = { noNullPrototype: true };

const keys = fc.constantFrom("a", "b", "ab", "c");

const value = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(null, true, false, "", "a", "ab", "abc", "💜", 0, 1, 2, 3, 0.3, -1, 1.5),
  ),
  any: fc.oneof(
    { maxDepth: 3 },
    tie("leaf"),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(keys, tie("any"), { maxKeys: 3, ...plain }),
  ),
})).any;

const size = fc.integer({ min: 0, max: 3 });
const number = fc.constantFrom(0, 1, 2, 0.1, 0.5, -1);
const types = fc.constantFrom("string", "number", "integer", "boolean", "null", "array", "object");

/** Each keyword, with what it may be. */
const schema = fc.letrec<{ any: object | boolean }>((tie) => {
  const one = tie("any");
  const some = fc.array(one, { minLength: 1, maxLength: 3 });
  const named = fc.dictionary(keys, one, { maxKeys: 3, ...plain });
  const keywords: Record<string, fc.Arbitrary<unknown>> = {
    type: fc.oneof(types, fc.uniqueArray(types, { minLength: 1, maxLength: 3 })),
    const: value,
    enum: fc.uniqueArray(value, {
      minLength: 1,
      maxLength: 3,
      comparator: (a, b) => JSON.stringify(a) === JSON.stringify(b),
    }),
    minimum: number,
    maximum: number,
    exclusiveMinimum: number,
    exclusiveMaximum: number,
    multipleOf: fc.constantFrom(1, 2, 0.5, 0.1),
    minLength: size,
    maxLength: size,
    pattern: fc.constantFrom("^a", "b$", "^.$"),
    minItems: size,
    maxItems: size,
    uniqueItems: fc.boolean(),
    minProperties: size,
    maxProperties: size,
    required: fc.uniqueArray(keys, { maxLength: 2 }),
    dependentRequired: fc.dictionary(keys, fc.uniqueArray(keys, { maxLength: 2 }), {
      maxKeys: 1,
      ...plain,
    }),
    properties: named,
    patternProperties: fc.dictionary(fc.constantFrom("^a", "b$"), one, { maxKeys: 2, ...plain }),
    additionalProperties: one,
    propertyNames: one,
    dependentSchemas: fc.dictionary(keys, one, { maxKeys: 1, ...plain }),
    items: one,
    prefixItems: some,
    // Not `false`: ajv lets an empty array contain it.
    contains: one.filter((schema) => schema !== false),
    allOf: some,
    anyOf: some,
    oneOf: some,
    not: one,
    if: one,
    then: one,
    else: one,
    $ref: fc.constantFrom("#/$defs/x", "#/$defs/y~1z"),
  };
  return {
    any: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.oneof({ weight: 1, arbitrary: fc.boolean() }, {
        weight: 3,
        arbitrary: types.map((type) => ({ type })),
      }),
      fc.uniqueArray(fc.constantFrom(...Object.keys(keywords)), { minLength: 1, maxLength: 4 })
        // Not both: then ajv takes an empty array for one that contains something.
        .filter((names) => !(names.includes("prefixItems") && names.includes("contains")))
        .chain((names) =>
          fc.record(Object.fromEntries(names.map((name) => [name, keywords[name]!])), plain)
        ),
    ),
  };
}).any;

test("fromJsonSchema() accepts what ajv accepts, and nothing else", async () => {
  await check(
    fc.property(schema, fc.array(value, { minLength: 1, maxLength: 5 }), (schema, values) => {
      const root = {
        allOf: [schema],
        $defs: { x: { type: "string" }, "y/z": { properties: { a: { $ref: "#/$defs/x" } } } },
      };
      const validate = new Ajv2020({ strict: false, multipleOfPrecision: 9 }).compile(root);
      const ours = fromJsonSchema(root)["~standard"];
      for (const value of values) {
        const result = ours.validate(structuredClone(value)) as { issues?: readonly unknown[] };
        assertEquals(
          result.issues === undefined,
          validate(structuredClone(value)),
          JSON.stringify(result),
        );
      }
    }),
    // Each compiles a schema.
    150,
  );
});
