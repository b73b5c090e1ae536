/**
 * `deno task ok`: every check of the repository but the tests on the other runtimes.
 *
 * All checks run even if one fails, as many at once as there are processors, but few. The output of those that pass is
 * not shown. With `--but-tests`, the tests of the repository are left out: for those who run all tests anyway.
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

const repositoryTests: Check = {
  name: "repository: manifests, boundaries, examples, documents",
  args: ["test", "--allow-all", "--no-check", "tests/harness/repo"],
  proof: /[1-9]\d* passed/,
};

const parallel = Math.min(navigator.hardwareConcurrency, 4);

if (import.meta.main) {
  killOnInterrupt();
  const isWhole = !Deno.args.includes("--but-tests");
  Deno.exit(await main(checks().filter((check) => isWhole || check !== repositoryTests)));
}

async function main(checks: Check[]): Promise<number> {
  let failed = 0;
  const waiting = checks.values();
  const work = async () => {
    // The iterator is shared, so each check is taken once.
    for (const check of waiting) if (!await isPassed(check)) failed++;
  };
  await Promise.all(Array.from({ length: parallel }, work));
  console.log(failed === 0 ? "\nevery check passed" : `\n${failed} of the checks failed`);
  return failed > 0 ? 1 : 0;
}

async function isPassed(check: Check): Promise<boolean> {
  const start = performance.now();
  const ended = await runProcess([Deno.execPath(), ...check.args], limitMs);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const problem = problemOf(check, ended);
  console.log(`${problem ? "FAILED" : "ok    "}  ${check.name} (${seconds} s)`);
  if (problem) console.log(`${ended.output.trimEnd().replace(/^/gm, "  | ")}\n  ${problem}`);
  return !problem;
}

/** The long ones first, so that none of them is alone at the end. */
function checks(): Check[] {
  const documents = ["README.md", "ARCHITECTURE.md", ...filesUnder("docs", ".md")].filter(exists);
  const list: Check[] = [
    { name: "publish:check", args: ["run", "--allow-all", "tests/harness/repo/publish/main.ts"] },
    { name: "types", args: ["check", "--quiet", ...typed()] },
    repositoryTests,
    { name: "format", args: ["fmt", "--check"], proof: /Checked [1-9]\d* file/ },
    { name: "lint", args: ["lint"], proof: /Checked [1-9]\d* file/ },
    {
      name: "examples in the documentation",
      args: ["test", "--doc", "--allow-all", "mod.ts", "src", ...documents],
      proof: /[1-9]\d* passed/,
    },
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
