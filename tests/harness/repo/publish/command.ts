/**
 * The command `locus`, as npm installs it.
 *
 * @module
 */
import { join } from "node:path";
import { nodeOf } from "../../run/binaries.ts";
import { runProcess } from "../../run/process.ts";
import { manifest } from "../manifests.ts";

/** Runs it on each Node; returns what is wrong. */
export async function runCommand(packages: string): Promise<string[]> {
  const { version } = manifest("package.json");
  const command = join(packages, "node_modules/.bin/locus");
  const problems: string[] = [];
  for (const major of [20, 22, 24] as const) {
    const { code, output } = await runProcess([await nodeOf(major), command, "--version"], 30_000);
    if (code !== 0 || !output.includes(version)) problems.push(`Node ${major}: ${output}`);
  }
  // As `npx @locus/core`: the only command of the package, whatever its name.
  const npx = await runProcess(
    ["npx", "--no-install", "@locus/core", "--version"],
    30_000,
    packages,
  );
  if (!npx.output.includes(version)) problems.push(`npx @locus/core: ${npx.output}`);
  return problems;
}
