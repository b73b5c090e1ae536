import { isRecord } from "../core/json.ts";
import { readFrontMatter } from "./front_matter.ts";
import { messageOf } from "./message.ts";

/**
 * What the Agent Skills standard finds wrong with a `SKILL.md`: nothing in the list, nothing wrong.
 *
 * @param folder The name of its folder, which must be its own.
 */
export function validateSkill(text: string, folder: string | null = null): readonly string[] {
  try {
    return fieldProblems(readFrontMatter(text, false).fields, folder);
  } catch (error) {
    return [messageOf(error)];
  }
}

/** What is wrong with the fields. */
export function fieldProblems(
  fields: Readonly<Record<string, unknown>>,
  folder: string | null,
): string[] {
  const unknown = Object.keys(fields).filter((key) => !KEYS.includes(key));
  const { name, description, compatibility, metadata } = fields;
  return [
    ...unknown.map((key) => `unknown key "${key}"`),
    ...nameProblems(name, folder),
    ...textProblems("description", description, 1024, true),
    ...textProblems("compatibility", compatibility, 500, false),
    ...metadataProblems(metadata),
  ];
}

function nameProblems(value: unknown, folder: string | null): string[] {
  if (typeof value !== "string" || value.trim() === "") return ["it has no name"];
  const name = value.trim().normalize("NFKC");
  const problems: string[] = [];
  if ([...name].length > 64) problems.push("the name is longer than 64 characters");
  if (name !== name.toLowerCase()) problems.push("the name is not in lower case");
  if (/[^\p{L}\p{N}-]/u.test(name)) {
    problems.push("the name has other characters than letters, digits and hyphens");
  }
  if (/^-|-$/.test(name)) problems.push("the name begins or ends with a hyphen");
  if (name.includes("--")) problems.push("the name has two hyphens in a row");
  if (folder !== null && name !== folder.normalize("NFKC")) {
    problems.push(`the name "${name}" is not that of its folder, "${folder}"`);
  }
  return problems;
}

function textProblems(key: string, value: unknown, most: number, isNeeded: boolean): string[] {
  if (value === undefined && !isNeeded) return [];
  if (typeof value !== "string") {
    return [value === undefined ? `it has no ${key}` : `${key} is not a text`];
  }
  if (isNeeded && value.trim() === "") return [`it has no ${key}`];
  return [...value].length > most ? [`${key} is longer than ${most} characters`] : [];
}

function metadataProblems(value: unknown): string[] {
  if (value === undefined) return [];
  if (!isRecord(value) || Array.isArray(value)) return ["metadata is not a mapping"];
  return Object.entries(value).filter(([, item]) => typeof item !== "string")
    .map(([key]) => `metadata "${key}" is not a text`);
}

const KEYS = ["name", "description", "license", "compatibility", "metadata", "allowed-tools"];
