/**
 * What came of all runs: medians, and whether each goal is met.
 *
 * @module
 */
import type { CaseResult, Row } from "../support/case.ts";
import { median } from "../support/rounds.ts";
import type { CaseName } from "./cases.ts";
import { type Goal, goals, isMet, type Run, shortfall } from "./goals.ts";
import type { BenchRuntime } from "./runtimes.ts";

/** The runs of each runtime. */
export type Runs = ReadonlyMap<BenchRuntime, readonly Run[]>;

/** How a goal is met on one runtime. */
export interface Verdict {
  runtime: BenchRuntime;
  value: number;
  isMet: boolean;
  /** The value, and how far it is from what is wanted if it is not met. */
  text: string;
}

/** The median of each figure over some runs of a case. */
export function medianResult(runs: readonly Run[], name: CaseName): CaseResult | undefined {
  const results = runs.flatMap((run) => run.get(name) ?? []);
  const [first] = results;
  if (first === undefined) return undefined;
  const rows = first.rows.map((row, i): Row => ({
    ...row,
    figures: Object.fromEntries(
      Object.keys(row.figures).map((key) => [
        key,
        median(results.flatMap(({ rows }) => rows[i]?.figures[key] ?? [])),
      ]),
    ),
  }));
  return { title: first.title, rows };
}

/** Each goal with what came of it on the runtimes where it was measured; none where it was not. */
export function judge(runs: Runs): { goal: Goal; verdicts: Verdict[] }[] {
  return goals.map((goal) => ({
    goal,
    verdicts: Array.from(runs).flatMap(([runtime, ownRuns]) => {
      if (goal.runtimes && !goal.runtimes.includes(runtime)) return [];
      const values = ownRuns.flatMap((run) => goal.value(run) ?? []);
      if (values.length === 0) return [];
      return [verdictOf(goal, runtime, median(values))];
    }),
  }));
}

/** The goals as text for a terminal. */
export function goalLines(runs: Runs): string[] {
  return judge(runs).flatMap(({ goal, verdicts }) =>
    verdicts.length === 0 ? [] : [
      `goal ${goal.goal}: ${goal.text}: ${wantedText(goal)}`,
      ...verdicts.map(({ runtime, isMet, text }) =>
        `  ${isMet ? "met    " : "NOT MET"}  ${runtime.padEnd(5)} ${text}`
      ),
    ]
  );
}

/** What a goal wants, as text. */
export function wantedText({ sense, wanted, unit }: Goal): string {
  return `${sense} ${wanted.toLocaleString("en")}${unit}`;
}

function verdictOf(goal: Goal, runtime: BenchRuntime, value: number): Verdict {
  const met = isMet(goal, value);
  const digits = goal.unit === "x" ? 2 : goal.wanted > 1000 ? 0 : 1;
  const text = `${value.toFixed(digits)}${goal.unit}`;
  return { runtime, value, isMet: met, text: met ? text : `${text}, ${shortfall(goal, value)}` };
}
