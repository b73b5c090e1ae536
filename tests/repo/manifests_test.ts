import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { filesUnder, root } from "../run/paths.ts";
import { doors, manifest } from "./manifests.ts";

const deno = manifest("deno.json");
const jsr = manifest("jsr.json");
const npm = manifest("package.json");

test("deno.json, jsr.json and package.json agree on name, version, license and doors", () => {
  for (const { name, version, license, exports } of [jsr, npm]) {
    const { name: denoName, version: denoVersion, license: denoLicense } = deno;
    assertEquals(
      { name, version, license, exports: Object.entries(exports) },
      {
        name: denoName,
        version: denoVersion,
        license: denoLicense,
        exports: Object.entries(deno.exports),
      },
    );
  }
});

test("jsr.json publishes with the dependencies and versions of package.json", () => {
  const published = Object.entries(jsr.imports ?? {}).filter(([, to]) => to.startsWith("npm:"));
  const versions = published.map(([name, to]) => [name, to.replace(`npm:${name}@`, "")]);
  assertEquals(Object.fromEntries(versions), npm.dependencies);
});

test("jsr.json takes every @std package from JSR, at an exact version", () => {
  const standard = Object.entries(jsr.imports ?? {}).filter(([name]) => name.startsWith("@std/"));
  assert(standard.length > 0);
  for (const [name, to] of standard) {
    assertMatch(to, new RegExp(`^jsr:${name}@\\d+\\.\\d+\\.\\d+$`));
  }
});

test("package.json names exact versions", () => {
  const versions = Object.entries({ ...npm.dependencies, ...npm.devDependencies });
  assert(versions.length > 0);
  for (const [name, version] of versions) assertMatch(version, /^\d+\.\d+\.\d+$/, name);
});

test("tsconfig.json gives Bun and esbuild the bare names of deno.json", () => {
  const { paths } = manifest("tsconfig.json").compilerOptions ?? {};
  const expected = Object.entries(deno.imports ?? {}).map(([name, to]) => [name, [to]]);
  assertEquals(paths, Object.fromEntries(expected));
});

test("every door exists and opens with a module doc", () => {
  assert(doors().length > 0);
  for (const door of doors()) {
    const [comment = ""] = /^\/\*\*.*?\*\//s.exec(Deno.readTextFileSync(root + door)) ?? [];
    assertMatch(comment, /@module\b/, `${door} opens with a doc comment that has @module`);
  }
});

test("every folder of src with a mod.ts is a door", () => {
  // Inside these two lives what mod.ts itself exports.
  const inner = ["src/core/mod.ts", "src/runtime/mod.ts"];
  const folders = filesUnder("src", "/mod.ts").filter((path) => path.split("/").length === 3);
  assertEquals(folders.filter((path) => !inner.includes(path) && !doors().includes(path)), []);
});
