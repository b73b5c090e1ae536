/** JSON Schemas of several drafts. */

import type { Case } from "./case.ts";

const json = (
  name: string,
  schema: Record<string, unknown>,
  ...values: Case["values"]
): Case => ({ name: `JSON Schema: ${name}`, schema, values });

const object = (properties: Record<string, unknown>, ...required: string[]) => ({
  type: "object",
  properties,
  required,
});

/** JSON Schemas of several drafts. */
export const jsonSchemas: readonly Case[] = [
  json(
    "draft 7 with definitions",
    {
      $schema: "http://json-schema.org/draft-07/schema#",
      ...object(
        { from: { $ref: "#/definitions/place" }, to: { $ref: "#/definitions/place" } },
        "from",
      ),
      definitions: { place: object({ city: { type: "string" }, zip: { type: "string" } }, "city") },
    },
    [{ from: { city: "Oslo" } }],
    [{ from: { city: "Oslo", zip: "1" }, to: { city: "Bergen" } }],
  ),
  json("a reference at the root", {
    $ref: "#/$defs/q",
    $defs: { q: object({ a: { type: "string" } }, "a") },
  }, [{ a: "x" }]),
  json("a reference with a description", {
    ...object({ a: { $ref: "#/$defs/s", description: "the first" } }, "a"),
    $defs: { s: { type: "string", minLength: 1 } },
  }, [{ a: "x" }]),
  json("a reference with limits", {
    ...object({ a: { $ref: "#/$defs/s", maxLength: 3 } }, "a"),
    $defs: { s: { type: "string", minLength: 1 } },
  }, [{ a: "x" }]),
  json("oneOf at the root", {
    oneOf: [object({ a: { type: "string" } }, "a"), object({ b: { type: "string" } }, "b")],
  }, [
    { b: "x" },
  ]),
  json("oneOf beside properties", {
    ...object({ id: { type: "string" } }, "id"),
    oneOf: [object({ a: { type: "number" } }, "a"), object({ b: { type: "number" } }, "b")],
  }, [{ id: "1", a: 2 }]),
  json("anyOf that only requires", {
    ...object({ a: { type: "string" }, b: { type: "string" } }),
    anyOf: [{ required: ["a"] }, { required: ["b"] }],
  }, [{ b: "x" }]),
  json("allOf at the root", {
    allOf: [object({ a: { type: "string" } }, "a"), { $ref: "#/$defs/b" }],
    $defs: { b: object({ b: { type: "number" } }) },
  }, [
    { a: "x" },
  ], [{ a: "x", b: 1 }]),
  json(
    "recursive at the root",
    object({ name: { type: "string" }, sub: { type: "array", items: { $ref: "#" } } }, "name"),
    [
      { name: "a", sub: [{ name: "b" }] },
    ],
  ),
  json("recursive in two steps", {
    ...object({ a: { $ref: "#/$defs/a" } }, "a"),
    $defs: {
      a: object({ b: { $ref: "#/$defs/b" } }, "b"),
      b: object({ a: { $ref: "#/$defs/a" }, n: { type: "integer" } }, "n"),
    },
  }, [{ a: { b: { n: 1 } } }]),
  json(
    "types in a list",
    object(
      {
        a: { type: ["string", "number", "null"], minLength: 1 },
        b: { type: ["array", "null"], items: { type: "string" } },
      },
      "a",
      "b",
    ),
    [
      { a: null, b: ["x"] },
    ],
    [{ a: 1, b: null }],
  ),
  json(
    "nullable of OpenAPI",
    object({
      a: { type: "string", nullable: true },
      c: { type: "string", enum: ["x", "y"], nullable: true },
    }, "a"),
    [
      { a: null, c: null },
    ],
  ),
  json(
    "enum with null",
    object({ c: { enum: ["a", null] }, d: { type: ["string", "null"], enum: ["a", null] } }, "c"),
    [{ c: null, d: null }],
  ),
  json(
    "enum of numbers and flags",
    object(
      { n: { enum: [1, 2] }, f: { enum: [true] }, m: { enum: ["a", 1, false] } },
      "n",
      "f",
      "m",
    ),
    [
      { n: 2, f: true, m: 1 },
    ],
  ),
  json("enum of objects", object({ o: { enum: [{ a: 1 }, { a: 2 }] } }, "o"), [{ o: { a: 2 } }]),
  json(
    "tuple of draft 7",
    object({
      t: {
        type: "array",
        items: [{ type: "string" }, { type: "integer" }],
        additionalItems: false,
      },
    }, "t"),
    [
      { t: ["a", 1] },
    ],
  ),
  json(
    "tuple of 2020-12",
    object({
      t: { type: "array", prefixItems: [{ type: "string" }, { type: "integer" }], items: false },
    }, "t"),
    [
      { t: ["a", 1] },
    ],
  ),
  json("a list of anything", object({ l: { type: "array" } }, "l"), [{ l: [1, "a"] }]),
  json("default and examples", object({ n: { type: "integer", default: 6, examples: [6] } }), [{}, {
    n: 6,
  }]),
  json("patternProperties", {
    type: "object",
    patternProperties: { "^x-": { type: "string" } },
    additionalProperties: false,
  }, [{ "x-a": "1" }]),
  json("if and then", {
    ...object({ a: { type: "string" }, b: { type: "string" } }, "a"),
    if: { required: ["b"] },
    then: { required: ["a"] },
  }, [
    { a: "1" },
  ]),
  json("dependencies of draft 7", {
    ...object({ a: { type: "string" }, b: { type: "string" } }),
    dependencies: { a: ["b"] },
  }, [
    { a: "1", b: "2" },
  ]),
  json("dependentRequired and not", {
    ...object({ a: { type: "string" }, b: { type: "string" } }),
    dependentRequired: { a: ["b"] },
    not: { required: ["c"] },
  }, [
    { b: "2" },
  ]),
  json(
    "uniqueItems and contains",
    object({
      l: { type: "array", items: { type: "integer" }, uniqueItems: true, contains: { const: 1 } },
    }, "l"),
    [
      { l: [1, 2] },
    ],
  ),
  json(
    "excluded bounds of draft 4",
    object({ n: { type: "number", minimum: 0, exclusiveMinimum: true } }, "n"),
    [{ n: 1 }],
  ),
  json("additional properties with a schema", {
    ...object({ a: { type: "string" } }, "a"),
    additionalProperties: { type: "integer" },
  }, [
    { a: "x", n: 1 },
  ]),
  json("keywords of others", {
    ...object({
      a: { type: "string", "x-order": 1, markdownDescription: "**a**", errorMessage: "no" },
    }, "a"),
    "x-tool": true,
  }, [
    { a: "x" },
  ]),
  json("required without a property", {
    type: "object",
    properties: { a: { type: "string" } },
    required: ["a", "b"],
  }, [
    { a: "x", b: 1 },
  ]),
  json("no type at all", {
    properties: { a: { minLength: 1 }, b: { properties: { c: {} } }, d: { items: {} } },
    required: ["a"],
  }, [
    { a: "x" },
  ]),
  json("any object", { type: "object" }, [{ a: 1 }]),
];
