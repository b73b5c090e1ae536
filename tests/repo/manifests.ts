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
  /** The doors: sub-path to file. */
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

/** The files of all doors, relative to the root. */
export function doors(): string[] {
  return Object.values(manifest("deno.json").exports).map((path) => path.replace("./", ""));
}
