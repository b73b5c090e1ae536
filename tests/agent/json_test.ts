import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { canonicalJson, frozenCopy, plainCopy } from "../../src/core/json.ts";

const sorted = (_: string, value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
    : value;

test("frozenCopy() says where a value is nested too deep", () => {
  const deep = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
  const text = JSON.stringify(frozenCopy({ deep }));
  assertEquals(text.replace(/^{"deep":\[+/, "").replace(/\]+}$/, ""), '"[nested too deep]"');
});

test("canonicalJson() is JSON, with sorted keys", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assertEquals(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
  }));
  // Whole numbers come first in an object, whatever their text: as keys they are left out here.
  const key = fc.string().filter((text) => !/^\d+$/.test(text) && text !== "__proto__");
  fc.assert(fc.property(fc.dictionary(key, fc.dictionary(key, fc.double())), (value) => {
    assertEquals(canonicalJson(value), JSON.stringify(value, sorted));
  }));
});

test("canonicalJson() leaves out what JSON leaves out", () => {
  assertEquals(
    canonicalJson({ b: undefined, a: [undefined, NaN, () => 1] }),
    '{"a":[null,null,null]}',
  );
  assertEquals(canonicalJson(undefined), "null");
});

test("plainCopy() is equal, shares nothing, and can be changed", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const copied = plainCopy(value);
    assertEquals(JSON.stringify(copied), JSON.stringify(value));
    if (typeof value === "object" && value !== null) assert(copied !== value);
  }));
  const frozen = Object.freeze({ list: Object.freeze([Object.freeze({ n: 1 })]) });
  const copied = plainCopy(frozen) as { list: { n: number }[] };
  copied.list[0]!.n = 2;
  copied.list.push({ n: 3 });
  assertEquals([frozen.list.length, frozen.list[0]!.n], [1, 1]);
});

test("plainCopy() keeps a key named __proto__ a key", () => {
  const copied = plainCopy(JSON.parse('{"__proto__":{"polluted":true}}')) as object;
  assertEquals(Object.keys(copied), ["__proto__"]);
  assertEquals(Object.getPrototypeOf(copied), Object.prototype);
});
