/**
 * What is published, in a folder of its own: nothing of the repository reaches it, neither compiler options
 * nor packages nor a lock.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { filesUnder, root, rootUrl } from "../../run/paths.ts";
import { runProcess } from "../../run/process.ts";
import { entryPoints } from "../manifests.ts";

/** Copies what `jsr.json` names, with `jsr.json` as the folder's `deno.json`. */
export async function layOut(folder: string): Promise<void> {
  const text = await Deno.readTextFile(`${root}jsr.json`);
  for (const file of included(JSON.parse(text).publish.include)) {
    await Deno.mkdir(join(folder, dirname(file)), { recursive: true });
    await Deno.copyFile(root + file, join(folder, file));
  }
  // `deno pack` reads no other name.
  await Deno.writeTextFile(join(folder, "deno.json"), text);
}

/** The files that a list of `publish.include` names: files, and everything of a kind below a folder. */
export function included(patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => {
    const [, folder, suffix] = /^(\w+)\/\*\*\/\*(\.\w+)$/.exec(pattern) ?? [];
    if (folder !== undefined) return filesUnder(folder, suffix!);
    if (/[*?{]/.test(pattern)) throw new Error(`jsr.json: cannot read the pattern ${pattern}`);
    return [pattern];
  });
}

/** What the dry run of publishing complains of: types, slow types, files that do not belong there. */
export async function publishProblems(folder: string): Promise<string[]> {
  const command = [Deno.execPath(), "publish", "--dry-run"];
  const { code, output } = await runProcess(command, 300_000, folder);
  if (code !== 0) return [output];
  const base = new URL(`file://${await Deno.realPath(folder)}/`);
  return misplaced(publishedFiles(output, base), Object.values(entryPoints()));
}

/** The files that a dry run lists, relative to its folder. */
export function publishedFiles(output: string, base: URL = rootUrl): string[] {
  return [...output.matchAll(/^\s*(file:\S+) \(\S+\)$/gm)]
    .map(([, url = ""]) => decodeURI(url.slice(base.href.length)));
}

/** What should not be among the published files, and what is not and should be. */
export function misplaced(files: readonly string[], entries: readonly string[]): string[] {
  const allowed = /^(mod\.ts|src\/.+\.ts|README\.md|CHANGELOG\.md|LICENSE|deno\.json)$/;
  const wanted = [...entries, "README.md", "CHANGELOG.md", "LICENSE"];
  return [
    ...files.filter((file) => !allowed.test(file)).map((file) => `${file} would be published`),
    ...wanted.filter((file) => !files.includes(file)).map((file) => `${file} would be missing`),
  ];
}
