import type { Part } from "./types.ts";

/** A part as text: files by name, data as JSON. */
export function textOfPart({ text, url, filename, data }: Part): string {
  if (text !== undefined) return text;
  return data === undefined ? `[file: ${filename ?? url ?? "unnamed"}]` : JSON.stringify(data);
}
