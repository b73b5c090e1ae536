/**
 * The mistakes that our tests plant, `@ts-expect-error`, with each compiler that users have: Deno's own is one of them only.
 *
 * @module
 */
import { join } from "node:path";
import { nodeOf } from "../../run/binaries.ts";
import { filesUnder, root } from "../../run/paths.ts";
import { runProcess } from "../../run/process.ts";

/** The test files that plant a mistake. */
export function testsWithMistakes(): string[] {
  return filesUnder("tests", "_test.ts").filter((file) =>
    !file.startsWith("tests/harness/") &&
    Deno.readTextFileSync(join(root, file)).includes("// @ts-expect-error")
  );
}

/** Compiles them in this repository; returns what a compiler does not refuse, and what else it says. */
export async function mistakeProblems(
  folder: string,
  compilers: Readonly<Record<string, string>>,
): Promise<string[]> {
  const project = join(folder, "planted-mistakes.json");
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      typeRoots: [join(root, "node_modules/@types")],
      // What is named for Bun is the code.
      paths: { "@std/assert": [join(root, "tests/harness/support/std/assert.d.ts")] },
    },
    files: testsWithMistakes().map((file) => join(root, file)),
  };
  await Deno.writeTextFile(project, JSON.stringify(config, null, 2));
  const problems: string[] = [];
  for (const [name, path] of Object.entries(compilers)) {
    const command = [await nodeOf(24), path, "--project", project];
    const { code, output } = await runProcess(command, 300_000);
    if (code !== 0) problems.push(`${name}:\n${output}`);
  }
  return problems;
}
