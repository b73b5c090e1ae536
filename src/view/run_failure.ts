import { laneOf, type PictureRow, type PictureSpan, type PictureTurn } from "./picture_rows.ts";
import type { RunPicture } from "./run_picture.ts";

/** Why a run failed, and where. */
export interface RunFailure {
  /** `<ErrorName>: <first line>`; null if no event named it. */
  readonly error: string | null;
  /** The innermost work that failed with that error; null if no known work matches. */
  readonly row: PictureTurn | PictureSpan | null;
  /** The event that caused it: the end of that work, else the one that said that the run failed. */
  readonly eventId: string | null;
}

/** Why a run failed; null if it did not. */
export function failureOf(
  { summary, rows }: Pick<RunPicture, "summary" | "rows">,
): RunFailure | null {
  const { state, error, error_event_id: said } = summary;
  if (state !== "failed") return null;
  const row = error === null ? null : causeIn(rows, firstLineOf(error));
  return { error, row, eventId: row?.endEventId ?? said };
}

/** Names of the work that failed, from its agent or node to itself. */
export function placeNames(row: PictureTurn | PictureSpan): string[] {
  const lane = laneOf(row);
  const own = row.kind === "turn" ? `turn ${row.iteration}` : row.name || row.role;
  return lane === null || lane === row ? [own] : [lane.name || lane.role, own];
}

/**
 * The innermost row that failed with an error, the last if there are several. Nothing is looked for in what ended
 * well: whatever failed there was dealt with.
 */
function causeIn(rows: readonly PictureRow[], error: string): PictureTurn | PictureSpan | null {
  for (const row of rows.toReversed()) {
    if (row.kind === "note" || (row.kind === "span" && row.state === "done")) continue;
    const inner = causeIn(row.children, error);
    if (inner !== null) return inner;
    if (row.state !== "failed") continue;
    const own = firstLineOf(row.kind === "turn" ? row.error : row.result);
    if (isSameError(own, error)) return row;
  }
  return null;
}

/** What failed around it may have put words around an error, or left its name out. */
function isSameError(own: string, whole: string): boolean {
  if (own === "" || own === whole) return own !== "";
  const message = own.replace(ERROR_NAME, "").replace(/…$/, "");
  return message.length >= LEAST && whole.includes(message);
}

function firstLineOf(text: string): string {
  return text.trim().split(LINE_END, 1)[0]!;
}

const LINE_END = /[\r\n]/;
const ERROR_NAME = /^[\w.]{1,80}: /;
/** A shorter message may stand in another by chance. */
const LEAST = 8;
