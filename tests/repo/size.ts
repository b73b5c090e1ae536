/**
 * `deno task size`: what `mod.ts` costs a page, bundled and minified for the browser.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { build, stop } from "esbuild";
import { root } from "../run/paths.ts";

/** Bytes of gzip that the root door may have. */
const limit = 10_000;

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const { outputFiles: [bundle], metafile } = await build({
    entryPoints: ["mod.ts"],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2024",
    platform: "browser",
    external: ["node:*"],
    logLevel: "error",
  });
  await stop();
  const inputs = Object.keys(metafile.inputs);
  const foreign = inputs.filter((path) => path !== "mod.ts" && !path.startsWith("src/"));
  const bytes = bundle ? gzipSync(bundle.contents, { level: 9 }).length : 0;
  console.log(`mod.ts: ${bytes} bytes of gzip from ${inputs.length} modules (below ${limit})`);
  const problems = [
    foreign.length > 0 && `it contains modules of others: ${foreign.join(", ")}`,
    bytes >= limit && "it is too large",
    // An empty bundle is small too.
    !bundle?.text.includes("runContext") && "it does not export what it should",
  ].filter(Boolean);
  for (const problem of problems) console.error(`mod.ts: ${problem}`);
  return problems.length > 0 ? 1 : 0;
}
