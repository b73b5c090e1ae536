import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { filesUnder, root } from "../run/paths.ts";
import { entryPoints, manifest } from "./manifests.ts";

const files = Object.values(entryPoints());

const deno = manifest("deno.json");
const jsr = manifest("jsr.json");
const npm = manifest("package.json");

test("deno.json, jsr.json and package.json agree on name, version, license and entry points", () => {
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

test("package.json names exact versions", () => {
  const versions = Object.entries({ ...npm.dependencies, ...npm.devDependencies });
  assert(versions.length > 0);
  // A second version of a package has another name.
  for (const [name, version] of versions) {
    assertMatch(version, /^(npm:[\w@/-]+@)?\d+\.\d+\.\d+$/, name);
  }
});

test("examples/deno.json has our entry points, and packages in the versions of package.json", () => {
  const { imports = {} } = manifest("examples/deno.json");
  const pins = { ...npm.dependencies, ...npm.devDependencies };
  const own = Object.entries(deno.exports)
    .map(([name, path]) => [`${deno.name}${name.slice(1)}`, `.${path}`]);
  const others = Object.keys(imports).filter((name) => !name.startsWith(deno.name))
    .map((
      name,
    ) => [name, pins[name]?.startsWith("npm:") ? pins[name] : `npm:${name}@${pins[name]}`]);
  assertEquals(imports, Object.fromEntries([...own, ...others]));
});

test("tsconfig.json gives Bun and esbuild the bare names of deno.json", () => {
  const { paths } = manifest("tsconfig.json").compilerOptions ?? {};
  const expected = Object.entries(deno.imports ?? {}).map(([name, to]) => [name, [to]]);
  assertEquals(paths, Object.fromEntries(expected));
});

test("every entry point exists and opens with a module doc", () => {
  assert(files.length > 0);
  for (const file of files) {
    const [comment = ""] = /^\/\*\*.*?\*\//s.exec(Deno.readTextFileSync(root + file)) ?? [];
    assertMatch(comment, /@module\b/, `${file} opens with a doc comment that has @module`);
  }
});

test("every folder of src with a mod.ts is an entry point", () => {
  // Inside these two lives what mod.ts itself exports.
  const inner = ["src/core/mod.ts", "src/runtime/mod.ts"];
  const folders = filesUnder("src", "/mod.ts").filter((path) => path.split("/").length === 3);
  assertEquals(folders.filter((path) => !inner.includes(path) && !files.includes(path)), []);
});
