/**
 * What every bench file shares: its rows, its arguments, and how it answers.
 *
 * A bench file is a program of its own, run in a process of its own: by hand it prints a table, with
 * `--json` the rows and the same as figures by name. With `--quick` it only proves that it works, in less than a
 * second or two; its figures mean nothing then. `--rounds` and `--round-ms` make it shorter; `--subjects` and
 * `--settings` (whole names, with `|` between them) leave out what is not asked for.
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
  /** Whether it was asked for; everything is if nobody said. */
  takesSubject(subject: string): boolean;
  takesSetting(setting: string): boolean;
}

/** What a bench has to say. */
export interface CaseResult {
  title: string;
  rows: Row[];
}

/** Runs a bench, and prints its rows. */
export async function runCase(
  title: string,
  measure: (effort: Effort) => Row[] | Promise<Row[]>,
): Promise<void> {
  printResult({ title, rows: await measure(effortOf(process.argv)) });
}

/** Prints a result as the arguments say: a table, or with `--json` a line for `readResult`. */
export function printResult(result: CaseResult): void {
  if (!process.argv.includes("--json")) return console.log(toTable(result));
  console.log(RESULT_MARK + JSON.stringify({ ...result, figures: figuresOf(result) }));
}

/** What a bench printed with `--json`; undefined if it printed no result. */
export function readResult(output: string): CaseResult | undefined {
  const line = output.split("\n").find((line) => line.startsWith(RESULT_MARK));
  if (line === undefined) return undefined;
  const { title, rows } = JSON.parse(line.slice(RESULT_MARK.length));
  return { title, rows };
}

/** A result as figures by name, such as `S=100 B=1, Locus, for await: ns`. */
export function figuresOf({ rows }: CaseResult): Record<string, number> {
  return Object.fromEntries(
    rows.flatMap(({ setting, subject, figures }) =>
      Object.entries(figures).map(([unit, figure]) => [
        `${setting === "" ? "" : `${setting}, `}${subject}: ${unit}`,
        figure,
      ])
    ),
  );
}

const RESULT_MARK = "bench result: ";

/** How long to measure, and what, by the arguments of a bench. */
export function effortOf(args: readonly string[]): Effort {
  const quick = args.includes("--quick");
  const valueOf = (name: string) =>
    args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
  const among = (names = "") => (name: string) => names === "" || names.split("|").includes(name);
  return {
    quick,
    rounds: quick ? 1 : Number(valueOf("--rounds") ?? 11),
    roundMs: quick ? 1 : Number(valueOf("--round-ms") ?? 100),
    takesSubject: among(valueOf("--subjects")),
    takesSetting: among(valueOf("--settings")),
  };
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
