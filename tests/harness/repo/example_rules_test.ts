import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { filesUnder, root } from "../run/paths.ts";
import { exampleFiles } from "./examples.ts";
import { importsOf } from "./imports.ts";
import { manifest } from "./manifests.ts";

test("an example is at most 60 lines", () => {
  const lengths = exampleFiles().map((file) => {
    const lines = Deno.readTextFileSync(root + file).trimEnd().split("\n").length;
    return { file, lines };
  });
  assert(lengths.length > 0, "there are examples");
  assertEquals(lengths.filter(({ lines }) => lines > 60), []);
});

test("an example imports only public doors and packages a user would install", async () => {
  const { name, exports, dependencies, devDependencies } = manifest("package.json");
  const doors = Object.keys(exports).map((path) => path.replace(/^\./, name));
  const packages = Object.keys({ ...dependencies, ...devDependencies });
  const imports = (await importsOf(filesUnder("examples", ".ts")))
    .filter(({ from }) => from.startsWith("examples/"));
  assert(imports.some(({ specifier }) => specifier === name), "an example imports the root door");
  const private_ = imports.filter(({ from, specifier, to }) => {
    if (doors.includes(specifier)) return false;
    // An example that is a folder (the demo) may import its own files.
    const folder = /^examples\/[^/]+\//.exec(from)?.[0];
    if (folder && to.startsWith(folder)) return false;
    // What no example is about: a server on a free port.
    if (to.startsWith("examples/support/")) return false;
    if (folder && to.startsWith("node:")) return false;
    return !packages.includes(to);
  });
  assertEquals(private_, []);
});
