/** Searching texts for what should not be in them, and taking it out. */

/** Everything in `text` that matches. */
export function matchesIn(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(everywhere(pattern)), ([match]) => match);
}

/** `text` with `[REDACTED_<NAME>]` in the place of every match. */
export function redact(text: string, name: string, pattern: RegExp): string {
  return text.replaceAll(everywhere(pattern), `[REDACTED_${name.toUpperCase()}]`);
}

/** Finds any of the words, as whole words; null if there are none. */
export function anyWord(words: readonly string[], caseSensitive = false): RegExp | null {
  if (words.length === 0) return null;
  const list = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const edge = "[\\p{L}\\p{N}_]";
  return new RegExp(`(?<!${edge})(?:${list})(?!${edge})`, caseSensitive ? "gu" : "giu");
}

/** A copy: global, as `matchAll()` demands, and with a `lastIndex` of its own. */
function everywhere(pattern: RegExp): RegExp {
  const flags = pattern.flags.replace("y", "");
  return new RegExp(pattern.source, flags.includes("g") ? flags : `${flags}g`);
}
