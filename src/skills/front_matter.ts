import { FAILSAFE_SCHEMA, load } from "js-yaml";
import { isRecord } from "../core/json.ts";
import { messageOf } from "./message.ts";

/** A `SKILL.md`, in its two parts. */
export interface FrontMatter {
  /** The values of the YAML: texts, lists and mappings of texts. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** What comes after it, trimmed. */
  readonly body: string;
  /** Whether it was no YAML, and values had to be quoted. */
  readonly isRepaired: boolean;
}

/**
 * Reads the YAML at the beginning of a text, between lines of `---`. All scalars stay texts, so `version: 1.10` is not 1.1.
 *
 * @param repair Also reads values with a colon in them, `description: Use when: …`, which YAML wants quoted.
 * @throws {Error} If there is none, or it is not YAML, or no mapping, or too large.
 */
export function readFrontMatter(text: string, repair: boolean): FrontMatter {
  const found = BLOCK.exec(text);
  if (found === null) {
    throw new Error(/^---/.test(text) ? "the front matter has no end" : "no front matter");
  }
  const [{ length }, yaml = ""] = found;
  if (yaml.length > MAX_LENGTH) {
    throw new Error(`more than ${MAX_LENGTH} characters of front matter`);
  }
  const body = text.slice(length).trim();
  try {
    return { fields: readYaml(yaml), body, isRepaired: false };
  } catch (error) {
    const quoted = yaml.replace(
      PLAIN,
      (_, key, value) => `${key}: ${JSON.stringify(value.trim())}`,
    );
    if (!repair || quoted === yaml) throw error;
    return { fields: readYaml(quoted), body, isRepaired: true };
  }
}

function readYaml(yaml: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = load(yaml, { schema: FAILSAFE_SCHEMA, maxAliases: 0, maxDepth: 4 });
  } catch (error) {
    throw new Error(`the front matter is not YAML: ${messageOf(error)}`);
  }
  if (!isRecord(value) || Array.isArray(value)) {
    throw new Error("the front matter is not a mapping");
  }
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== "__proto__"));
}

const MAX_LENGTH = 16 * 1024;
const BLOCK = /^---[ \t]*\r?\n([^]*?)(?<=\n)---[ \t]*(?:\r?\n|$)/;
// A value at the top that is neither quoted nor anything but a text.
const PLAIN = /^([A-Za-z][\w-]*):[ \t]+((?![ \t"'|>[{&*!%@`#])[^\n]*:[ \t][^\n]*)$/gm;
