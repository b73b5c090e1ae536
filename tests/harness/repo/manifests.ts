/**
 * The three manifests: deno.json for development, jsr.json for publishing, package.json for Bun
 * and Node.
 *
 * @module
 */
import { root } from "../run/paths.ts";

/** What the checks read of a manifest. */
export interface Manifest {
  name: string;
  version: string;
  license: string;
  /** The entry points: sub-path to file. */
  exports: Record<string, string>;
  imports?: Record<string, string>;
  tasks?: Record<string, unknown>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  compilerOptions?: { paths?: Record<string, string[]> };
}

/** Reads a manifest from the root of the repository. */
export function manifest(file: string): Manifest {
  return JSON.parse(Deno.readTextFileSync(root + file));
}

/** The entry points by their sub-path, such as `./agent`, with their files relative to the root. */
export function entryPoints(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(manifest("deno.json").exports)
      .map(([name, path]) => [name, path.replace("./", "")]),
  );
}
