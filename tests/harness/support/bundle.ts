/**
 * Bundles TypeScript into one module, for runtimes that cannot load the sources themselves.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** For whom a bundle is made. */
export interface BundleOptions {
  /** The conditions of package exports that hold there, first the most special. */
  conditions: string[];
  /** Replaces whole modules, such as `node:test`. */
  aliases?: Record<string, string>;
  /** Replaces expressions, such as `import.meta.url`, by other source. */
  define?: Record<string, string>;
}

/**
 * One ES module that does what `source` does.
 *
 * Relative imports start at the root of the repository; `@locus/core…` and `@std/…` are known. What is
 * left of `node:…` stays an import, to work or fail where the bundle runs.
 */
export async function bundle(
  source: string,
  { conditions, aliases = {}, define = {} }: BundleOptions,
): Promise<string> {
  const result = await build({
    stdin: { contents: source, resolveDir: root, sourcefile: "bundle.ts", loader: "ts" },
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    platform: "browser",
    conditions,
    external: ["node:*"],
    alias: aliases,
    define,
    logLevel: "silent",
  });
  // esbuild is a process of its own, which would keep the caller's alive.
  await stop();
  return result.outputFiles[0]?.text ?? "";
}
