/**
 * Bundles TypeScript into one module that workerd (through miniflare) can run.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";
import type { MiniflareOptions } from "miniflare";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The shape of options that a one-module worker needs. */
export interface WorkerOptions {
  modules: true;
  script: string;
  compatibilityDate: string;
  compatibilityFlags: string[];
}

/**
 * Options for `new Miniflare()` that run `source`, a module with a default export of a worker.
 *
 * - Relative imports start at the root of the repository; `@locus/core…` and `@std/…` are known.
 * - `aliases` replaces whole modules, such as `node:test`.
 */
export async function workerOptions(
  source: string,
  aliases: Record<string, string> = {},
): Promise<WorkerOptions> {
  const result = await build({
    stdin: { contents: source, resolveDir: root, sourcefile: "worker.ts", loader: "ts" },
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*"],
    alias: aliases,
    logLevel: "silent",
  });
  // esbuild is a process of its own, which would keep the caller's alive.
  await stop();
  return {
    modules: true,
    script: result.outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-04-01",
    compatibilityFlags: ["nodejs_compat"],
  } satisfies MiniflareOptions;
}
