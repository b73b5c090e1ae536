/**
 * `deno doc --lint` on every entry point, without what nobody here could mend.
 *
 * The lint wants every type that a public signature names to be exported from the package, even one
 * that belongs to a dependency, such as `ZodType`. Exporting other people's types as our own would
 * be wrong, so those complaints, and only those, are left out.
 *
 * @module
 */
import { filesUnder, root } from "../run/paths.ts";
import { runProcess } from "../run/process.ts";
import { entryPoints } from "./manifests.ts";

if (import.meta.main) {
  const problems = await docProblems(root);
  for (const problem of problems) console.error(problem);
  Deno.exit(problems.length > 0 ? 1 : 0);
}

/** What the lint complains of in a folder that has our sources. */
export async function docProblems(folder: string): Promise<string[]> {
  const command = [Deno.execPath(), "doc", "--lint", ...Object.values(entryPoints())];
  const { code, output } = await runProcess(command, 120_000, folder);
  if (code === 0) return [];
  const problems = problemsIn(output);
  const sources = filesUnder("src", ".ts").map((file) => Deno.readTextFileSync(root + file));
  // No problem at all means that the lint broke down, and one that was not read could be anything.
  const isRead = problems.length > 0 && output.includes(`Found ${problems.length} documentation`);
  return isRead ? problems.filter((problem) => !isAboutDependency(problem, sources)) : [output];
}

/** The problems in an output of the lint, each with its excerpt. */
export function problemsIn(output: string): string[] {
  return output.split(/^(?=error)/m).filter((part) => part.startsWith("error["));
}

/** Whether a problem is about a type that none of our sources declares. */
export function isAboutDependency(problem: string, sources: readonly string[]): boolean {
  const name = /^error\[private-type-ref\].* references private type '(\w+)/.exec(problem)?.[1];
  if (!name) return false;
  const declaration = new RegExp(
    `^(?:export |default |declare |abstract )*(?:interface|type|class|enum|const|function) ${name}\\b`,
    "m",
  );
  return !sources.some((source) => declaration.test(source));
}
