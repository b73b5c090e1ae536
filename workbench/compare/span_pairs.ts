/**
 * The spans of two runs, side by side.
 *
 * @module
 */
import type { ContentItem } from "../../src/view/conversation.ts";
import type { PictureRow, PictureSpan, PictureTurn } from "../../src/view/picture_rows.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import { align } from "./align.ts";

/** A line of the timeline that can be compared. */
export type Compared = PictureSpan | PictureTurn;

/** Two spans that stand for each other, or one that the other run does not have. */
export interface SpanPair {
  readonly a: Compared | null;
  readonly b: Compared | null;
  readonly depth: number;
  /** How much longer it took in B; null if that is not known of both. */
  readonly timeMs: number | null;
  /** How many more tokens it took in B. */
  readonly tokens: number;
  /** What differs, in words; empty if nothing does. */
  readonly differs: readonly string[];
}

/** Aligned by name and order, each level by itself. */
export function pairSpans(a: RunPicture, b: RunPicture): SpanPair[] {
  const pairs: SpanPair[] = [];
  addLevel(a.rows, b.rows, 0);
  return pairs;

  function addLevel(rowsOfA: readonly PictureRow[], rowsOfB: readonly PictureRow[], depth: number) {
    for (const [one, other] of align(spansOf(rowsOfA), spansOf(rowsOfB), isSameName)) {
      pairs.push(pairOf(one, other, depth, a, b));
      addLevel(one?.children ?? [], other?.children ?? [], depth + 1);
    }
  }
}

/** What is said of a span: what went in, or what came out, as text. "" if it was not captured. */
export function textOf(
  row: Compared | null,
  { conversation }: RunPicture,
  direction: ContentItem["direction"],
): string {
  if (row === null) return "";
  const items = row.spanId === null ? [] : conversation.contentOf(row.spanId);
  const texts = items.filter((item) => item.direction === direction && item.kind !== "tools")
    .map(({ content }) => typeof content === "string" ? content : JSON.stringify(content, null, 2));
  if (texts.length > 0) return texts.join("\n\n");
  if (direction === "input") return row.kind === "span" ? row.subject : "";
  return row.kind === "turn" ? row.text : row.result;
}

function pairOf(
  a: Compared | null,
  b: Compared | null,
  depth: number,
  of: RunPicture,
  other: RunPicture,
): SpanPair {
  const [timeOfA, timeOfB] = [timeOf(a), timeOf(b)];
  const differs = a === null || b === null ? [a === null ? "only in B" : "only in A"] : [
    a.state === b.state ? "" : `${a.state} → ${b.state}`,
    textOf(a, of, "input") === textOf(b, other, "input") ? "" : "input",
    textOf(a, of, "output") === textOf(b, other, "output") ? "" : "output",
    a.kind === "span" && b.kind === "span" && a.attempt !== b.attempt ? "attempts" : "",
  ].filter((word) => word !== "");
  return {
    a,
    b,
    depth,
    timeMs: timeOfA === null || timeOfB === null ? null : timeOfB - timeOfA,
    tokens: tokensOf(b) - tokensOf(a),
    differs,
  };
}

/** How long a span has taken; null if that is not known. */
export function timeOf(row: Compared | null): number | null {
  if (row === null) return null;
  return row.durationMs ?? (row.endedAt === null ? null : row.endedAt - row.startedAt);
}

function tokensOf(row: Compared | null): number {
  return row?.kind === "turn" ? row.tokens : 0;
}

function spansOf(rows: readonly PictureRow[]): Compared[] {
  return rows.filter((row) => row.kind !== "note");
}

function isSameName(a: Compared, b: Compared): boolean {
  return a.kind === "span"
    ? b.kind === "span" && a.name === b.name && a.role === b.role
    : b.kind === "turn";
}
