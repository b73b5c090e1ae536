/**
 * `deno task publish:check`: what would be published, looked at as its users get it.
 *
 * From a folder that holds only what is published: the dry run of publishing, the lint of its documentation,
 * and its form for npm, which is then installed, compiled and run by each of the consumers.
 *
 * @module
 */
import { join } from "node:path";
import { killOnInterrupt } from "../../run/process.ts";
import { docProblems } from "../doc_lint.ts";
import { runCommand } from "./command.ts";
import { consumers } from "./consumers.ts";
import { runOnDeno } from "./deno_consumer.ts";
import {
  type DependencySet,
  dependencySets,
  installCompilers,
  installSet,
} from "./dependency_sets.ts";
import { pack } from "./npm_form.ts";
import { mistakeProblems } from "./planted_mistakes.ts";
import { layOut, publishProblems } from "./published.ts";
import { runConsumer } from "./run_consumer.ts";
import { sourceProblems } from "./sources.ts";

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  killOnInterrupt();
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "publish-" }));
  try {
    const failed = await checkAll(folder);
    console.log(failed === 0 ? "\nevery check passed" : `\n${failed} checks failed`);
    return failed > 0 ? 1 : 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function checkAll(folder: string): Promise<number> {
  const published = join(folder, "published");
  await layOut(published);
  let failed = 0;
  const check = async (name: string, find: () => Promise<string[]>) => {
    const start = performance.now();
    const problems = await find().catch((error: Error) => [error.message]);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${problems.length > 0 ? "FAILED" : "ok    "}  ${name} (${seconds} s)`);
    for (const problem of problems) console.log(problem.trimEnd().replace(/^/gm, "  | "));
    if (problems.length > 0) failed++;
  };

  // Deno's own steps share its caches, and npm's its: the two go side by side.
  const packing = pack(published, folder);
  packing.catch(() => {});
  const onDeno = async () => {
    await packing.catch(() => {});
    await check("deno publish --dry-run", () => publishProblems(published));
    await check("deno doc --lint", () => docProblems(published));
    await check("Deno's defaults", () => runOnDeno(published, join(folder, "deno")));
  };
  const onOthers = async () => {
    const compilers = await installCompilers(join(folder, "compilers"));
    await check("planted mistakes", () => mistakeProblems(folder, compilers));
    for (const set of Object.keys(dependencySets) as DependencySet[]) {
      const packages = join(folder, set);
      await check(`npm install, ${set}`, async () => {
        await installSet(set, await packing, packages);
        return [];
      });
      if (set !== "next") {
        const newest = compilers["TypeScript 7"];
        await check(`sources, ${set}`, () => sourceProblems(published, packages, newest));
      }
      if (set === "newest") await check("the command locus", () => runCommand(packages));
      for (const consumer of consumers.filter(({ packages }) => packages === set)) {
        await check(consumer.name, () => runConsumer(consumer, packages, compilers));
      }
    }
  };
  await Promise.all([onDeno(), onOthers()]);
  return failed;
}
