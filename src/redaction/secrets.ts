import { redactShapes } from "./shapes.ts";
import { StreamedText } from "./streamed_text.ts";

/**
 * `text` without the secrets that texts are known to carry.
 *
 * - Keys of known vendors, JSON web tokens and bearer values keep their first 6 and last 4 characters,
 *   so that one can tell which key it was; under 18 characters they go altogether.
 * - Private key blocks, database URLs, user and password of other URLs, values of `password=`, `api_key=`,
 *   `token=` and the like, sensitive query parameters, home directories and cloud resource ids become
 *   `[REDACTED]`.
 *
 * The time it takes is proportional to the length of the text, whatever the text. A net, not a proof: a
 * secret without a telling shape or name passes.
 *
 * @example An error message
 * ```ts
 * import { redactSecrets } from "@locus/core/redaction";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   redactSecrets("401 for key sk-proj-abcdefghijklmnop at postgres://ada:pw@db/shop"),
 *   "401 for key sk-pro...mnop at [REDACTED]",
 * );
 * ```
 */
export function redactSecrets(text: string): string {
  if (text.length <= MAX_LENGTH) return redactShapes(text);
  const stream = new StreamedText();
  return stream.push(text) + stream.end();
}

// Engines give up on a match of some millions of characters.
const MAX_LENGTH = 256 * 1024;
