/**
 * Skills: instructions in folders with a `SKILL.md`, as agentskills.io describes them, which an agent reads when it needs them.
 *
 * {@linkcode loadSkills} finds them, {@linkcode skillsPlugin} gives them to an agent, and {@linkcode validateSkill} says what the standard finds
 * wrong. Each time an agent reads one, its run says so: `skills.activated`.
 *
 * @example Load skills from anywhere
 * ```ts
 * import { loadSkills, skillsPlugin } from "@locus/core/skills";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "---\nname: greet\ndescription: How to greet\n---\nSay hello.";
 * const files = {
 *   list: async (path: string) =>
 *     path === "skills"
 *       ? [{ name: "greet", isFolder: true }]
 *       : [{ name: "SKILL.md", isFolder: false }],
 *   read: async () => text,
 * };
 * const { skills, diagnostics } = await loadSkills({ user: ["skills"], files });
 * assertEquals(skills.map(({ name }) => name), ["greet"]);
 * assertEquals(diagnostics, []);
 * const plugins = [skillsPlugin(skills)]; // new Agent({ model, plugins })
 * ```
 *
 * @module
 */

export { type ActivateOptions, activateSkill } from "./activate.ts";
export { type SkillEntry, type SkillFiles, systemFiles } from "./files.ts";
export { loadSkills } from "./load_skills.ts";
export type { LoadedSkills, LoadSkillsOptions, SkillDiagnostic } from "./load_skills.ts";
export { skillsPlugin, type SkillsPluginOptions } from "./plugin.ts";
export { type ReadSkill, readSkill, type Skill, type SkillFolder } from "./skill.ts";
export { validateSkill } from "./validate.ts";
