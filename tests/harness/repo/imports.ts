/**
 * The imports of this repository's modules, as Deno itself resolves them.
 *
 * @module
 */
import { root, rootUrl } from "../run/paths.ts";
import { manifest } from "./manifests.ts";

/** One import, export-from or dynamic import. */
export interface Import {
  /** The importing file, relative to the root. */
  from: string;
  /** As it is written. */
  specifier: string;
  /** The imported file, relative to the root, or the name of a package (`zod`, `node:fs`). */
  to: string;
  /** Whether nothing of it is left at run time. */
  typeOnly: boolean;
}

interface Resolved {
  specifier: string;
}

interface Graph {
  modules: {
    specifier: string;
    error?: string;
    dependencies?: { specifier: string; code?: Resolved; type?: Resolved }[];
  }[];
}

/**
 * Every import in the given files, and in the files of the repository that these import.
 *
 * @throws {Error} If a module does not exist or does not parse.
 */
export async function importsOf(files: readonly string[]): Promise<Import[]> {
  const entry = files.map((file) => `import "${new URL(file, rootUrl).href}";`).join("");
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `data:application/typescript,${encodeURIComponent(entry)}`],
    cwd: root,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { modules }: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const imports: Import[] = [];
  for (const { specifier: url, error, dependencies = [] } of modules) {
    const from = inRepository(url);
    if (from === null) continue;
    if (error) throw new Error(`${from}: ${error}`);
    for (const { specifier, code, type } of dependencies) {
      const target = (code ?? type)?.specifier;
      const path = target && isOurs(specifier) ? inRepository(target) : null;
      imports.push({
        from,
        specifier,
        to: path ?? packageOf(specifier),
        typeOnly: code === undefined,
      });
    }
  }
  return imports;
}

/** Not so are bare names that deno.json maps to a file for development: they stand for packages. */
function isOurs(specifier: string): boolean {
  return /^(\.|file:)/.test(specifier) || packageOf(specifier) === manifest("deno.json").name;
}

/** The path of a URL relative to the root, null if it is somewhere else or in a package. */
function inRepository(url: string): string | null {
  if (!url.startsWith(rootUrl.href) || url.includes("/node_modules/")) return null;
  return decodeURI(url.slice(rootUrl.href.length));
}

/** `hono` of `hono/streaming`, `@ai-sdk/provider` of itself, `node:fs` of itself. */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
