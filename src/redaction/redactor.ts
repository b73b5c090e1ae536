import { checkFunction, checkOptions, describe } from "../core/options.ts";
import { clip } from "./clip.ts";
import { mapValues } from "./map_texts.ts";
import { secretKeyTest } from "./secret_keys.ts";
import { redactSecrets } from "./secrets.ts";
import { REDACTED, unfinishedSecret } from "./shapes.ts";

/** Options of {@linkcode createRedactor}: what is secret beside what is known to be. */
export interface RedactorOptions {
  /**
   * More names whose values are secret, in any case and with any separators. A key that ends with one counts.
   *
   * @default {[]}
   */
  keys?: readonly string[];
  /**
   * More shapes of secrets. They run over every text, so they must not backtrack for long: repeat single
   * character classes, with an upper bound.
   *
   * @default {[]}
   */
  patterns?: readonly RegExp[];
  /** What stands for a secret that `keys` or `patterns` found. @default {() => "[REDACTED]"} */
  replace?: (secret: string) => string;
}

/** Takes secrets out of what leaves the process. */
export interface Redactor {
  /** The text without secrets. */
  text(text: string): string;
  /**
   * At most `length` characters of the text without secrets: redacted first and cut then, because half a
   * secret is not recognised as one.
   */
  preview(text: string, length: number): string;
  /**
   * A copy of plain data without secrets: every text in it, and whole values whose key names a secret. The
   * same object if there are none.
   *
   * Booleans and null stay as they are: that there is no password is none. What is nested deeper than 64, or
   * comes after 100,000 values, becomes `[REDACTED]` unseen.
   */
  data<T>(data: T): T;
}

/**
 * Makes a redactor that takes out known secrets, and yours.
 *
 * - **By key:** `password`, `token`, `api_key`, `authorization`, `cookie`, `secret` and the like.
 * - **By shape:** what {@linkcode redactSecrets} knows.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 *
 * @example Your own secrets
 * ```ts
 * import { createRedactor } from "@locus/core/redaction";
 * import { assertEquals } from "@std/assert";
 *
 * const redactor = createRedactor({ keys: ["iban"], patterns: [/\bCASE-\d{1,12}\b/] });
 * assertEquals(
 *   redactor.data({ customerIban: "DE02 1203", note: "see CASE-77", apiKey: "abc", amount: 7 }),
 *   { customerIban: "[REDACTED]", note: "see [REDACTED]", apiKey: "[REDACTED]", amount: 7 },
 * );
 * ```
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  checkOptions(OWNER, options, ["keys", "patterns", "replace"]);
  const { keys = [], patterns = [], replace = () => REDACTED } = options;
  checkFunction(OWNER, "replace", options.replace);
  const isSecretKey = secretKeyTest(readKeys(keys));
  const shapes = readPatterns(patterns);

  const text = (text: string): string => {
    let result = redactSecrets(text);
    for (const shape of shapes) result = result.replace(shape, (match) => replace(match));
    return result;
  };
  return Object.freeze({
    text,
    preview(whole: string, length: number): string {
      if (whole.length <= length + MARGIN) return clip(text(whole), length);
      // A secret that the cut goes through would not be recognised.
      const start = clip(whole, length + MARGIN);
      return clip(text(start.slice(0, unfinishedSecret(start))), length);
    },
    data<T>(data: T): T {
      const redacted = mapValues(data, (value, key) => {
        if (key !== "" && isSecretKey(key)) return redactValue(value, replace);
        return typeof value === "string" ? text(value) : undefined;
      }, REDACTED);
      return redacted as T;
    },
  });
}

const OWNER = "createRedactor()";

// How far behind the cut of a preview a text is looked at: more than a private key of 4096 bits takes.
const MARGIN = 4096;

/** What stands for the value of a secret key; undefined if it cannot be one. */
function redactValue(value: unknown, replace: (secret: string) => string): unknown {
  switch (typeof value) {
    case "string":
      return value === "" || value === REDACTED ? value : replace(value);
    case "number":
    case "bigint":
      return REDACTED;
    case "object":
      return value === null ? undefined : REDACTED;
    default:
      return undefined;
  }
}

function readKeys(keys: unknown): readonly string[] {
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string" && key !== "")) {
    throw new TypeError(
      `${OWNER}: "keys" must be a list of names, got ${
        describe(
          Array.isArray(keys) ? keys.find((key) => typeof key !== "string" || key === "") : keys,
        )
      }`,
    );
  }
  return keys;
}

/** Copies: global, and with a `lastIndex` of their own. */
function readPatterns(patterns: unknown): readonly RegExp[] {
  if (!Array.isArray(patterns) || !patterns.every((one) => one instanceof RegExp)) {
    throw new TypeError(
      `${OWNER}: "patterns" must be a list of regular expressions, got ${describe(patterns)}`,
    );
  }
  return patterns.map((one: RegExp) =>
    new RegExp(one.source, `${one.flags.replace(/[gy]/g, "")}g`)
  );
}
