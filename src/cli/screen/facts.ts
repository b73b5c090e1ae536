/**
 * Labelled lines of text around the picture, such as the result of a check.
 */
import { paint, type Segment } from "./paint.ts";
import { textWidth, wrap } from "./text.ts";

/** A label and what there is to say under it. */
export interface Fact {
  /** What it is about. */
  readonly label: string;
  /** What there is to say. */
  readonly text: string;
  /** Whether a check was passed; leave it out where nothing was checked. */
  readonly passed?: boolean;
}

/** Lines of at most `width` cells, all texts in one column. */
export function drawFacts(facts: readonly Fact[], width: number, colour: boolean): string[] {
  const column = 2 +
    Math.max(...facts.map(({ label, passed }) => textWidth(markOf(passed)[0]) + textWidth(label)));
  return facts.flatMap(({ label, text, passed }) => {
    const mark = markOf(passed);
    const room = Math.max(10, Math.min(100, width) - column);
    return wrap(text, room).map((line, index) => {
      const head: Segment[] = index === 0 ? [mark, [label, "bold"]] : [];
      const used = head.reduce((cells, [text]) => cells + textWidth(text), 0);
      return paint([...head, [" ".repeat(column - used)], [line]], width, colour);
    });
  });
}

function markOf(passed: boolean | undefined): Segment {
  if (passed === undefined) return [""];
  return passed ? ["✓ ", "done"] : ["✗ ", "failed"];
}
