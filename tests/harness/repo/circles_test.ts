import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { filesUnder } from "../run/paths.ts";
import { circlesOf } from "./circles.ts";
import { importsOf } from "./imports.ts";

test("no file imports in a circle, types included", async () => {
  const files = ["mod.ts", ...filesUnder("src", ".ts"), ...filesUnder("workbench", ".ts")];
  const imports = await importsOf(files);
  assert(imports.length > files.length, "a graph with so few imports was not read as a whole");
  assertEquals(circlesOf(imports).map((circle) => circle.join(" <-> ")), []);
});

test("circlesOf() finds the files that reach each other", () => {
  assertEquals(circlesOf([]), []);
  assertEquals(circlesOf(arrows("ab", "bc", "ac", "dc")), []);
  assertEquals(circlesOf(arrows("ab", "ba")), [["a", "b"]]);
  assertEquals(circlesOf(arrows("aa", "ab")), [["a"]]);
  // Two circles that one arrow joins stay two; two that share a file are one.
  assertEquals(circlesOf(arrows("ab", "ba", "bc", "cd", "dc")), [["a", "b"], ["c", "d"]]);
  assertEquals(circlesOf(arrows("xa", "ab", "bc", "ca", "bd", "db")), [["a", "b", "c", "d"]]);
});

function arrows(...pairs: string[]): { from: string; to: string }[] {
  return pairs.map(([from = "", to = ""]) => ({ from, to }));
}
