/**
 * From figures of two sides to ratios with a spread.
 *
 * @module
 */
import type { CaseResult } from "../support/case.ts";
import { median } from "../support/rounds.ts";
import type { ComparedCase } from "./cases.ts";

/** What one round found: the same bench on both sides, one right after the other. */
export interface Pair {
  readonly before: CaseResult;
  readonly after: CaseResult;
}

/** How much one figure changed. */
export interface Ratio {
  readonly what: string;
  /** After divided by before: 0.5 is twice as fast. The median of the rounds. */
  readonly ratio: number;
  readonly least: number;
  readonly most: number;
  /** The same of the peer, which is the same code on both sides; NaN if none was run. */
  readonly control: number;
}

/** The ratios of a bench, one for each of ours under each setting. */
export function ratiosOf(compared: ComparedCase, pairs: readonly Pair[]): Ratio[] {
  const [first] = pairs;
  if (first === undefined) return [];
  return first.after.rows.filter(({ subject }) => compared.ours.includes(subject)).flatMap(
    ({ subject, setting }) => {
      const of = (name: string) =>
        pairs.flatMap(({ before, after }) => {
          const [a, b] = [before, after].map((result) => figureOf(result, name, setting));
          return a === undefined || b === undefined ? [] : [b / a];
        });
      const own = of(subject);
      if (own.length === 0) return [];
      const what = [compared.label, setting, compared.ours.length > 1 ? subject : ""]
        .filter((part) => part !== "").join(", ");
      const [least, most] = [Math.min(...own), Math.max(...own)];
      return [{ what, ratio: median(own), least, most, control: median(of(compared.control)) }];
    },
  );
}

/** The ratios as lines of a table. */
export function toLines(ratios: readonly Ratio[]): string[] {
  const width = Math.max(...ratios.map(({ what }) => what.length), 4);
  const line = (what: string, ...cells: string[]) =>
    `  ${what.padEnd(width)}${cells.map((cell) => cell.padStart(14)).join("")}`;
  return [
    line("", "after/before", "spread", "control"),
    ...ratios.map(({ what, ratio, least, most, control }) =>
      line(
        what,
        ratio.toFixed(2),
        `${least.toFixed(2)} – ${most.toFixed(2)}`,
        Number.isNaN(control) ? "–" : control.toFixed(2),
      )
    ),
  ];
}

/** The first figure of a row is what is compared: nanoseconds, or CPU. */
function figureOf({ rows }: CaseResult, name: string, setting: string): number | undefined {
  const row = rows.find((row) => row.subject === name && row.setting === setting);
  return row && Object.values(row.figures)[0];
}
