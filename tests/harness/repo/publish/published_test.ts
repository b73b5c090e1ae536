import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { rootUrl } from "../../run/paths.ts";
import { manifest } from "../manifests.ts";
import { completed } from "./npm_form.ts";
import { included, misplaced, publishedFiles } from "./published.ts";

const good = ["mod.ts", "src/sse/mod.ts", "README.md", "CHANGELOG.md", "LICENSE"];

test("misplaced() accepts sources, entry points and the documents that belong to them", () => {
  assertEquals(misplaced(good, ["mod.ts", "src/sse/mod.ts"]), []);
});

test("misplaced() names a test that would be published", () => {
  assertEquals(misplaced([...good, "tests/core/bus_test.ts"], ["mod.ts"]), [
    "tests/core/bus_test.ts would be published",
  ]);
});

test("misplaced() names an entry point that would be missing, so an empty list never passes", () => {
  assertStringIncludes(misplaced([], ["mod.ts"]).join("\n"), "mod.ts would be missing");
});

test("publishedFiles() reads the list of a dry run", () => {
  const output = `Simulating publish of @a/b@1.0.0 with files:
   ${rootUrl}LICENSE (1.06KB)
   ${rootUrl}src/core/bus/bus.ts (4.9KB)
Success Dry run complete`;
  assertEquals(publishedFiles(output), ["LICENSE", "src/core/bus/bus.ts"]);
});

test("included() finds what the patterns of jsr.json name, and refuses others", () => {
  const files = included(["mod.ts", "src/**/*.ts"]);
  assert(files.includes("mod.ts") && files.includes("src/core/bus/bus.ts"));
  assertThrows(() => included(["src/*.ts"]), Error, "cannot read the pattern");
});

test("A10: the form for npm has a command, and all dependencies with their ranges", () => {
  assertEquals(completed({ name: "x", dependencies: {} }, { imports: { zod: "npm:zod@^4" } }), {
    name: "x",
    engines: { node: ">=20.16" },
    sideEffects: ["./locus.js"],
    bin: { locus: "./locus.js" },
    dependencies: { zod: "^4" },
  });
  assertThrows(() => completed({}, { imports: { x: "jsr:@a/x@1" } }), Error, "a package of npm");
});

test("A2: every dependency has a range, which the tested version is the newest of", () => {
  const { dependencies } = manifest("package.json");
  const published = completed({}, manifest("jsr.json")) as { dependencies: Record<string, string> };
  assertEquals(Object.keys(published.dependencies), Object.keys(dependencies!));
  for (const [name, range] of Object.entries(published.dependencies)) {
    const [, major, minor = "0"] = /^\^(\d+)(?:\.(\d+))?$/.exec(range) ?? [];
    const [testedMajor, testedMinor] = dependencies![name]!.split(".");
    assertEquals(testedMajor, major, name);
    assert(Number(testedMinor) >= Number(minor), name);
  }
});
