import type { PictureSpan } from "../../view/picture_rows.ts";
import { formatDuration } from "../../view/words.ts";
import { firstLine } from "./text.ts";

/** What came of a piece of work, on one line; before it, how long it waited for a person. */
export function resultOf({ state, result, waitedMs }: PictureSpan): string {
  const words = state === "lost" ? "its end was not seen" : firstLine(result);
  const waited = waitedMs === 0 ? "" : `waited ${formatDuration(waitedMs)}`;
  return [waited, words].filter((part) => part !== "").join(" · ");
}
