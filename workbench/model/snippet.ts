/**
 * Where in an event the words of a search stand.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";

/** The text around the first of the words, on one line; "" if it is in no text. */
export function snippetOf({ data }: StreamEvent, words: string): string {
  const [first = ""] = words.toLowerCase().split(/\s+/);
  const left: unknown[] = [data];
  for (let visited = 0; left.length > 0 && visited < MAX_VISITED; visited++) {
    const value = left.shift();
    if (typeof value === "object" && value !== null) {
      left.push(...Object.values(value).slice(0, 100));
    }
    if (typeof value !== "string") continue;
    const at = value.toLowerCase().indexOf(first);
    if (at < 0) continue;
    const from = Math.max(0, at - BEFORE);
    const part = value.slice(from, at + AFTER).replace(/\s+/g, " ").trim();
    return `${from > 0 ? "…" : ""}${part}${at + AFTER < value.length ? "…" : ""}`;
  }
  return "";
}

const BEFORE = 16;
const AFTER = 120;
const MAX_VISITED = 1_000;
