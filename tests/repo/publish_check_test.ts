import { test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { rootUrl } from "../run/paths.ts";
import { misplaced, publishedFiles, withoutJsr } from "./publish_check.ts";

const good = ["mod.ts", "src/sse/mod.ts", "README.md", "CHANGELOG.md", "LICENSE"];

test("misplaced() accepts sources, doors and the documents that belong to them", () => {
  assertEquals(misplaced(good, ["mod.ts", "src/sse/mod.ts"]), []);
});

test("misplaced() names a test that would be published", () => {
  assertEquals(misplaced([...good, "tests/core/bus_test.ts"], ["mod.ts"]), [
    "tests/core/bus_test.ts would be published",
  ]);
});

test("misplaced() names a door that would be missing, so an empty list never passes", () => {
  assertStringIncludes(misplaced([], ["mod.ts"]).join("\n"), "mod.ts would be missing");
});

test("publishedFiles() reads the list of a dry run", () => {
  const output = `Simulating publish of @a/b@1.0.0 with files:
   ${rootUrl}LICENSE (1.06KB)
   ${rootUrl}src/core/bus.ts (4.9KB)
Success Dry run complete`;
  assertEquals(publishedFiles(output), ["LICENSE", "src/core/bus.ts"]);
});

test("withoutJsr() maps what npm has, and refuses the rest", () => {
  const mapped = withoutJsr('{"imports":{"@std/async":"jsr:@std/async@1.0.0"}}', "1.4.0");
  assertEquals(mapped, '{"imports":{"@std/async":"npm:deno-std@1.4.0/async/mod.js"}}');
  assertThrows(() => withoutJsr('{"imports":{"x":"jsr:@x/y@1"}}', "1.4.0"), Error, "npm has not");
});
