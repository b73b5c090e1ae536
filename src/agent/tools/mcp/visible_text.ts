/** Text of strangers that a model will read: nothing in it that a person would not see. */

import { clip } from "../../state/texts.ts";

/**
 * `text` without control characters and invisible ones, in which instructions can hide from
 * a reviewer, and cut to `maxLength`.
 */
export function visibleText(text: string, maxLength: number): string {
  // Cut first: what is cut off need not be searched.
  const visible = clip(text, maxLength).replace(INVISIBLE, "");
  return text.length > maxLength ? `${visible} […]` : visible;
}

/** Plain data with all its texts made visible, as a copy; keys stay as they are. */
export function visibleJson(value: unknown): unknown {
  if (typeof value === "string") return value.replace(INVISIBLE, "");
  if (Array.isArray(value)) return value.map(visibleJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, visibleJson(item)]),
  );
}

// Control and format characters (but the line end and the tab), private ones, halves of surrogate pairs,
// and the selectors of variants, which can spell out text of their own.
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u{e0100}-\u{e01ef}]/gu;
