/**
 * Our sources against the packages of a set, with the library of Node 20: what only newer runtimes have
 * does not compile.
 *
 * @module
 */
import { join } from "node:path";
import { nodeOf } from "../../run/binaries.ts";
import { runProcess } from "../../run/process.ts";

const compilerOptions = {
  strict: true,
  skipLibCheck: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  target: "es2023",
  module: "preserve",
  // Beyond ES2023, Node 20 has well-formed strings, and symbols to dispose.
  lib: ["es2023", "es2024.string", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
  types: ["node"],
};

/** Compiles the published sources beside the packages; returns what is wrong. */
export async function sourceProblems(
  published: string,
  packages: string,
  compiler: string,
): Promise<string[]> {
  const folder = join(packages, "sources");
  await Deno.mkdir(folder);
  // A link would be followed, and what is imported looked for where it leads.
  await runProcess(["cp", "-r", "mod.ts", "src", folder], 30_000, published);
  const config = { compilerOptions, include: ["mod.ts", "src"] };
  await Deno.writeTextFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  const command = [await nodeOf(24), compiler, "--project", "."];
  const { code, output } = await runProcess(command, 120_000, folder);
  return code === 0 ? [] : [output];
}
