/**
 * The size of `mod.ts` in a browser, as `deno task size` finds it.
 *
 * @module
 */
import { runProcess } from "../../tests/harness/run/process.ts";
import type { CaseResult } from "../support/case.ts";

/**
 * Asks `deno task size`. What it objects to is its own business: here, the figure is judged as a goal.
 *
 * @throws {Error} If it does not come to a figure.
 */
export async function measureSize(): Promise<CaseResult> {
  const command = [
    Deno.execPath(),
    "run",
    "--allow-all",
    "--no-check",
    "tests/harness/repo/size.ts",
  ];
  const { output } = await runProcess(command, 60_000);
  const [, bytes] = /(\d+) bytes of gzip/.exec(output) ?? [];
  if (bytes === undefined) throw new Error(`The size is not known:\n${output}`);
  return {
    title: "mod.ts, bundled and minified for a browser: bytes of gzip",
    rows: [{ subject: "mod.ts", setting: "", figures: { bytes: Number(bytes) } }],
  };
}
