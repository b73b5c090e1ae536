/**
 * `deno task size`: what each entry point costs, bundled and minified, and whose code it loads.
 *
 * What an entry point loads later, by `import()`, does not count: it is loaded when it is used.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { build, type Metafile, stop } from "esbuild";
import { root } from "../run/paths.ts";
import { entryPoints } from "./manifests.ts";
import { type Budget, budgets } from "./size_budgets.ts";

/** What an import costs. */
export interface Cost {
  /** Of gzip. */
  bytes: number;
  /** Packages that are loaded with it. */
  packages: string[];
}

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const imports = Object.keys(budgets).map((name) => [name, sourceOf(name)] as const);
  const problems = Object.keys(entryPoints())
    .filter((name) => !(name in budgets))
    .map((name) => `${name} has no budget in tests/harness/repo/size_budgets.ts`);
  for (const [name, source] of imports) {
    const cost = await costOf(source);
    const { bytes, packages } = cost;
    console.log(`${name.padEnd(22)} ${String(bytes).padStart(7)} bytes  ${packages.join(", ")}`);
    problems.push(...overruns(name, cost, budgets[name]!));
  }
  await stop();
  for (const problem of problems) console.error(problem);
  return problems.length > 0 ? 1 : 0;
}

/** A module that imports what a budget is for: an entry point, or some of its names. */
function sourceOf(budget: string): string {
  const [, entryPoint = "", names] = /^(\S+)(?: (.+))?$/.exec(budget) ?? [];
  const path = entryPoints()[entryPoint];
  if (path === undefined) throw new Error(`There is no entry point ${entryPoint}`);
  return `export ${names ?? "*"} from "./${path}";`;
}

/** What a page, or a worker, has to load before a module runs. */
export async function costOf(source: string): Promise<Cost> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: root, loader: "ts" },
    absWorkingDir: root,
    outdir: "out",
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2024",
    platform: "browser",
    external: ["node:*"],
    logLevel: "error",
  });
  const loaded = atOnce(metafile);
  const files = outputFiles.filter(({ path }) => loaded.has(path.slice(root.length)));
  const inputs = [...loaded].flatMap((path) => Object.keys(metafile.outputs[path]!.inputs));
  const packages = inputs.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  return {
    // A module that says nothing would be small.
    bytes: files.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0),
    packages: [...new Set(packages)].filter((name) => name !== undefined).sort(),
  };
}

/** The files of a bundle that are loaded before the first line runs. */
function atOnce({ outputs }: Metafile): Set<string> {
  const loaded = new Set<string>();
  const load = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: other, kind } of outputs[path]!.imports) {
      if (kind === "import-statement" && other in outputs) load(other);
    }
  };
  load(Object.keys(outputs).find((path) => outputs[path]!.entryPoint === "<stdin>")!);
  return loaded;
}

/** What is wrong with a cost. Also that it is far below its limit, which then guards nothing. */
export function overruns(name: string, { bytes, packages }: Cost, budget: Budget): string[] {
  const [limit, ...allowed] = budget;
  const foreign = packages.filter((one) => !allowed.includes(one));
  const unused = allowed.filter((one) => !packages.includes(one));
  return [
    bytes > limit && `${name} is too large: ${bytes} bytes, at most ${limit}`,
    bytes < limit * 0.7 && `${name} is far below its limit: ${bytes} bytes of ${limit}; lower it`,
    foreign.length > 0 && `${name} loads packages that it should not: ${foreign.join(", ")}`,
    unused.length > 0 && `${name} does not load ${unused.join(", ")}: take that out of its budget`,
  ].filter((problem) => problem !== false);
}
