import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { fromJsonSchema } from "../../../src/agent/json_schema/from_json_schema.ts";
import { describeIssues } from "../../../src/events/standard_schema.ts";

/** What a schema makes of a value: the value, or what is wrong with it, in a line. */
function outcome(schema: object, value: unknown): unknown {
  const result = fromJsonSchema({ ...schema })["~standard"].validate(value);
  if (result instanceof Promise) throw new Error("It should answer at once");
  return result.issues === undefined ? result.value : describeIssues(result.issues);
}

const tree = {
  $ref: "#/definitions/node",
  definitions: {
    node: {
      type: "object",
      properties: { value: { type: "number" }, next: { $ref: "#/definitions/node" } },
      required: ["value"],
    },
  },
};

const shape = {
  oneOf: [
    {
      type: "object",
      properties: { kind: { const: "a" }, n: { type: "number" } },
      required: ["n"],
    },
    {
      type: "object",
      properties: { kind: { const: "b" }, s: { type: "string" } },
      required: ["s"],
    },
  ],
};

const issues: [object, unknown, string][] = [
  [{ type: "string" }, 5, "arguments: must be a string, got 5"],
  [{ type: ["integer", "null"] }, 1.5, "arguments: must be a whole number or null, got 1.5"],
  [{ enum: ["a", 1] }, "b", 'arguments: must be "a" or 1, got "b"'],
  [{ properties: { a: { minimum: 1 } } }, { a: 0 }, "a: must be at least 1, got 0"],
  [{ items: { maxLength: 1 } }, ["a", "ab"], '1: must have at most 1 characters, got "ab"'],
  [{ required: ["a", "b"] }, { b: 1 }, "a: is missing"],
  [{ additionalProperties: false }, { x: 1 }, "x: is not allowed"],
  [{ pattern: "^a+$" }, "b", 'arguments: must match ^a+$, got "b"'],
  [
    { uniqueItems: true },
    [{ a: 1, b: 2 }, { b: 2, a: 1 }],
    "arguments: must not have equal items, got an array",
  ],
  [{ contains: { const: 1 } }, [2], "arguments: has 0 items of those it must contain"],
  [{ dependentRequired: { a: ["b"] } }, { a: 1 }, 'b: is missing, as there is "a"'],
  [
    { anyOf: [{ type: "string" }, { type: "null" }] },
    5,
    "arguments: fits none of its forms: must be a string, got 5; must be null, got 5",
  ],
  [
    { oneOf: [{ minimum: 1 }, { maximum: 3 }] },
    2,
    "arguments: fits 2 of its forms, but must fit one",
  ],
  [{ not: { type: "string" } }, "a", "arguments: is not allowed"],
  [tree, { value: 1, next: { value: "x" } }, 'next.value: must be a number, got "x"'],
  [{ $ref: "#" }, 1, "arguments: is nested too deeply"],
];

for (const [schema, value, expected] of issues) {
  test(`fromJsonSchema(${JSON.stringify(schema)}) says what is wrong with ${JSON.stringify(value)}`, () => {
    assertEquals(outcome(schema, value), expected);
  });
}

test("FromJsonSchema() takes definitions of draft 7 that refer to themselves", () => {
  const value = { value: 1, next: { value: 2, next: { value: 3 } } };
  assertEquals(outcome(tree, value), value);
});

test("FromJsonSchema() takes a union at the root", () => {
  assertEquals(outcome(shape, { kind: "b", s: "x" }), { kind: "b", s: "x" });
});

test("fromJsonSchema() takes a list of items as in draft 7", () => {
  const pair = { items: [{ type: "string" }, { type: "number" }], additionalItems: false };
  assertEquals(outcome(pair, ["a", 1]), ["a", 1]);
  assertEquals(outcome(pair, ["a", 1, 2]), "2: is not allowed");
});

test("fromJsonSchema() fills in defaults, each a copy, and leaves its argument as it is", () => {
  const schema = {
    properties: { tags: { default: [] }, inner: { properties: { n: { default: 1 } } } },
    required: ["tags"],
  };
  const given = { inner: {} };
  const first = outcome(schema, given) as { tags: unknown[] };
  first.tags.push(1);
  assertEquals(outcome(schema, given), { inner: { n: 1 }, tags: [] });
  assertEquals(given, { inner: {} });
});

test("fromJsonSchema() keeps a key named __proto__ a key", () => {
  const value = JSON.parse('{"__proto__":{"x":1}}');
  const checked = outcome({ type: "object" }, value) as object;
  assertEquals(Object.getPrototypeOf(checked), Object.prototype);
  assertEquals(Object.keys(checked), ["__proto__"]);
});

const formats: [string, string[], string[]][] = [
  ["date", ["2026-02-28"], ["2026-02-30", "26-1-1"]],
  ["time", ["10:00:00Z"], ["25:00:00Z", "10:00"]],
  ["date-time", ["2026-02-28T10:00:00.5+01:00"], ["2026-02-28", "2026-02-28 10:00:00Z"]],
  ["email", ["a@b.c"], ["a", "a@b c"]],
  ["uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123"]],
  ["uri", ["https://a.b/c", "urn:x"], ["a/b", "a b"]],
  ["of-their-own", ["anything"], []],
];

for (const [format, good, bad] of formats) {
  test(`fromJsonSchema() checks the format ${format}`, () => {
    for (const text of good) assertEquals(outcome({ format }, text), text);
    for (const text of bad) {
      assertEquals(
        outcome({ format }, text),
        `arguments: must be a ${format}, got ${JSON.stringify(text)}`,
      );
    }
  });
}

const refused: [object, string][] = [
  [
    { properties: { a: { unevaluatedProperties: false } } },
    '"unevaluatedProperties" is not supported',
  ],
  [{ items: { $ref: "https://example.com/x.json" } }, '"$ref" must lead into this schema'],
  [{ $ref: "#/$defs/nowhere" }, '"$ref" leads nowhere'],
  [{ $ref: "#/$defs/%zz" }, 'in "$ref", "%" must begin the code of a character'],
  [{ type: "text" }, 'there is no type "text"'],
  [{ pattern: "(" }, 'the pattern "(" is not a regular expression'],
  [{ required: "a" }, '"required" must be an array, got "a"'],
  [{ anyOf: ["a"] }, 'a schema must be an object, got "a"'],
];

for (const [schema, message] of refused) {
  test(`fromJsonSchema(${JSON.stringify(schema)}) says at once that it cannot`, () => {
    assertThrows(() => fromJsonSchema({ ...schema }), TypeError, message);
  });
}
