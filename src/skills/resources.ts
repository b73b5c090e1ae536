import { clip } from "../redaction/clip.ts";
import { entriesOf, HIDDEN } from "./files.ts";
import type { Skill } from "./skill.ts";

/** The files of a skill. */
export interface Resources {
  /** Their paths, relative to the skill. */
  readonly paths: readonly string[];
  /** How many more there are. */
  readonly more: number;
}

/** Lists what lies in a skill's folders for it, without reading any. */
export async function listResources({ folder }: Skill, most: number): Promise<Resources> {
  const paths: string[] = [];
  for (const name of folder === null ? [] : FOLDERS) {
    const files = (await entriesOf(folder!.files, `${folder!.path}/${name}`).catch(() => []))
      .filter((file) => !file.isFolder && !/^\./.test(file.name) && !HIDDEN.test(file.name));
    for (const file of files.map((file) => `${name}/${file.name}`).sort()) paths.push(file);
  }
  return { paths: paths.slice(0, most), more: Math.max(0, paths.length - most) };
}

/**
 * Reads a file of a skill.
 *
 * @throws {Error} If the path leads out of the skill, also by a link, or there is no such file.
 */
export async function readResource({ name, folder }: Skill, path: string): Promise<string> {
  if (folder === null) throw new Error(`Skill "${name}" has no files`);
  const parts = path.split("/");
  const isOutside = path === "" || /^\/|^[A-Za-z]:|[\\\0]/.test(path) || parts.includes("..");
  if (isOutside) throw new Error(`The path must be one inside of skill "${name}"`);
  const { files } = folder;
  const whole = `${folder.path}/${path}`;
  if (files.real !== undefined) {
    const [root, real] = await Promise.all([files.real(folder.path), files.real(whole)]);
    const rest = real.startsWith(root) ? real.slice(root.length) : "";
    if (!/^[/\\]./.test(rest)) throw new Error(`The path leads out of skill "${name}"`);
  }
  const text = await files.read(whole);
  if (text.length <= MAX_LENGTH) return text;
  const start = clip(text, MAX_LENGTH);
  return `${start}\n[cut: ${text.length - start.length} more characters]`;
}

const FOLDERS = ["scripts", "references", "assets"];
const MAX_LENGTH = 100_000;
