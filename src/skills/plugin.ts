import type { BeforeModelCallEvent } from "../agent/hooks/model_events.ts";
import { definePlugin, type Plugin } from "../agent/plugin.ts";
import { type Message, systemMessage } from "../agent/state/messages.ts";
import { type Tool, tool } from "../agent/tools/tool.ts";
import { describe, isRecord } from "../core/describe.ts";
import { checkOptions } from "../core/options.ts";
import { readFlag, readWhole } from "../core/option_values.ts";
import type { StandardSchema } from "../events/standard_schema.ts";
import { clip } from "../redaction/clip.ts";
import { activate, escaped, opening } from "./activate.ts";
import { readResource } from "./resources.ts";
import type { Skill } from "./skill.ts";

/** Options of {@linkcode skillsPlugin}. */
export interface SkillsPluginOptions {
  /** How many files of a skill are named. @default {20} */
  maxResourceFiles?: number;
  /** Brings a tool that reads files of skills. Turn it off for agents that can read files. @default {true} */
  fileTool?: boolean;
}

/**
 * Gives an agent skills: it sees their names and descriptions with each call, and reads the instructions of one by the tool
 * `skills`. Without skills it does nothing.
 *
 * Files of a skill are named, never run. A skill with `disable-model-invocation: "true"` in its metadata is not shown to the
 * model: give it with {@linkcode activateSkill}.
 *
 * @throws {TypeError} If it is no list of skills, two have one name, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Agent } from "@locus/core/agent";
 * import { readSkill, skillsPlugin } from "@locus/core/skills";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { skill } = readSkill("---\nname: greet\ndescription: How to greet\n---\nSay hello.");
 * const model = scriptedModel([
 *   { toolCalls: [{ toolName: "skills", input: { skill_name: "greet" } }] },
 *   "Hello!",
 * ]);
 * const agent = new Agent({ model, plugins: [skillsPlugin([skill])] });
 * assertEquals((await agent.invoke("I am here")).message, "Hello!");
 * ```
 */
export function skillsPlugin(all: readonly Skill[], options: SkillsPluginOptions = {}): Plugin {
  const owner = "skillsPlugin()";
  checkOptions(owner, options, ["maxResourceFiles", "fileTool"]);
  const { maxResourceFiles = 20, fileTool = true } = options;
  readWhole(owner, "maxResourceFiles", maxResourceFiles, 0);
  readFlag(owner, "fileTool", fileTool);
  if (!Array.isArray(all)) {
    throw new TypeError(`${owner}: expected a list of skills, got ${describe(all)}`);
  }
  const skills = new Map<string, Skill>();
  for (const skill of all as readonly Skill[]) {
    if (typeof skill?.instructions !== "string") {
      throw new TypeError(`${owner}: expected skills, got ${describe(skill)}`);
    }
    if (skills.has(skill.name)) throw new TypeError(`${owner}: two skills named "${skill.name}"`);
    if (skill.metadata["disable-model-invocation"] !== "true") skills.set(skill.name, skill);
  }
  if (skills.size === 0) return definePlugin({ name: "skills" });
  const catalogue = catalogueOf([...skills.values()]);
  const onBeforeModelCall = ({ messages, replaceMessages }: BeforeModelCallEvent) => {
    const at = messages[0]?.role === "system" ? 1 : 0;
    replaceMessages(messages.toSpliced(at, 0, systemMessage(catalogue)));
  };
  const hasFiles = fileTool && [...skills.values()].some(({ folder }) => folder !== null);
  const tools = [
    activationTool(skills, maxResourceFiles),
    ...hasFiles ? [readingTool(skills)] : [],
  ];
  return definePlugin({ name: "skills", hooks: [{ onBeforeModelCall }], tools: tools as Tool[] });
}

function catalogueOf(skills: readonly Skill[]): string {
  const entries = skills.map(({ name, description, folder }) => {
    const location = folder === null ? "" : `<location>${escaped(folder.path)}</location>`;
    return `<skill><name>${escaped(name)}</name><description>${
      escaped(clip(description, MAX_DESCRIPTION))
    }</description>` +
      `${location}</skill>`;
  });
  return [
    `Before a task that a skill describes, call the tool "skills" with its name.`,
    "<available_skills>",
    ...entries,
    "</available_skills>",
  ].join("\n");
}

// What the standard allows.
const MAX_DESCRIPTION = 1024;

interface SkillCall {
  readonly skill_name: string;
  readonly path: string;
}

function activationTool(skills: ReadonlyMap<string, Skill>, maxResourceFiles: number) {
  return tool({
    name: "skills",
    description: "Read the instructions of a skill.",
    parameters: SKILL_CALL,
    jsonSchema: schemaOf(skills, {}),
    async execute({ skill_name: name }, { state, run }) {
      const skill = skills.get(name);
      if (skill === undefined) return refusal(name, skills);
      // What a compaction or a stored result has taken away is given again.
      const isActive = state.messages.some((message) => hasText(message, opening(skill)));
      return await activate(skill, "model", isActive, { maxResourceFiles, run });
    },
  });
}

function readingTool(skills: ReadonlyMap<string, Skill>) {
  return tool({
    name: "skill_file",
    description: "Read a file of a skill.",
    parameters: SKILL_CALL,
    jsonSchema: schemaOf(skills, {
      path: { type: "string", description: "The file, relative to the skill" },
    }),
    execute({ skill_name: name, path }) {
      const skill = skills.get(name);
      return skill === undefined ? refusal(name, skills) : readResource(skill, path);
    },
  });
}

function refusal(name: string, skills: ReadonlyMap<string, Skill>): string {
  if (name === "") return "Error: skill_name is required.";
  return `Unknown skill: '${name}'. Available: ${[...skills.keys()].sort().join(", ")}`;
}

function hasText({ role, content }: Message, text: string): boolean {
  return role === "tool" && content !== null && content.startsWith(text);
}

function schemaOf(skills: ReadonlyMap<string, Skill>, more: Readonly<Record<string, object>>) {
  const skill_name = { type: "string", enum: [...skills.keys()].sort() };
  return {
    type: "object",
    properties: { skill_name, ...more },
    required: ["skill_name", ...Object.keys(more)],
  };
}

/** A name that does not exist is answered with those that do, which a schema's error would not say. */
const SKILL_CALL: StandardSchema<unknown, SkillCall> = {
  "~standard": {
    version: 1,
    vendor: "locus",
    validate(value) {
      const { skill_name, path } = isRecord(value) ? value : {};
      const read = (text: unknown) => typeof text === "string" ? text.trim() : "";
      return { value: { skill_name: read(skill_name), path: read(path) } };
    },
  },
};
