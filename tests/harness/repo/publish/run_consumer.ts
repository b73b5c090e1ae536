/**
 * Compiles a consumer's programs with each of its compilers, and runs them.
 *
 * @module
 */
import { join } from "node:path";
import { binaryOf, nodeOf } from "../../run/binaries.ts";
import { runProcess } from "../../run/process.ts";
import { entryPoints } from "../manifests.ts";
import type { Consumer, Runner } from "./consumers.ts";
import { type Compiler, compilers } from "./dependency_sets.ts";
import { runWorker } from "./run_worker.ts";

const programs = new URL("programs/", import.meta.url);

/** Checks a consumer in the folder where its packages are; returns what is wrong, a line or more each. */
export async function runConsumer(
  consumer: Consumer,
  packages: string,
  paths: Readonly<Record<Compiler, string>>,
): Promise<string[]> {
  const folder = join(packages, consumer.name.replace(/\W+/g, "-"));
  await writeProject(folder, consumer);
  const names = consumer.compilers ?? Object.keys(compilers) as Compiler[];
  for (const name of names) {
    // By a Node that both run on.
    const command = [await nodeOf(24), paths[name], "--project", "."];
    const { code, output } = await runProcess(command, 120_000, folder);
    if (code !== 0) return [`${name}:\n${output}`];
  }
  const problems: string[] = [];
  for (const runner of consumer.runners ?? []) {
    for (const program of [...consumer.programs, ...consumer.scripts ?? []]) {
      const problem = await run(runner, program, folder);
      if (problem !== null) problems.push(`${runner}: ${program}: ${problem}`);
    }
  }
  return problems;
}

/** Writes the sources, and the options with which they become modules in `out`. */
async function writeProject(folder: string, consumer: Consumer): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const files = consumer.programs.map((name) => `${name}.ts`);
  for (const file of files) {
    if (file === "entry_points.ts") await Deno.writeTextFile(join(folder, file), allEntryPoints());
    else await Deno.copyFile(new URL(file, programs), join(folder, file));
  }
  for (const name of consumer.scripts ?? []) {
    await Deno.copyFile(new URL(`${name}.mjs`, programs), join(folder, `${name}.mjs`));
  }
  const output = { outDir: "out", rootDir: ".", rewriteRelativeImportExtensions: true };
  const compilerOptions = { ...consumer.options, ...output };
  await Deno.writeTextFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files }, null, 2),
  );
}

/** Everything that the package exports, so that all its declarations are looked at. */
function allEntryPoints(): string {
  return Object.keys(entryPoints())
    .map((name, i) => `export * as e${i} from "@locus/core${name.slice(1)}";\n`)
    .join("");
}

async function run(runner: Runner, program: string, folder: string): Promise<string | null> {
  const [name = program, isType] = /^(?:model|otel_types|entry_points|next_route)$/.test(program)
    ? [program, true]
    : [program];
  if (isType || (name === "worker") !== (runner === "workerd")) return null;
  if (runner === "workerd") return await runWorker(folder, "worker.ts");
  const file = name === "otel" ? "otel.mjs" : runner === "bun" ? `${name}.ts` : `out/${name}.js`;
  const command = runner === "bun"
    ? [await binaryOf("bun"), "run", file]
    : [await nodeOf(Number(runner.slice(4)) as 20 | 22 | 24), file];
  const { code, output, killed } = await runProcess(command, 60_000, folder);
  return code === 0 && !killed && output.includes(`ok ${name}`) ? null : output || "did not end";
}
