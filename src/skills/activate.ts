import { ambientRun } from "../core/run/run_context.ts";
import type { AnyRun } from "../core/run/run.ts";
import { listResources } from "./resources.ts";
import type { Skill } from "./skill.ts";

/** Options of {@linkcode activateSkill}. */
export interface ActivateOptions {
  /** How many files are named. @default {20} */
  maxResourceFiles?: number;
  /** The run to publish to, where no context reaches. @default {the current run} */
  run?: AnyRun;
}

/**
 * The instructions of a skill as a text for the model, where the person has chosen it: put it in front of the prompt. In a run it
 * publishes `skills.activated`.
 */
export async function activateSkill(skill: Skill, options: ActivateOptions = {}): Promise<string> {
  return await activate(skill, "user", false, options);
}

/** @param isActive Whether the conversation has these instructions: then one line is enough. */
export async function activate(
  skill: Skill,
  source: "model" | "user",
  isActive: boolean,
  { maxResourceFiles = 20, run = ambientRun() }: ActivateOptions,
): Promise<string> {
  const { name, instructions, hash, folder, compatibility, allowedTools } = skill;
  const { paths, more } = await listResources(skill, maxResourceFiles);
  run?.emit("skills.activated", {
    skill_name: name,
    has_resources: paths.length > 0,
    instructions_length: [...instructions].length,
    span_id: run.spanId,
    hash,
    source,
    already_active: isActive,
  });
  if (isActive) return `Skill "${name}" is already active; its instructions are above.`;
  const notes = [
    allowedTools.length > 0 ? `Written for the tools: ${allowedTools.join(", ")}` : "",
    compatibility === null ? "" : `Needs: ${compatibility}`,
    folder === null ? "" : `Folder: ${escaped(folder.path)}`,
    paths.length === 0 ? "" : `Files:\n${paths.map((path) => `- ${escaped(path)}`).join("\n")}`,
    more === 0 ? "" : `and ${more} more`,
  ].filter((note) => note !== "");
  return [opening(skill), instructions, ...notes, "</skill_content>"].join("\n");
}

/** How the instructions begin, by which it is seen whether a conversation has them. */
export function opening({ name, hash }: Skill): string {
  return `<skill_content name="${escaped(name)}" hash="${hash}">`;
}

/** A text inside of XML. */
export function escaped(text: string): string {
  return text.replace(/[<>&"]/g, (mark) => ESCAPES[mark]!);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
};
