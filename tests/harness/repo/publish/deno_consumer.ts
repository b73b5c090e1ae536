/**
 * A program on Deno, with Deno's own compiler options, that imports the package from JSR: `links` puts the
 * folder in the registry's place.
 *
 * @module
 */
import { join, relative } from "node:path";
import { runProcess } from "../../run/process.ts";

const programs = new URL("programs/", import.meta.url);

/** Checks and runs the programs; returns what is wrong. */
export async function runOnDeno(published: string, folder: string): Promise<string[]> {
  await Deno.mkdir(folder, { recursive: true });
  const imports = {
    "@locus/core": "jsr:@locus/core@^0.1",
    "@locus/core/": "jsr:/@locus/core@^0.1/",
    "@opentelemetry/api": "npm:@opentelemetry/api@^1.9",
    "hono": "npm:hono@^4",
    "zod": "npm:zod@^4.2",
  };
  const config = { links: [relative(folder, published)], imports };
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(config));
  const files = ["narrowing.ts", "serve.ts", "agent.ts", "otel_types.ts"];
  for (const file of files) {
    await Deno.copyFile(new URL(file, programs), join(folder, file));
  }
  const check = await runProcess([Deno.execPath(), "check", ...files], 120_000, folder);
  if (check.code !== 0) return [check.output];
  const problems: string[] = [];
  for (const file of files) {
    const command = [Deno.execPath(), "run", "--allow-all", "--no-check", file];
    const { code, output } = await runProcess(command, 60_000, folder);
    if (code !== 0) problems.push(`${file}: ${output}`);
  }
  return problems;
}
