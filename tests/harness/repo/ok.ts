/**
 * `deno task ok`: every check of the repository but the tests on the other runtimes.
 *
 * All checks run even if one fails; the output of those that pass is not shown.
 *
 * @module
 */
import { exists, filesUnder } from "../run/paths.ts";
import { type Ended, killOnInterrupt, runProcess } from "../run/process.ts";

interface Check {
  name: string;
  /** Arguments of `deno`. */
  args: string[];
  /** What its output must contain besides, so that a check that looks at nothing does not pass. */
  proof?: RegExp;
}

const limitMs = 600_000;

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  killOnInterrupt();
  let failed = 0;
  for (const check of checks()) {
    const start = performance.now();
    const ended = await runProcess([Deno.execPath(), ...check.args], limitMs);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const problem = problemOf(check, ended);
    console.log(`${problem ? "FAILED" : "ok    "}  ${check.name} (${seconds} s)`);
    if (!problem) continue;
    failed++;
    console.log(`${ended.output.trimEnd().replace(/^/gm, "  | ")}\n  ${problem}`);
  }
  console.log(failed === 0 ? "\nevery check passed" : `\n${failed} of the checks failed`);
  return failed > 0 ? 1 : 0;
}

function checks(): Check[] {
  const documents = ["README.md", "ARCHITECTURE.md", ...filesUnder("docs", ".md")].filter(exists);
  const list: Check[] = [
    { name: "format", args: ["fmt", "--check"], proof: /Checked [1-9]\d* file/ },
    { name: "lint", args: ["lint"], proof: /Checked [1-9]\d* file/ },
    { name: "types", args: ["check", "--quiet", ...typed()] },
    {
      name: "repository: manifests, boundaries, examples, documents",
      args: ["test", "--allow-all", "--no-check", "tests/harness/repo"],
      proof: /[1-9]\d* passed/,
    },
    {
      name: "examples in the documentation",
      args: ["test", "--doc", "--allow-all", "mod.ts", "src", ...documents],
      proof: /[1-9]\d* passed/,
    },
    { name: "publish:check", args: ["run", "--allow-all", "tests/harness/repo/publish/main.ts"] },
    { name: "size", args: ["run", "--allow-all", "tests/harness/repo/size.ts"] },
    {
      name: "the demo from an empty cache",
      args: ["run", "--allow-all", "tests/harness/repo/empty_cache.ts"],
    },
  ];
  list.push({
    name: "the page of the workbench",
    args: ["run", "-A", "workbench/build.ts", "--check"],
  });
  if (exists("docs/generate_events.ts")) {
    const args = ["run", "--allow-all", "docs/generate_events.ts", "--check"];
    list.push({ name: "docs/events.md", args });
  }
  return list;
}

/** Everything that is TypeScript: named one by one, so that no default leaves a folder out. */
function typed(): string[] {
  const folders = ["src", "tests", "examples", "bench", "docs", "workbench"].filter(exists);
  return ["mod.ts", ...folders.flatMap((folder) => filesUnder(folder, ".ts"))]
    // The programs of consumers are checked with what those have installed.
    .filter((file) =>
      !file.endsWith(".d.ts") && !file.startsWith("tests/harness/repo/publish/programs/")
    );
}

function problemOf({ proof }: Check, { code, output, killed }: Ended): string | null {
  if (killed) return `did not end within ${limitMs / 1000} s`;
  if (code !== 0) return `ended with code ${code}`;
  return proof && !proof.test(output) ? `passed without a trace of work: ${proof}` : null;
}
