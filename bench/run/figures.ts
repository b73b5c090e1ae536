/**
 * Figures of a run, by name.
 *
 * @module
 */
import type { CaseResult } from "../support/case.ts";
import type { CaseName } from "./cases.ts";

/** One figure; undefined if the case, or this part of it, was not run. */
export function figure(
  run: ReadonlyMap<CaseName, CaseResult>,
  name: CaseName,
  setting: string,
  subject: string,
  unit: string,
): number | undefined {
  const row = run.get(name)?.rows.find((row) => row.subject === subject && row.setting === setting);
  return row?.figures[unit];
}

/** `a / b`, if both are known. */
export function divide(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

/** `a - b`, if both are known. */
export function subtract(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}
