import { builtinModule } from "../runtime/builtin_module.ts";

/** How skills are read: bring your own for bundles, databases and browsers. */
export interface SkillFiles {
  /** What is in a folder. @throws {Error} If it is none. */
  list(path: string): Promise<readonly SkillEntry[]>;
  /** A file as text. @throws {Error} If there is none. */
  read(path: string): Promise<string>;
  /** The path with all links followed: give it where there are links, so that none leads out of a skill. */
  real?(path: string): Promise<string>;
}

/** A file or folder. */
export interface SkillEntry {
  /** Without the path. */
  readonly name: string;
  /** Whether it can be listed. */
  readonly isFolder: boolean;
}

/** What is in a folder, checked. @throws {Error} If it is none, or what reads it does not keep its word. */
export async function entriesOf(files: SkillFiles, path: string): Promise<readonly SkillEntry[]> {
  const entries = await files.list(path);
  if (Array.isArray(entries) && entries.every((entry) => typeof entry?.name === "string")) {
    return entries;
  }
  throw new TypeError("list() must give entries with names");
}

/**
 * The file system of Node, Deno and Bun.
 *
 * @throws {Error} If this runtime has none.
 */
export function systemFiles(): SkillFiles {
  const fs = builtinModule<{
    readdir(path: string, options: { withFileTypes: true }): Promise<
      { readonly name: string; isDirectory(): boolean }[]
    >;
    stat(path: string): Promise<{ readonly size: number }>;
    readFile(path: string, encoding: "utf8"): Promise<string>;
    realpath(path: string): Promise<string>;
  }>("node:fs/promises");
  if (fs === undefined) throw new Error("systemFiles(): this runtime has no file system");
  return {
    async list(path) {
      const entries = await fs.readdir(path, { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
    },
    async read(path) {
      const { size } = await fs.stat(path);
      if (size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
      return await fs.readFile(path, "utf8");
    },
    real: (path) => fs.realpath(path),
  };
}

const MAX_BYTES = 10 * 2 ** 20;

/** Control characters, and those that change how others are shown. Here, so that who lists files loads no parser of YAML. */
export const HIDDEN = /[\p{Cc}\p{Cf}]/u;
