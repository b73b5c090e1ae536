import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { stop } from "esbuild";
import { costOf, overruns } from "./size.ts";

test("A10: costOf() counts what an import loads, with the packages that it brings", async () => {
  const cost = await costOf('export { createParser } from "eventsource-parser";');
  await stop();
  assertEquals(cost.packages, ["eventsource-parser"]);
  assert(cost.bytes > 300);
});

test("A10: costOf() leaves out what is only loaded later", async () => {
  const { bytes, packages } = await costOf('export const load = () => import("zod");');
  await stop();
  assertEquals(packages, []);
  assert(bytes < 300, `${bytes} bytes`);
});

test("overruns() names what is too large, what is foreign, and a budget that guards nothing", () => {
  const check = (bytes: number, ...packages: string[]) =>
    overruns("./x", { bytes, packages }, [1_000, "hono"]);
  assertEquals(check(900, "hono"), []);
  assertEquals(check(1_001, "hono"), ["./x is too large: 1001 bytes, at most 1000"]);
  assertEquals(check(500, "hono"), ["./x is far below its limit: 500 bytes of 1000; lower it"]);
  assertEquals(check(900, "hono", "zod"), ["./x loads packages that it should not: zod"]);
  assertEquals(check(900), ["./x does not load hono: take that out of its budget"]);
});
