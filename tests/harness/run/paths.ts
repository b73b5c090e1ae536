/**
 * Where the repository is, and which files in it are tests.
 *
 * @module
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const rootUrl: URL = new URL("../../../", import.meta.url);

/** The path of the root, with a separator at its end. */
export const root: string = fileURLToPath(rootUrl);

/**
 * The files under `folder` that end in `suffix`, sorted, relative to the root, with `/`.
 * None if there is no such folder: git keeps no empty one.
 */
export function filesUnder(folder: string, suffix: string): string[] {
  if (!exists(folder)) return [];
  const found: string[] = [];
  for (const entry of Deno.readDirSync(root + folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...filesUnder(path, suffix));
    else if (path.endsWith(suffix)) found.push(path);
  }
  return found.sort();
}

/** Whether a path, relative to the root, leads to a file or a folder. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(resolve(root, path));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
