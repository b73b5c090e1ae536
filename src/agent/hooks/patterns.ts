/** Searching texts for what should not be in them, and taking it out. */

/** Regular expressions by name. */
export type PatternSet = Readonly<Record<string, RegExp>>;

/**
 * Personal data: `email`, `phone_us`, `ssn`, `credit_card`, `ip_address`.
 *
 * A net, not a proof. Each repeats only single character classes with an upper bound, so that no text
 * makes it search for long.
 */
export const PII_PATTERNS: PatternSet = Object.freeze({
  email: /\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}\b/g,
  phone_us: /(?<![\w-])(?:\+?1[-. ])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-])/g,
  ssn: /(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])/g,
  credit_card: /(?<![\w-])\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}(?![\w-])/g,
  ip_address:
    /(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])/g,
});

/** Everything in `text` that matches. */
export function matchesIn(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(everywhere(pattern)), ([match]) => match);
}

/** `text` with `[REDACTED_<NAME>]` in the place of every match. */
export function redact(text: string, name: string, pattern: RegExp): string {
  return text.replaceAll(everywhere(pattern), `[REDACTED_${name.toUpperCase()}]`);
}

/** `text` with `[REDACTED_<NAME>]` in the place of every match of any of the patterns. */
export function redactAll(text: string, patterns: PatternSet): string {
  return Object.entries(patterns).reduce((rest, [name, one]) => redact(rest, name, one), text);
}

/** The value with every text in it changed, however deep it is. Plain data only. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]),
  );
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
