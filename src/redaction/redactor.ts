import { checkFunction, checkOptions, describe } from "../core/options.ts";
import { clip } from "./clip.ts";
import { type Changes, mapTexts, mapValues } from "./map_texts.ts";
import { withoutPairs } from "./pairs.ts";
import { REDACTED } from "./secret.ts";
import { SecretKeys } from "./secret_keys.ts";
import type { KeyKind } from "./secret_names.ts";
import { isSecretNumber, isSecretText } from "./secret_values.ts";
import { knownNames, redactText } from "./secrets.ts";
import { StreamedText } from "./streamed_text.ts";
import type { Names } from "./place.ts";
import { isRegExp } from "../runtime/realm.ts";

/** Options of {@linkcode createRedactor}: your own secrets, in addition to the known ones. */
export interface RedactorOptions {
  /**
   * More names whose values are secret, in data and in texts, in any case and with any separators. A key that
   * ends with one counts.
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
   * A copy of plain data without secrets; the same object if it has none.
   *
   * - **Searched:** every text and every key. Values whose key names a secret are replaced as a whole, and so are
   *   the values of pairs: `["authorization", "…"]`, `{ name: "api_key", value: "…" }`, `{ name, values: […] }`.
   * - **Kept:** booleans, null and counts, such as `tokens: 42`.
   * - **Limits:** what is nested deeper than 64, or comes after 100,000 values, becomes `[REDACTED]`.
   */
  data<T>(data: T): T;
}

/**
 * Makes a redactor for known secrets and your own.
 *
 * - **By name:** `password`, `token`, `api_key`, `authorization`, `cookie`, `secret` and the like. The same rule
 *   holds for the keys of data and for names in texts.
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
  const ownKeys = readKeys(keys);
  const shapes = readPatterns(patterns);
  const isDefault = ownKeys.length === 0 && options.replace === undefined;
  const names: Names = isDefault ? knownNames() : { keys: new SecretKeys(ownKeys), replace };

  const withoutShapes = (text: string): string =>
    shapes.reduce((rest, shape) => rest.replace(shape, (match) => replace(match)), text);
  const text = (text: string): string => withoutShapes(redactText(text, names));
  const known = remembered((key) => ({ kind: names.keys.kindOf(key), shown: text(key) }));
  const changes: Changes = {
    value: (value, key) => {
      const { kind } = known(key);
      const shown = kind === "open" ? undefined : redactValue(kind, value, replace);
      return shown ?? (typeof value === "string" ? text(value) : undefined);
    },
    key: (key) => known(key).shown,
    parts: (owner) => withoutPairs(owner, names.keys, replace),
    beyond: REDACTED,
  };
  return Object.freeze({
    text,
    preview(whole: string, length: number): string {
      if (whole.length <= length + MARGIN) return clip(text(whole), length);
      // A secret that the cut goes through would not be recognised.
      const stream = new StreamedText(names);
      const start = stream.push(clip(whole, length + MARGIN)) + stream.cut();
      return clip(withoutShapes(start), length);
    },
    data: <T>(data: T): T => mapValues(data, changes) as T,
  });
}

const OWNER = "createRedactor()";

// How far behind the cut of a preview a text is looked at: more than a private key of 4096 bits takes.
const MARGIN = 4096;

/** The same function, which is not asked twice: the keys of a program are few. Those of its data need not be. */
function remembered<T>(ask: (key: string) => T): (key: string) => T {
  const answers = new Map<string, T>();
  return (key) => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = ask(key);
    if (answers.size >= MAX_REMEMBERED) answers.clear();
    if (key.length <= MAX_REMEMBERED_LENGTH) answers.set(key, answer);
    return answer;
  };
}

const MAX_REMEMBERED = 1024;
const MAX_REMEMBERED_LENGTH = 64;

/** What stands for the value of a secret key; undefined if it is none. */
function redactValue(kind: KeyKind, value: unknown, replace: (secret: string) => string): unknown {
  switch (typeof value) {
    case "string":
      return isSecretText(kind, value) ? replace(value) : undefined;
    case "number":
    case "bigint":
      return isSecretNumber(kind, value) ? REDACTED : undefined;
    case "object":
      if (value === null) return undefined;
      // A plural may hold counts as well: `tokens: { input: 5 }`.
      if (kind === "counted") {
        return mapTexts(value, (text) => isSecretText(kind, text) ? replace(text) : text);
      }
      return HOLDS_SECRETS.has(kind) ? REDACTED : undefined;
    default:
      return undefined;
  }
}

const HOLDS_SECRETS: ReadonlySet<KeyKind> = new Set(
  ["secret", "token", "coded", "authorization", "cookie"],
);

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
  if (!Array.isArray(patterns) || !patterns.every(isRegExp)) {
    throw new TypeError(
      `${OWNER}: "patterns" must be a list of regular expressions, got ${describe(patterns)}`,
    );
  }
  return patterns.map((one: RegExp) =>
    new RegExp(one.source, `${one.flags.replace(/[gy]/g, "")}g`)
  );
}
