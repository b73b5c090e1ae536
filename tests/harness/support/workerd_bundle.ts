/**
 * Bundles TypeScript into one module that workerd (through miniflare) can run.
 *
 * @module
 */
import type { MiniflareOptions } from "miniflare";
import { bundle } from "./bundle.ts";

/** The shape of options that a one-module worker needs. */
export interface WorkerOptions {
  modules: true;
  script: string;
  compatibilityDate: string;
  compatibilityFlags: string[];
}

/**
 * Options for `new Miniflare()` that run `source`, a module with a default export of a worker.
 * `aliases` replaces whole modules, such as `node:test`; imports are those of {@linkcode bundle}.
 */
export async function workerOptions(
  source: string,
  aliases: Record<string, string> = {},
): Promise<WorkerOptions> {
  return {
    modules: true,
    script: await bundle(source, { conditions: ["workerd", "worker", "browser"], aliases }),
    compatibilityDate: "2026-04-01",
    compatibilityFlags: ["nodejs_compat"],
  } satisfies MiniflareOptions;
}
