/** The last resort for failures that must not break a run, and must not be hidden either. */

import { errorText } from "./texts.ts";

/** Prints `what` failed and why, with secrets removed. */
export function report(what: string, error: unknown): void {
  console.error(`Locus: ${what}: ${errorText(error)}`);
}
