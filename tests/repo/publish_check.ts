/**
 * `deno task publish:check`: the dry run of what jsr.json publishes.
 *
 * JSR is out of reach on some machines, so a copy of the manifest is checked in which the imports
 * from JSR come from npm. Slow types, excluded modules and bad manifests are found all the same.
 *
 * @module
 */
import { root, rootUrl } from "../run/paths.ts";
import { runProcess } from "../run/process.ts";
import { doors } from "./manifests.ts";

// One each: two checks at the same time must not remove each other's.
const copy = `.jsr_check.${Deno.pid}.json`;

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const manifest = await Deno.readTextFile(`${root}jsr.json`);
  await Deno.writeTextFile(root + copy, withoutJsr(manifest, await stdVersion()));
  try {
    const { code, output } = await runProcess(
      [Deno.execPath(), "publish", "--config", copy, "--dry-run", "--allow-dirty"],
      300_000,
    );
    const problems = code === 0 ? misplaced(publishedFiles(output), doors()) : [output];
    for (const problem of problems) console.error(problem);
    if (problems.length === 0) console.log(`${publishedFiles(output).length} files would go out`);
    return problems.length > 0 ? 1 : 0;
  } finally {
    await Deno.remove(root + copy);
  }
}

/** The manifest with `jsr:@std/x@…` mapped to the npm package that carries the same code. */
export function withoutJsr(manifest: string, version: string): string {
  const mapped = manifest.replaceAll(
    /"jsr:@std\/([a-z-]+)@[^"]*"/g,
    (_, name: string) => `"npm:deno-std@${version}/${name.replaceAll("-", "_")}/mod.js"`,
  );
  if (mapped.includes('"jsr:')) throw new Error("jsr.json imports from JSR what npm has not");
  return mapped;
}

/** The files that a dry run lists, relative to the root. */
export function publishedFiles(output: string): string[] {
  return [...output.matchAll(/^\s*(file:\S+) \(\S+\)$/gm)]
    .map(([, url = ""]) => decodeURI(url.slice(rootUrl.href.length)))
    .filter((path) => path !== copy);
}

/** What should not be among the published files, and what is not and should be. */
export function misplaced(files: readonly string[], doors: readonly string[]): string[] {
  const allowed = /^(mod\.ts|src\/.+\.ts|README\.md|CHANGELOG\.md|LICENSE|jsr\.json)$/;
  const wanted = [...doors, "README.md", "CHANGELOG.md", "LICENSE"];
  return [
    ...files.filter((file) => !allowed.test(file)).map((file) => `${file} would be published`),
    ...wanted.filter((file) => !files.includes(file)).map((file) => `${file} would be missing`),
  ];
}

async function stdVersion(): Promise<string> {
  const { devDependencies } = JSON.parse(await Deno.readTextFile(`${root}package.json`));
  return devDependencies["deno-std"];
}
