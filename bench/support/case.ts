/**
 * What every bench file shares: its rows, its arguments, and how it answers.
 *
 * A bench file is a program of its own, run in a process of its own: by hand it prints a table, with
 * `--json` the rows for `bench/main.ts`. With `--quick` it only proves that it works, in less than a
 * second or two; its figures mean nothing then.
 *
 * @module
 */
import process from "node:process";

/** What was measured of one subject under one set of circumstances. */
export interface Row {
  /** Who: something of ours, or a peer. */
  subject: string;
  /** Under which circumstances, such as `S=100 B=1`; empty where there is only one. */
  setting: string;
  /** Figure by name; each ends in its unit where that is not nanoseconds. */
  figures: Record<string, number>;
}

/** How long to measure. */
export interface Effort {
  quick: boolean;
  /** How often each subject has its turn. */
  rounds: number;
  /** Milliseconds of one turn, at least. */
  roundMs: number;
}

/** What a bench has to say. */
export interface CaseResult {
  title: string;
  rows: Row[];
}

/** The line that carries the result begins with this. */
export const RESULT_MARK = "bench result: ";

/** Runs a bench, and prints its rows. */
export async function runCase(
  title: string,
  measure: (effort: Effort) => Row[] | Promise<Row[]>,
): Promise<void> {
  const quick = process.argv.includes("--quick");
  const rows = await measure({ quick, rounds: quick ? 1 : 11, roundMs: quick ? 1 : 100 });
  const result: CaseResult = { title, rows };
  if (process.argv.includes("--json")) console.log(RESULT_MARK + JSON.stringify(result));
  else console.log(toTable(result));
}

/** Stops the bench: a subject that loses events must not win it. */
export function verify(isTrue: boolean, problem: () => string): void {
  if (!isTrue) throw new Error(`The bench is void: ${problem()}`);
}

/** A result as a table for a terminal. */
export function toTable({ title, rows }: CaseResult): string {
  const names = figureNames(rows);
  const labels = rows.map(({ setting, subject }) => `  ${setting} ${subject}`);
  const width = Math.max(...labels.map(({ length }) => length));
  return [
    title,
    "".padEnd(width) + names.map((name) => name.padStart(12)).join(""),
    ...rows.map(({ figures }, i) =>
      labels[i]!.padEnd(width) +
      names.map((name) => (figures[name]?.toFixed(1) ?? "").padStart(12)).join("")
    ),
  ].join("\n");
}

/** The names of the figures that some of the rows have. */
export function figureNames(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
}
