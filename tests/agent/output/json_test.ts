import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { extractJson, parsePartialJson } from "../../../src/agent/output/extract_json.ts";

function extract(text: string): unknown[] {
  return [...extractJson(text)];
}

test("extractJson() takes the whole text, a fence marked json, any fence, or what is amid words", () => {
  const cases: [string, unknown[]][] = [
    ['{"a":1}', [{ a: 1 }]],
    ["42", [42]],
    ['Here:\n```json\n{"a":1}\n```\nDone.', [{ a: 1 }, { a: 1 }]],
    ['```\n[1]\n```\n```JSON\n{"a":1}\n```', [{ a: 1 }, [1], [1], { a: 1 }]],
    ['It is {"a":"}"} as [1,2] asked', [{ a: "}" }, [1, 2]]],
    ['see [below]: {"a":1}', [{ a: 1 }]],
    ["no JSON {at all", []],
    ["", []],
  ];
  for (const [text, values] of cases) assertEquals(extract(text), values, text);
});

test("extractJson() never throws, and finds JSON amid any words", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    extract(text);
  }));
  const word = fc.string().map((text) => text.replace(/[{}[\]"`\\]/g, ""));
  fc.assert(fc.property(word, fc.object({ maxDepth: 2 }), word, (before, value, after) => {
    const json = JSON.stringify(value);
    const found = extract(`${before} ${json} ${after}`).map((item) => JSON.stringify(item));
    // JSON itself is not the same after a round trip: -0, and keys named __proto__.
    assert(found.includes(JSON.stringify(JSON.parse(json))));
  }));
});

test("extractJson() ends for text that is all brackets", () => {
  // So long that anything worse than in proportion would not end.
  assertEquals(extract("[".repeat(500_000)), []);
});

test("parsePartialJson() ends for text that is all brackets", () => {
  // Whether so deep a value can be made is up to the engine.
  assert(parsePartialJson("[".repeat(200_000)) !== null);
});

test("parsePartialJson() closes what is open, and leaves out what may still grow", () => {
  const cases: [string, unknown][] = [
    ["", undefined],
    ["Sure: ", undefined],
    ["{", {}],
    ['{"na', {}],
    ['{"name"', {}],
    ['{"name":', {}],
    ['{"name":"Ad', {}],
    ['{"name":"Ada"', { name: "Ada" }],
    ['{"name":"Ada","age":3', { name: "Ada" }],
    ['{"name":"Ada","age":36,', { name: "Ada", age: 36 }],
    ['{"tags":["a","b', { tags: ["a"] }],
    ['{"a":{"b":[1,{"c":tr', { a: { b: [1, {}] } }],
    ['{"a":"x\\"y"', { a: 'x"y' }],
    ['{"a":"x\\', {}],
    ['{"a":"}"', { a: "}" }],
    ['```json\n{"a":1}\n``` and {"b"', { a: 1 }],
    ["[1,2,3", [1, 2]],
    ["{]", undefined],
  ];
  for (const [text, value] of cases) assertEquals(parsePartialJson(text), value, text);
});

test("parsePartialJson() never throws", () => {
  const noise = fc.array(fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "\\", "1", "a", " "));
  fc.assert(
    fc.property(noise, (parts) => {
      parsePartialJson(parts.join(""));
    }),
    { numRuns: 2000 },
  );
});

test("parsePartialJson() of the beginnings of a text only ever grows, up to the whole", () => {
  fc.assert(fc.property(fc.object({ maxDepth: 2 }), (given) => {
    const json = JSON.stringify(given);
    let before: unknown = {};
    for (let end = 1; end <= json.length; end++) {
      const value = parsePartialJson(json.slice(0, end));
      assert(isPartOf(before, value), `${JSON.stringify(before)} -> ${JSON.stringify(value)}`);
      before = value;
    }
    assertEquals(JSON.stringify(before), JSON.stringify(JSON.parse(json)));
  }));
});

/** Whether everything that `part` says, `whole` says too. */
function isPartOf(part: unknown, whole: unknown): boolean {
  if (typeof part !== "object" || part === null) return Object.is(part, whole);
  if (typeof whole !== "object" || whole === null) return false;
  return Object.entries(part).every(([key, value]) =>
    isPartOf(value, (whole as Record<string, unknown>)[key])
  );
}
