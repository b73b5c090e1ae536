/**
 * How long a process takes to start with `mod.ts`, beside one with an empty module.
 *
 * Method: a cold process each time, 25 of each in turns, after one of each that fills the caches of the runtime
 * and of the file system; its whole life is timed, from outside. Figures are milliseconds: median
 * and minimum.
 *
 * @module
 */
import { root } from "../../tests/harness/run/paths.ts";
import type { CaseResult } from "../support/case.ts";
import { alternate, median } from "../support/rounds.ts";
import type { ReadyRuntime } from "./runtimes.ts";

const files = { "empty module": "bench/support/empty_module.ts", "mod.ts": "mod.ts" };

/** Measures on one runtime. */
export async function measureImport(
  { plain }: ReadyRuntime,
  quick: boolean,
): Promise<CaseResult> {
  const entries = Object.entries(files);
  const times = new Map(entries.map(([subject]) => [subject, [] as number[]]));
  for (const [, file] of entries) await timeProcess([...plain, file]);
  for (let round = 0; round < (quick ? 1 : 25); round++) {
    for (const [subject, file] of alternate(entries, round)) {
      times.get(subject)!.push(await timeProcess([...plain, file]));
    }
  }
  return {
    title: "starting a process: ms",
    rows: Array.from(times, ([subject, values]) => ({
      subject,
      setting: "",
      figures: { ms: median(values), min: Math.min(...values) },
    })),
  };
}

async function timeProcess([program = "", ...args]: string[]): Promise<number> {
  const start = performance.now();
  const command = new Deno.Command(program, {
    args,
    cwd: root,
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  });
  const { success } = await command.spawn().status;
  if (!success) throw new Error(`${args.at(-1)} did not run`);
  return performance.now() - start;
}
