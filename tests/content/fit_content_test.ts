import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { copyPayload } from "../../src/core/copy_payload.ts";
import { cutTexts, mapTexts, sizeOf } from "../../src/content/fit_content.ts";

/** What JSON can hold, not too deep for a bus. */
const plain = fc.jsonValue({ maxDepth: 6 }).map((value) => copyPayload({ value }, 1e9).data.value);

test("sizeOf() estimates as the bus does", () => {
  const empty = copyPayload({ value: null }, 1e9).bytes;
  fc.assert(fc.property(plain, (value) => {
    assertEquals(sizeOf(value), copyPayload({ value }, 1e9).bytes - empty);
  }));
});

test("mapTexts() changes texts and nothing else, and copies nothing where none changes", () => {
  const upper = (text: string) => text.toUpperCase();
  const slow = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (_, item) => typeof item === "string" ? upper(item) : item);
  fc.assert(fc.property(plain, (value) => {
    assertEquals(mapTexts(value, upper), slow(value));
    assertStrictEquals(mapTexts(value, (text) => text), value);
  }));
});

test("cutTexts() fits whatever it returns", () => {
  const content = fc.array(fc.record({ a: fc.string({ maxLength: 300 }), b: fc.string() }));
  fc.assert(fc.property(content, fc.nat(5_000), (content, room) => {
    const fitted = cutTexts(content, room);
    assert(fitted === null || sizeOf(fitted) <= room);
  }));
});
