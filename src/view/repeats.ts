import type { PictureNote, PictureRow, PictureSpan } from "./picture_rows.ts";

/**
 * How many lines from `index` on a screen can draw as one: work of one name that went well and has nothing in it, or
 * notes that say the same, from four on; else 1. What runs, waits or failed is always drawn by itself.
 */
export function repeatsAt(rows: readonly PictureRow[], index: number): number {
  const first = rows[index];
  let times = 1;
  while (saysTheSame(first, rows[index + times])) times++;
  return times >= LEAST ? times : 1;
}

/** These lines as one, `search × 12`: it took as long as all of them together, and says what all of them say. */
export function asOne<R extends PictureSpan | PictureNote>(rows: readonly R[]): R {
  const [first] = rows as readonly [R];
  const times = `× ${rows.length}`;
  if (first.kind === "note") return { ...first, text: `${first.text} ${times}` };
  const spans = rows as readonly PictureSpan[];
  const shared = (of: (span: PictureSpan) => string) =>
    spans.every((span) => of(span) === of(first)) ? of(first) : "";
  const sum = (of: (span: PictureSpan) => number | null) =>
    spans.reduce((sum, span) => sum + (of(span) ?? 0), 0);
  const last = spans.at(-1)!;
  return {
    ...first,
    name: `${first.name} ${times}`,
    // What was captured is of one of them.
    spanId: null,
    subject: shared(({ subject }) => subject),
    result: shared(({ result }) => result),
    endedAt: Math.max(...spans.map(({ endedAt }) => endedAt!)),
    endEventId: last.endEventId,
    durationMs: sum(({ durationMs }) => durationMs),
    waitedMs: sum(({ waitedMs }) => waitedMs),
    attempt: 1,
  };
}

function saysTheSame(row: PictureRow | undefined, other: PictureRow | undefined): boolean {
  if (row?.kind === "note") return other?.kind === "note" && other.text === row.text;
  return isPlain(row) && isPlain(other) && row.name === other.name && row.role === other.role;
}

function isPlain(row: PictureRow | undefined): row is PictureSpan {
  return row?.kind === "span" && row.state === "done" && row.endedAt !== null &&
    row.children.length + row.leftOut === 0;
}

/** Three lines are read as quickly as a number. */
const LEAST = 4;
