/**
 * A copy of the sources and of the tests of the bus and its readers, in which mistakes can be made.
 *
 * @module
 */
import { root } from "../run/paths.ts";
import { runProcess } from "../run/process.ts";
import { parseJunit } from "../run/report.ts";
import type { Fault } from "./faults.ts";

/** Which tests to run: the file, and what the name of a test has in it. */
export interface TestChoice {
  readonly area?: Fault["area"];
  readonly file: string;
  readonly names: readonly string[];
}

/** What came of running tests in a copy. */
export interface TestRun {
  /** The names of all tests that ran. */
  readonly names: readonly string[];
  readonly passed: number;
  readonly failed: number;
  /** Whether it ended badly without a failed test. */
  readonly isBroken: boolean;
  readonly output: string;
  readonly ms: number;
}

/** For one part of names. */
const LIMIT_MS = 120_000;

/** A folder of its own with everything that these tests need. */
export class SourceCopy {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of the source that a fault is in. */
  static source({ area = "core", file }: Fault): string {
    return `src/${area}/${file}`;
  }

  /** Where its original is. */
  static original(fault: Fault): string {
    return `${root}${SourceCopy.source(fault)}`;
  }

  static async create(): Promise<SourceCopy> {
    const folder = await Deno.makeTempDir({ prefix: "faults-" });
    for (
      const path of [
        "src",
        "tests/core",
        "tests/runtime",
        "tests/transports",
        "tests/bridges",
        "tests/a2a",
        "tests/agent",
        "tests/events",
        "tests/graph",
        "tests/memory",
        "tests/sse",
        "tests/contract",
        "tests/conformance",
        "docs/conformance",
        "tests/harness/support",
      ]
    ) {
      await copyFolder(`${root}${path}`, `${folder}/${path}`);
    }
    for (const file of ["mod.ts", "package.json"]) {
      await Deno.copyFile(`${root}${file}`, `${folder}/${file}`);
    }
    // The packages are there already; nothing shall be installed into the copy.
    const manifest = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ ...manifest, nodeModulesDir: "manual", lint: {} }),
    );
    await Deno.symlink(`${root}node_modules`, `${folder}/node_modules`, { type: "junction" });
    return new SourceCopy(folder);
  }

  /** Plants a fault for as long as `body` takes. */
  async with<T>(fault: Fault, body: () => Promise<T>): Promise<T> {
    const { find, replace } = fault;
    const path = `${this.#folder}/${SourceCopy.source(fault)}`;
    const source = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, source.replace(find, () => replace));
    try {
      return await body();
    } finally {
      await Deno.writeTextFile(path, source);
    }
  }

  /** Runs tests. */
  async test({ area = "core", file, names }: TestChoice): Promise<TestRun> {
    const report = `${this.#folder}/report.xml`;
    await Deno.writeTextFile(report, "");
    const start = performance.now();
    const { code, output } = await runProcess([
      Deno.execPath(),
      ...["test", "--allow-all", "--no-check", "--no-lock", "--quiet"],
      ...[`--config=${this.#folder}/deno.json`, `--junit-path=${report}`],
      ...[`--filter=/${nameFilter(names).source}/`, `${this.#folder}/tests/${area}/${file}`],
    ], LIMIT_MS * names.length);
    const cases = parseJunit(await Deno.readTextFile(report));
    const passed = cases.filter(({ status }) => status === "passed").length;
    const failed = cases.filter(({ status }) => status === "failed").length;
    const isBroken = code !== 0 && failed === 0;
    return {
      names: cases.map(({ name }) => name),
      passed,
      failed,
      isBroken,
      output,
      ms: performance.now() - start,
    };
  }

  async remove(): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** The names of tests that have one of these parts, not in the middle of a word. */
export function nameFilter(parts: readonly string[]): RegExp {
  return new RegExp(`(^|[^A-Za-z0-9])(${parts.join("|")})([^A-Za-z0-9]|$)`);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
