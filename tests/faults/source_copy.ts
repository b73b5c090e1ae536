/**
 * A copy of the sources and of the tests of the bus, in which mistakes can be made.
 *
 * @module
 */
import { root } from "../run/paths.ts";
import { runProcess } from "../run/process.ts";
import { parseJunit } from "../run/report.ts";
import type { Fault } from "./faults.ts";

/** What came of running tests in a copy. */
export interface TestRun {
  readonly passed: number;
  readonly failed: number;
  /** Whether it ended badly without a failed test. */
  readonly isBroken: boolean;
  readonly output: string;
  readonly ms: number;
}

const LIMIT_MS = 120_000;

/** A folder of its own with everything that the tests of the bus need. */
export class SourceCopy {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of the original of a file of `src/core`. */
  static original(file: string): string {
    return `${root}src/core/${file}`;
  }

  static async create(): Promise<SourceCopy> {
    const folder = await Deno.makeTempDir({ prefix: "faults-" });
    for (const path of ["src", "tests/core", "tests/support"]) {
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
  async with<T>({ file, find, replace }: Fault, body: () => Promise<T>): Promise<T> {
    const path = `${this.#folder}/src/core/${file}`;
    const source = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, source.replace(find, () => replace));
    try {
      return await body();
    } finally {
      await Deno.writeTextFile(path, source);
    }
  }

  /** Runs the tests of a file whose names contain `test`. */
  async test(file: string, test: string): Promise<TestRun> {
    const report = `${this.#folder}/report.xml`;
    await Deno.writeTextFile(report, "");
    const start = performance.now();
    const { code, output } = await runProcess([
      Deno.execPath(),
      ...["test", "--allow-all", "--no-check", "--no-lock", "--quiet"],
      ...[`--config=${this.#folder}/deno.json`, `--junit-path=${report}`],
      ...[
        `--filter=/(^|[^A-Za-z0-9])${test}([^A-Za-z0-9]|$)/`,
        `${this.#folder}/tests/core/${file}`,
      ],
    ], LIMIT_MS);
    const statuses = parseJunit(await Deno.readTextFile(report)).map(({ status }) => status);
    const passed = statuses.filter((status) => status === "passed").length;
    const failed = statuses.filter((status) => status === "failed").length;
    const isBroken = code !== 0 && failed === 0;
    return { passed, failed, isBroken, output, ms: performance.now() - start };
  }

  async remove(): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
