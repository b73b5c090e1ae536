import { checkSignal } from "../core/checks.ts";
import { checkFunction, checkOptions } from "../core/options.ts";
import { readTexts } from "../core/option_values.ts";
import { abortable } from "../core/waits.ts";
import { entriesOf, type SkillEntry, type SkillFiles, systemFiles } from "./files.ts";
import { readSkill, type Skill } from "./skill.ts";
import { messageOf } from "./message.ts";

/** Options of {@linkcode loadSkills}. */
export interface LoadSkillsOptions {
  /** Folders of the project. Anybody who can send you a project can write skills into it: see `trust`. @default {[]} */
  project?: readonly string[];
  /** Folders of the person. Skills of the project go before those of the same name. @default {[]} */
  user?: readonly string[];
  /** Whether the skills of a project's folder may be loaded. @default {no} */
  trust?: (folder: string) => boolean | Promise<boolean>;
  /** How they are read. @default {systemFiles()} */
  files?: SkillFiles;
  /** Gives up when aborted, also on files that do not answer. */
  signal?: AbortSignal;
}

/** What was found. */
export interface LoadedSkills {
  /** The skills that can be used, each name once. */
  readonly skills: readonly Skill[];
  /** What is wrong with them, and which were left out. Show it to whoever writes skills. */
  readonly diagnostics: readonly SkillDiagnostic[];
}

/** Something wrong. */
export interface SkillDiagnostic {
  /** The file or folder that it is about. */
  readonly path: string;
  /** `warning`: the skill is loaded. `skipped`: it is not. */
  readonly level: "warning" | "skipped";
  /** What is wrong. */
  readonly message: string;
}

/**
 * Finds and reads the skills in folders and in the folders inside of them: each folder with a `SKILL.md` is one. What cannot
 * be read is a diagnostic, never an error.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws What `signal` was aborted with.
 *
 * @example
 * ```ts
 * import { loadSkills } from "@locus/core/skills";
 *
 * const { skills, diagnostics } = await loadSkills({ project: [".agents/skills"], trust: () => true });
 * for (const { path, message } of diagnostics) console.warn(`${path}: ${message}`);
 * ```
 */
export async function loadSkills(options: LoadSkillsOptions): Promise<LoadedSkills> {
  const owner = "loadSkills()";
  checkOptions(owner, options, ["project", "user", "trust", "files", "signal"]);
  const { project = [], user = [], trust = () => false, files = systemFiles(), signal } = options;
  readTexts(owner, "project", project);
  readTexts(owner, "user", user);
  checkFunction(owner, "trust", trust);
  checkSignal(owner, signal);
  const wait = <T>(asked: T | PromiseLike<T>) => abortable(Promise.resolve(asked), signal);
  const skills = new Map<string, Skill>();
  const diagnostics: SkillDiagnostic[] = [];
  const skip = (path: string, message: string) =>
    diagnostics.push({ path, level: "skipped", message });

  for (const folder of project) {
    if (await wait(trust(folder))) await scan(folder);
    else skip(folder, "the project's skills are not trusted");
  }
  for (const folder of user) await scan(folder);
  return { skills: [...skills.values()], diagnostics };

  async function scan(root: string): Promise<void> {
    const waiting = [{ path: root, depth: 0 }];
    for (let seen = 0; waiting.length > 0; seen++) {
      const { path, depth } = waiting.shift()!;
      if (seen === MAX_FOLDERS) return void skip(root, `more than ${MAX_FOLDERS} folders`);
      const entries = await wait(entriesOf(files, path)).catch((error) => {
        signal?.throwIfAborted();
        skip(path, messageOf(error));
        return [] as readonly SkillEntry[];
      });
      const names = entries.filter(({ isFolder }) => !isFolder).map(({ name }) => name);
      const file = FILE_NAMES.find((name) => names.includes(name));
      if (file !== undefined) await read(path, file);
      else if (depth < MAX_DEPTH) {
        const folders = entries.filter(({ name, isFolder }) => isFolder && !IGNORED.includes(name))
          .map(({ name }) => name).sort().slice(0, MAX_FOLDERS);
        for (const name of folders) waiting.push({ path: `${path}/${name}`, depth: depth + 1 });
      }
    }
  }

  async function read(folder: string, file: string): Promise<void> {
    const path = `${folder}/${file}`;
    try {
      const { skill, warnings } = readSkill(await wait(files.read(path)), { path: folder, files });
      if (file !== FILE_NAMES[0]) warn(path, `the file is not called ${FILE_NAMES[0]}`);
      for (const message of warnings) warn(path, message);
      const first = skills.get(skill.name);
      if (first === undefined) skills.set(skill.name, skill);
      else skip(path, `"${skill.name}" is already that of ${first.folder?.path}`);
    } catch (error) {
      signal?.throwIfAborted();
      skip(path, messageOf(error));
    }
  }

  function warn(path: string, message: string): void {
    diagnostics.push({ path, level: "warning", message });
  }
}

const FILE_NAMES = ["SKILL.md", "skill.md"];
const IGNORED = [".git", "node_modules"];
const MAX_DEPTH = 4;
const MAX_FOLDERS = 2000;
