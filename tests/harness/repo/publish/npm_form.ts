/**
 * What users of npm get: JavaScript, declarations and a `package.json`.
 *
 * JSR makes that form of each package that it holds, as `@jsr/locus__core`; its registry is out of reach of
 * many machines, so `deno pack` makes it here, by the same rules. What JSR adds to `package.json` is taken
 * from its sources: every dependency, also those that only declarations name. Beyond JSR's form there is a
 * `bin`, and what bundlers and npm want to know.
 *
 * @module
 */
import { join } from "node:path";
import { runProcess } from "../../run/process.ts";
import { type Manifest, manifest } from "../manifests.ts";
import { layOut } from "./published.ts";

const BIN = "locus.js";

const PROGRAM = `#!/usr/bin/env node
import { argv } from "node:process";
import { runProgram } from "./src/cli/mod.js";

void runProgram(argv.slice(2));
`;

if (import.meta.main) {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "pack-" }));
  const published = join(folder, "published");
  await layOut(published);
  await Deno.copyFile(await pack(published, folder), "locus-core.tgz");
  await Deno.remove(folder, { recursive: true });
  console.log("locus-core.tgz, for npm publish");
}

/** Makes the package of a folder that {@linkcode layOut} has made; returns the path of its tarball. */
export async function pack(published: string, folder: string): Promise<string> {
  const raw = join(folder, "deno.tgz");
  await run([Deno.execPath(), "pack", "--no-source-maps", "--output", raw], published);
  await run(["tar", "-xzf", raw], folder);
  const unpacked = join(folder, "package");
  const made = JSON.parse(await Deno.readTextFile(join(unpacked, "package.json")));
  await Deno.writeTextFile(
    join(unpacked, "package.json"),
    JSON.stringify(completed(made, manifest("jsr.json")), null, 2),
  );
  await Deno.writeTextFile(join(unpacked, BIN), PROGRAM);
  const target = join(folder, "locus-core.tgz");
  await run(["tar", "-czf", target, "package"], folder);
  return target;
}

/** What `deno pack` has made of the manifest, with what it leaves out. */
export function completed(made: object, { imports = {} }: Pick<Manifest, "imports">): object {
  const dependencies = Object.entries(imports).map(([name, to]) => {
    const [, range] = /^npm:(?:@[^/]+\/)?[^/@]+@(.+)$/.exec(to) ?? [];
    if (range === undefined || !to.startsWith(`npm:${name}@`)) {
      throw new Error(`jsr.json: ${name} must be a package of npm with a range, got ${to}`);
    }
    return [name, range];
  });
  return {
    ...made,
    engines: { node: ">=20.16" },
    sideEffects: [`./${BIN}`],
    bin: { locus: `./${BIN}` },
    dependencies: Object.fromEntries(dependencies),
  };
}

async function run(command: string[], cwd: string): Promise<void> {
  const { code, output } = await runProcess(command, 300_000, cwd);
  if (code !== 0) throw new Error(`${command.join(" ")} failed:\n${output}`);
}
