/** Texts, as events show and count them. */

import { frozenCopy } from "../core/json.ts";
import { defaultRedactor } from "../redaction/default_redactor.ts";

/** The start of a text, without known secrets. */
export function shown(text: string, length: number): string {
  return defaultRedactor().preview(text, length);
}

/** How many characters a text has: an emoji counts as one. */
export function lengthOf(text: string | null): number {
  if (text === null) return 0;
  return text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
}

/**
 * How sure an answer sounds, 0 to 1: 0.5, and a tenth more or less for each word that says so. It is about the words, not
 * about the truth.
 */
export function confidenceOf(text: string): number {
  const lower = text.toLowerCase();
  const found = (words: readonly string[]) => words.filter((word) => lower.includes(word)).length;
  // In whole tenths: sums of 0.1 are not exact.
  return Math.min(10, Math.max(0, 5 + found(SURE) - found(UNSURE))) / 10;
}

const SURE = ["definitely", "certainly", "clearly", "confirmed", "verified", "established"];
const UNSURE = [
  "might",
  "possibly",
  "perhaps",
  "unclear",
  "uncertain",
  "unsure",
  "need more",
  "requires further",
];

/** A heading, and one block for each entry; "" if there are none. What is not JSON is text, as far as it has one. */
export function sections(heading: string, entries: Readonly<Record<string, unknown>>): string {
  const blocks = Object.entries(entries).map(([key, value]) =>
    `### ${key}:\n${
      typeof value === "string" ? value : JSON.stringify(frozenCopy(value)) ?? "null"
    }`
  );
  return blocks.length === 0 ? "" : [`## ${heading}`, ...blocks].join("\n\n");
}
