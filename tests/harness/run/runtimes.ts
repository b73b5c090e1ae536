/**
 * The seven runtimes: which test files each is given, and the command that runs one of them.
 *
 * Every file gets a process of its own, so that a crash or a hang is one file's, and so that
 * nothing a file leaves in a global reaches the next.
 *
 * @module
 */
import { chromiumPath } from "../support/chromium_path.ts";
import { binaryOf, NoBinaryError, nodeOf } from "./binaries.ts";
import { exists } from "./paths.ts";
import { parseJunit, type TestCase } from "./report.ts";

/** A runtime that is ready to run. */
export interface Runtime {
  /** The command that runs `file` and leaves a report at `report`. */
  command(file: string, report: string): string[];
  /** Reads the report. */
  read(report: string): TestCase[];
}

/** Milliseconds for one test on the runtimes that know such a limit; a file's is longer. */
const testLimitMs = 45_000;

const preparations = {
  deno: () =>
    Promise.resolve<Runtime>({
      command: (file, report) => [
        Deno.execPath(),
        // Types are checked by `deno task ok`, once and for all files together. Not `--quiet`: that
        // would swallow what a file prints before its tests, such as the reasons of skips.
        ...["test", "--allow-all", "--no-check", `--junit-path=${report}`, file],
      ],
      read: parseJunit,
    }),
  bun: async (): Promise<Runtime> => {
    const bun = await binaryOf("bun");
    return {
      command: (file, report) => [
        bun,
        ...["test", `--timeout=${testLimitMs}`],
        ...["--reporter=junit", `--reporter-outfile=${report}`, `./${file}`],
      ],
      read: parseJunit,
    };
  },
  node: () => node(24),
  node22: () => node(22),
  workerd: () => Promise.resolve(bundled("workerd")),
  edge: () => Promise.resolve(bundled("edge")),
  chromium: () => {
    const path = chromiumPath();
    if (exists(path)) return Promise.resolve(bundled("chromium"));
    const advice = "install Debian's chromium, or let CHROMIUM name the path of yours";
    return Promise.reject(new NoBinaryError(`there is no ${path}; ${advice}`));
  },
} as const satisfies Record<string, () => Promise<Runtime>>;

async function node(major: 22 | 24): Promise<Runtime> {
  const path = await nodeOf(major);
  return {
    command: (file, report) => [
      path,
      ...["--import=./tests/harness/support/node_resolve.mjs", `--test-timeout=${testLimitMs}`],
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...["--test-reporter=junit", `--test-reporter-destination=${report}`, file],
    ],
    read: parseJunit,
  };
}

/** A runtime that runs bundles: `tests/harness/support` has a harness for it. */
function bundled(name: "workerd" | "edge" | "chromium"): Runtime {
  return {
    command: (file, report) => [
      Deno.execPath(),
      ...["run", "--allow-all", "--no-check", `tests/harness/support/${name}.ts`, file, report],
    ],
    read: (report) => JSON.parse(report),
  };
}

/** The name of a runtime. */
export type RuntimeName = keyof typeof preparations;

/** All of them, in the order in which they run. */
export const runtimeNames = Object.keys(preparations) as RuntimeName[];

/** Fetches what a runtime needs. */
export function prepare(name: RuntimeName): Promise<Runtime> {
  return preparations[name]();
}

/** Whether a reader's machine may lack it. The others come from npm. */
export function isOptional(name: RuntimeName): boolean {
  return name === "chromium";
}

/**
 * Whether a runtime is given a file.
 *
 * `tests/harness/repo` looks at the repository with Deno's own tools, so it is for Deno alone. `tests/runtime`, the
 * thin suite that asks only whether the promises hold there too, is all that the runtimes after Node 24 run.
 */
export function takes(name: RuntimeName, file: string): boolean {
  if (file.startsWith("tests/harness/repo/")) return name === "deno";
  return whole.has(name) || file.startsWith("tests/runtime/");
}

const whole: ReadonlySet<RuntimeName> = new Set(["deno", "bun", "node"]);
