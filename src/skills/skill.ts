import { checkText } from "../core/checks.ts";
import { hash } from "../core/hash.ts";
import { isRecord } from "../core/json.ts";
import { HIDDEN, type SkillFiles } from "./files.ts";
import { readFrontMatter } from "./front_matter.ts";
import { fieldProblems } from "./validate.ts";

/** Instructions that an agent reads when it needs them. */
export interface Skill {
  /** By which the model asks for it. */
  readonly name: string;
  /** What the model is told of it before. */
  readonly description: string;
  /** The text below the front matter. */
  readonly instructions: string;
  /** Its license, or where that is. */
  readonly license: string | null;
  /** What it needs of the environment. */
  readonly compatibility: string | null;
  /** Tools that it is written for. This informs, and allows nothing. */
  readonly allowedTools: readonly string[];
  /** Anything else that its author says of it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tells versions of the instructions apart. */
  readonly hash: string;
  /** Its folder, and how to read it; null for a skill that is only a text. */
  readonly folder: SkillFolder | null;
}

/** Where a skill is. */
export interface SkillFolder {
  /** The path, as the files have it. */
  readonly path: string;
  /** What reads them. */
  readonly files: SkillFiles;
}

/** A skill that was read, and what is wrong with it all the same. */
export interface ReadSkill {
  /** The skill. */
  readonly skill: Skill;
  /** What is not as the standard has it. */
  readonly warnings: readonly string[];
}

/**
 * Reads a `SKILL.md`, leniently: what the standard forbids and an agent can live with is a warning. Ask
 * {@linkcode validateSkill} for the strict answer.
 *
 * @param folder Where it is, if it is somewhere.
 * @throws {Error} If it has no front matter that is YAML, no description, neither a name nor a folder, a name that can be
 *   taken for another one, or more than 500,000 characters.
 *
 * @example
 * ```ts
 * import { readSkill } from "@locus/core/skills";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "---\nname: greet\ndescription: Use when: somebody says hello\n---\nSay hello.";
 * const { skill, warnings } = readSkill(text);
 * assertEquals(skill.description, "Use when: somebody says hello");
 * assertEquals(skill.instructions, "Say hello.");
 * assertEquals(warnings, ["the front matter is not YAML; values with a colon were quoted"]);
 * ```
 */
export function readSkill(text: string, folder: SkillFolder | null = null): ReadSkill {
  checkText("readSkill()", "text", text);
  if (text.length > MAX_LENGTH) throw new Error(`it has more than ${MAX_LENGTH} characters`);
  const { fields, body, isRepaired } = readFrontMatter(text.replace(/^\ufeff/, ""), true);
  const folderName = folder && baseName(folder.path);
  const { name: given, description } = fields;
  const name = typeof given === "string" && given.trim() !== "" ? given.trim() : folderName;
  if (name === null || name === "") throw new Error("it has no name");
  // Such a name could be read as that of another skill.
  if (HIDDEN.test(name)) throw new Error("the name has characters that are not seen");
  if (typeof description !== "string" || description.trim() === "") {
    throw new Error("it has no description");
  }
  const warnings = fieldProblems(fields, folderName);
  if (isRepaired) warnings.push("the front matter is not YAML; values with a colon were quoted");
  const skill: Skill = {
    name,
    description: description.trim(),
    instructions: body,
    license: textOf(fields.license),
    compatibility: textOf(fields.compatibility),
    allowedTools: toolsOf(fields["allowed-tools"]),
    metadata: isRecord(fields.metadata)
      ? Object.fromEntries(
        Object.entries(fields.metadata).map(([key, value]) => [key, textOf(value) ?? ""]),
      )
      : {},
    hash: hash(body),
    folder,
  };
  return { skill, warnings };
}

const MAX_LENGTH = 500_000;

/** The last part of a path. */
export function baseName(path: string): string {
  return path.split(/[/\\]/).findLast((part) => part !== "") ?? "";
}

function textOf(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A list, or names with white space between; a name may have arguments in parentheses. */
function toolsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map((item) => textOf(item) ?? "");
  if (typeof value !== "string") return [];
  return value.match(/[^\s,(]+(?:\([^()]*\))?/g) ?? [];
}
