/**
 * `deno task examples`: runs every `examples/*.ts` on Deno and on Bun.
 *
 * An example passes if it ends by itself with code 0 within a minute.
 *
 * @module
 */
import { binaryOf } from "../run/binaries.ts";
import { root } from "../run/paths.ts";
import { killOnInterrupt, runProcess } from "../run/process.ts";

const limitMs = 60_000;

if (import.meta.main) Deno.exit(await main());

/** The examples: the files right in the folder, relative to the root. */
export function exampleFiles(): string[] {
  return Deno.readDirSync(`${root}examples`)
    .filter(({ isFile, name }) => isFile && name.endsWith(".ts"))
    .map(({ name }) => `examples/${name}`).toArray().sort();
}

async function main(): Promise<number> {
  killOnInterrupt();
  const files = exampleFiles();
  if (files.length === 0) throw new Error("There is no example to run");
  const commands = {
    deno: [Deno.execPath(), "run", "--allow-all", "--no-check"],
    bun: [await binaryOf("bun"), "run"],
  };
  let failed = 0;
  for (const file of files) {
    for (const [runtime, command] of Object.entries(commands)) {
      const { code, output, killed } = await runProcess([...command, file], limitMs);
      if (code === 0 && !killed) {
        console.log(`ok      ${runtime.padEnd(5)} ${file}`);
        continue;
      }
      failed++;
      const reason = killed ? `did not end within ${limitMs / 1000} s` : `ended with code ${code}`;
      console.log(`FAILED  ${runtime.padEnd(5)} ${file} ${reason}`);
      console.log(output.trimEnd().replace(/^/gm, "  | "));
    }
  }
  return failed > 0 ? 1 : 0;
}
