/**
 * `deno doc --lint` on every door, without what no door could mend.
 *
 * The lint wants every type that a public signature names to be exported from the package, even one
 * that belongs to a dependency, such as `ZodType`. Exporting other people's types as our own would
 * be wrong, so those complaints, and only those, are left out.
 *
 * @module
 */
import { filesUnder, root } from "../run/paths.ts";
import { runProcess } from "../run/process.ts";
import { doors } from "./manifests.ts";

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const command = [Deno.execPath(), "doc", "--lint", ...doors()];
  const { code, output } = await runProcess(command, 120_000);
  if (code === 0) {
    console.log(output.trim());
    return 0;
  }
  const problems = problemsIn(output);
  const sources = filesUnder("src", ".ts").map((file) => Deno.readTextFileSync(root + file));
  const own = problems.filter((problem) => !isAboutDependency(problem, sources));
  // No problem at all means that the lint broke down, and one that was not read could be anything.
  const isRead = problems.length > 0 && output.includes(`Found ${problems.length} documentation`);
  if (isRead && own.length === 0) return 0;
  console.error(isRead ? own.join("") : output);
  return 1;
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
