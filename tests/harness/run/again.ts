/**
 * Gives files that failed a second chance, one after the other: on a machine that stood still for a while, what failed
 * beside others passes alone.
 *
 * @module
 */
import { isGood } from "./outcome.ts";
import type { FileResult } from "./run_file.ts";

/** Where more files fail, it is not the machine. */
export const UNSTEADY_AT_MOST = 3;

/**
 * Answers with the results in their order; in place of a failure, what came of the second run if that passed.
 */
export async function runAgain(
  results: readonly FileResult[],
  run: (file: string) => Promise<FileResult>,
): Promise<FileResult[]> {
  const failed = results.filter((result) => !isGood(result));
  if (failed.length > UNSTEADY_AT_MOST) return [...results];
  const passed = new Map<FileResult, FileResult>();
  for (const result of failed) {
    const second = await run(result.file);
    if (isGood(second)) passed.set(result, second);
  }
  return results.map((result) => passed.get(result) ?? result);
}
