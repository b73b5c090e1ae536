/**
 * The runtimes that are measured, and how they run a bench.
 *
 * @module
 */
import { binaryOf, nodeOf } from "../../tests/harness/run/binaries.ts";
import { runProcess } from "../../tests/harness/run/process.ts";

/** The name of a runtime. */
export type BenchRuntime = "deno" | "bun" | "node";

/** All of them, in the order of the tables. */
export const benchRuntimes: BenchRuntime[] = ["node", "deno", "bun"];

/** A runtime that is ready to run. */
export interface ReadyRuntime {
  name: BenchRuntime;
  version: string;
  /** Runs a file as anybody would. */
  plain: string[];
  /** Runs a bench: it may collect garbage, and code that waits for its turn is kept. */
  bench: string[];
}

/** Fetches a runtime if need be. */
export async function prepare(name: BenchRuntime): Promise<ReadyRuntime> {
  const v8Flags = ["--expose-gc", "--no-flush-bytecode"];
  // Where `@locus/core` and `@std/assert` are found, in the repository.
  const resolve = ["--import=./tests/harness/support/node_resolve.mjs"];
  switch (name) {
    case "deno": {
      const run = [Deno.execPath(), "run", "--allow-all", "--no-check"];
      return {
        name,
        version: Deno.version.deno,
        plain: run,
        bench: [...run, `--v8-flags=${v8Flags}`],
      };
    }
    case "bun": {
      const bun = await binaryOf("bun");
      return { name, version: await versionOf(bun), plain: [bun], bench: [bun] };
    }
    case "node": {
      const node = await nodeOf(24);
      return {
        name,
        version: await versionOf(node),
        plain: [node],
        bench: [node, ...v8Flags, ...resolve],
      };
    }
  }
}

async function versionOf(binary: string): Promise<string> {
  const { output } = await runProcess([binary, "--version"], 60_000);
  return output.trim().replace(/^v/, "");
}
