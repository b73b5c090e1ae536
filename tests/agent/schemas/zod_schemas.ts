/** Schemas of zod 4. */

import { z } from "zod";
import type { StandardSchema } from "../../../src/events/standard_schema.ts";
import type { Case } from "./case.ts";

const zod = (name: string, schema: z.ZodType, ...values: Case["values"]): Case => ({
  name: `zod: ${name}`,
  schema: schema as StandardSchema,
  values,
});
const circle = z.object({ kind: z.literal("circle"), radius: z.number() });
const square = z.object({
  kind: z.literal("square"),
  side: z.number(),
  label: z.string().optional(),
});

const shared = circle.meta({ id: "Circle" });

interface Tree {
  value: string;
  children: Tree[];
}
const tree: z.ZodType<Tree> = z.object({
  value: z.string(),
  get children() {
    return z.array(tree);
  },
});
interface Chain {
  id: number;
  next?: Chain;
}
const chain: z.ZodType<Chain> = z.object({
  id: z.number(),
  get next() {
    return chain.optional();
  },
});

/** Schemas of zod 4. */
export const zodSchemas: readonly Case[] = [
  zod("text and number", z.object({ a: z.string(), b: z.number() }), [{ a: "x", b: 1.5 }]),
  zod("nothing", z.object({}), [{}]),
  zod("optional", z.object({ a: z.string(), b: z.string().optional() }), [{ a: "x" }], [
    { a: "x", b: "y" },
  ]),
  zod("all optional", z.object({ a: z.string().optional(), b: z.int().optional() }), [{}]),
  zod("nullable", z.object({ a: z.string().nullable() }), [{ a: null }], [{ a: "x" }]),
  zod("nullish", z.object({ a: z.number().nullish() }), [{ a: null }], [{ a: 1 }]),
  zod("default", z.object({ n: z.number().default(5), a: z.string() }), [{ a: "x" }, {
    a: "x",
    n: 5,
  }], [
    { a: "x", n: 1 },
  ]),
  zod("default of a choice", z.object({ day: z.enum(["today", "tomorrow"]).default("today") }), [
    {},
    { day: "today" },
  ]),
  zod(
    "default of an object",
    z.object({ o: z.object({ a: z.string().default("z") }).default({ a: "q" }) }),
    [
      {},
      { o: { a: "q" } },
    ],
    [{ o: {} }, { o: { a: "z" } }],
  ),
  zod("union at the root", z.union([circle, square]), [{ kind: "circle", radius: 2 }], [
    { kind: "square", side: 3 },
  ]),
  zod("discriminated union at the root", z.discriminatedUnion("kind", [circle, square]), [
    { kind: "square", side: 1, label: "s" },
  ]),
  zod(
    "discriminated union inside",
    z.object({ shape: z.discriminatedUnion("kind", [circle, square]) }),
    [
      { shape: { kind: "square", side: 3 } },
    ],
  ),
  zod(
    "exclusive union",
    z.object({
      either: z.xor([z.object({ a: z.string() }).strict(), z.object({ b: z.string() }).strict()]),
    }),
    [
      { either: { b: "x" } },
    ],
  ),
  zod("union of texts and numbers", z.object({ id: z.union([z.string(), z.number()]) }), [{
    id: 1,
  }], [
    { id: "a" },
  ]),
  zod("optional union", z.object({ id: z.union([z.string(), z.number()]).optional() }), [{}], [{
    id: 2,
  }]),
  zod("choices that may be null", z.object({ c: z.enum(["a", "b"]).nullable() }), [{ c: null }], [{
    c: "b",
  }]),
  zod(
    "literals",
    z.object({ a: z.literal("x"), b: z.literal(3), c: z.literal(true), d: z.null() }),
    [
      { a: "x", b: 3, c: true, d: null },
    ],
  ),
  zod("literals of several types", z.object({ a: z.literal(["x", 1, null]) }), [{ a: 1 }], [{
    a: null,
  }]),
  zod(
    "intersection",
    z.intersection(z.object({ a: z.string() }), z.object({ b: z.number().optional() })),
    [
      { a: "x" },
    ],
    [{ a: "x", b: 1 }],
  ),
  zod(
    "intersection inside",
    z.object({ p: z.object({ a: z.string() }).and(z.object({ b: z.string() })) }),
    [
      { p: { a: "1", b: "2" } },
    ],
  ),
  zod("record", z.object({ by: z.record(z.string(), z.number()) }), [{ by: { a: 1, b: 2 } }]),
  zod("record of choices", z.object({ by: z.partialRecord(z.enum(["a", "b"]), z.string()) }), [{
    by: { a: "1" },
  }]),
  zod("record at the root", z.record(z.string(), z.string()), [{ a: "1" }]),
  zod("tuple", z.object({ at: z.tuple([z.string(), z.number()]) }), [{ at: ["x", 1] }]),
  zod("tuple with a rest", z.object({ at: z.tuple([z.string()], z.number()) }), [{
    at: ["x", 1, 2],
  }]),
  zod("lists", z.object({ l: z.array(z.array(z.string().min(1)).max(3)).min(1) }), [{
    l: [["a"]],
  }]),
  zod(
    "list of objects with optional keys",
    z.object({ l: z.array(z.object({ a: z.string(), b: z.string().optional() })) }),
    [
      { l: [{ a: "1" }, { a: "2", b: "3" }] },
    ],
  ),
  zod(
    "formats",
    z.object({
      m: z.email(),
      u: z.url(),
      i: z.uuid(),
      d: z.iso.datetime(),
      e: z.iso.date(),
      ip: z.ipv4(),
    }),
    [{
      m: "a@b.example",
      u: "https://a.example",
      i: "7b2c8a3e-1d4f-4c55-9a66-0123456789ab",
      d: "2026-11-30T01:02:03Z",
      e: "2026-11-30",
      ip: "127.0.0.1",
    }],
  ),
  zod(
    "limits of numbers and texts",
    z.object({
      n: z.int().min(1).max(9),
      p: z.number().positive().multipleOf(0.5),
      s: z.string().min(2).max(4).regex(/^[a-z]+$/),
    }),
    [
      { n: 3, p: 1.5, s: "abc" },
    ],
  ),
  zod("pattern that looks ahead", z.object({ s: z.string().regex(/^(?=.*\d)[a-z\d]+$/) }), [{
    s: "a1",
  }]),
  zod("recursive through a list", tree, [{ value: "a", children: [{ value: "b", children: [] }] }]),
  zod("recursive through an optional key", chain, [{ id: 1, next: { id: 2 } }]),
  zod("recursive inside", z.object({ root: tree, limit: z.number().optional() }), [
    { root: { value: "a", children: [] } },
  ]),
  zod("anything", z.object({ a: z.any(), b: z.unknown() }), [{ a: { x: [1] }, b: "y" }]),
  zod("open object", z.looseObject({ a: z.string() }), [{ a: "x", more: 1 }]),
  zod("strict object", z.strictObject({ a: z.string().optional() }), [{}], [{ a: "x" }]),
  zod(
    "descriptions",
    z.object({
      a: z.string().describe("the first"),
      b: z.object({ c: z.boolean() }).describe("an object").optional(),
    }).describe("all"),
    [
      { a: "x" },
    ],
  ),
  zod(
    "schema used twice",
    z.object({ a: shared, b: shared }),
    [{
      a: { kind: "circle", radius: 1 },
      b: { kind: "circle", radius: 2 },
    }],
  ),
  zod("transformation", z.object({ n: z.string().transform((text) => text.length) }), [{
    n: "four",
  }, { n: 4 }]),
  zod("coercion", z.object({ n: z.coerce.number() }), [{ n: 4 }]),
  zod("preprocessing", z.object({ n: z.preprocess((value) => value ?? "none", z.string()) }), [{
    n: "x",
  }]),
  zod(
    "key with a space",
    z.object({ "first name": z.string(), "größe": z.number().optional(), $id: z.string() }),
    [
      { "first name": "Ada", $id: "x" },
    ],
  ),
  zod("key named as the wrapper", z.object({ input: z.string() }), [{ input: "x" }]),
  zod(
    "deep",
    z.object({ a: z.object({ b: z.object({ c: z.object({ d: z.string().optional() }) }) }) }),
    [
      { a: { b: { c: {} } } },
    ],
  ),
];
