/**
 * Runs the demo and the command line as a newcomer does: in a folder without `node_modules`, with nothing in
 * Deno's cache. They must not download a package of the tests or benches: those take half a minute and 370 MB.
 *
 * @module
 */
import { dirname } from "node:path";
import { root } from "../run/paths.ts";
import { killOnInterrupt, runProcess } from "../run/process.ts";

const limitMs = 120_000;

/** What must work at once, and what each may download, with what these packages need themselves. */
const commands: readonly (readonly [arguments_: readonly string[], packages: readonly string[]])[] =
  [
    [["demo"], ["eventsource-parser", "hono", "zod"]],
    [["locus", "--", "--help"], ["eventsource-parser", "hono", "zod"]],
  ];

if (import.meta.main) {
  killOnInterrupt();
  const folder = await Deno.makeTempDir({ prefix: "newcomer-" });
  try {
    await copyTracked(folder);
    for (const [args, packages] of commands) await check(folder, args, packages);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function check(
  folder: string,
  args: readonly string[],
  packages: readonly string[],
): Promise<void> {
  const cache = await Deno.makeTempDir({ prefix: "empty-cache-" });
  const name = `deno task ${args.join(" ")}`;
  try {
    const env = ["env", `DENO_DIR=${cache}`];
    const { code, output, killed } = await runProcess(
      [...env, Deno.execPath(), "task", ...args],
      limitMs,
      folder,
    );
    if (killed || code !== 0) {
      throw new Error(`${name} ${killed ? "did not end" : `ended with ${code}`}:\n${output}`);
    }
    const downloaded = await packagesIn(`${cache}/npm`);
    const unwanted = downloaded.filter((name) => !packages.includes(name));
    if (unwanted.length > 0) {
      throw new Error(
        `${name} downloads ${unwanted.join(", ")}, which only tests and benches may need. ` +
          "Import it where it is used, or keep the task from installing package.json",
      );
    }
    console.log(`${name} downloads ${downloaded.join(", ") || "nothing"}`);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

/** The packages that were downloaded into a cache, by name. */
async function packagesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const path of versionFolders(folder)) {
    // <registry>/<name>/<version>, where the name may have a scope.
    names.push(path.slice(folder.length + 1).split("/").slice(1, -1).join("/"));
  }
  return [...new Set(names)].sort();
}

async function* versionFolders(folder: string): AsyncGenerator<string> {
  for await (const entry of readFolders(folder)) {
    const path = `${folder}/${entry}`;
    if (/^\d+\.\d+\.\d+/.test(entry)) yield path;
    else yield* versionFolders(path);
  }
}

async function* readFolders(folder: string): AsyncGenerator<string> {
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) if (isDirectory) yield name;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Copies what git knows of, as it is in the folder now, so that a change can be checked before it is committed. */
async function copyTracked(folder: string): Promise<void> {
  const listed = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: root,
  }).output();
  if (!listed.success) throw new Error("git ls-files failed: this check needs a clone");
  for (const file of new TextDecoder().decode(listed.stdout).split("\0").filter(Boolean)) {
    await Deno.mkdir(dirname(`${folder}/${file}`), { recursive: true });
    await Deno.copyFile(root + file, `${folder}/${file}`);
  }
}
