/**
 * Bundles a worker as its deployment would, and asks it.
 *
 * @module
 */
import { build, stop } from "esbuild";
import { Miniflare } from "miniflare";

/** Runs a worker that serves run `r`; returns what is wrong. */
export async function runWorker(folder: string, file: string): Promise<string | null> {
  const { outputFiles: [bundle] } = await build({
    entryPoints: [file],
    absWorkingDir: folder,
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*"],
    logLevel: "silent",
  });
  await stop();
  const worker = new Miniflare({
    modules: true,
    script: bundle!.text,
    compatibilityDate: "2026-04-01",
    compatibilityFlags: ["nodejs_compat"],
  });
  try {
    const response = await worker.dispatchFetch("http://worker/locus/runs/r/events");
    const text = await response.text();
    return text.includes("event: shop.paid") && text.includes("event: bus.end") ? null : text;
  } finally {
    await worker.dispose();
  }
}
