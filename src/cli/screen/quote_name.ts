import { oneLine } from "./text.ts";

/**
 * A name that an event brought, on one line. One that begins like a line of this program, with a sign or a word of
 * ours, is put in quotes, and it cannot imitate columns.
 */
export function quoteName(text: string): string {
  const name = oneLine(text).replace(/ {2,}/g, " ");
  return name === "" || (NAME_START.test(name) && !OUR_WORDS.test(name)) ? name : `“${name}”`;
}

/** What names begin with. Our signs are none of these: `● ✓ ✗ ◐ ■ ⊘ ⚠ · ├ ▏` and the spinner. */
const NAME_START = /^[\p{L}\p{M}\p{N}_$@#%&/\\.<([{"'“‘\p{Emoji_Presentation}]/u;

/** What a line begins with that is about the run, not about a span. */
const OUR_WORDS =
  /^(?:note|think \d+|running|waiting|done|stopped|cancelled|failed|ended|error)(?: |$)/i;
