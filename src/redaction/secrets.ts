import { textRedactor } from "../core/text_redactor.ts";
import { findSecret } from "./scan.ts";
import { endOf, REDACTED } from "./secret.ts";
import { SecretKeys } from "./secret_keys.ts";
import type { Names } from "./place.ts";
import { describe } from "../core/describe.ts";

/**
 * Replaces the known kinds of secrets in a text.
 *
 * - **By name:** the value of `password=`, `"accessToken": "…"`, `'api_key' => '…'`, `token := …`, of headers,
 *   cookies, parameters of URLs, flags and elements of XML becomes `[REDACTED]`.
 * - **Announced:** `IDENTIFIED BY '…'`, `mysql -p…`, `curl -u ada:…`, `setPassword("…")` become `[REDACTED]` as well.
 * - **By shape:** keys of known vendors, JSON web tokens and bearer values keep their first 6 and last 4
 *   characters, so that you can tell which key it was; under 18 characters they go altogether. Private keys,
 *   database URLs, user and password of other URLs, webhooks, home folders and cloud resource ids become
 *   `[REDACTED]`.
 * - **Kept:** numbers of tokens, flags, placeholders such as `${TOKEN}`, names and types in source code.
 * - **Time:** proportional to the length of the text, whatever the text.
 *
 * Redaction is best effort. Don't publish a secret that it can't recognize by name or shape.
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
  if (typeof text !== "string") {
    throw new TypeError(`redactSecrets(): expected a string, got ${describe(text)}`);
  }
  return redactText(text, knownNames());
}

// The core has no redactor of its own. Where this module is loaded, it uses this one.
textRedactor.redact = redactSecrets;

/** The same, for other names. */
export function redactText(text: string, names: Names): string {
  let output = "";
  let shown = 0;
  for (;;) {
    const found = findSecret(text, shown, true, names);
    if (!("show" in found)) return shown === 0 ? text : output + text.slice(shown);
    const end = endOf(found, text, found.from);
    const stop = end < 0 ? text.length : end;
    const start = Math.max(found.start, shown);
    output += text.slice(shown, start) + found.show(text.slice(start, stop));
    shown = stop;
  }
}

/** The names that everybody calls secrets by, and `[REDACTED]` for their values. */
export function knownNames(): Names {
  return known ??= { keys: new SecretKeys(), replace: () => REDACTED };
}

let known: Names | undefined;
