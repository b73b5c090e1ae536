/**
 * Runs one test file inside the VM of `edge-runtime` and writes what happened as JSON:
 * `deno run -A tests/harness/support/edge.ts <test file> <report>`.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import { EdgeVM } from "@edge-runtime/vm";
import { bundle } from "./bundle.ts";
import { type LoadedTests, main, testModule } from "./run_bundled.ts";

if (import.meta.main) await main(loadInEdge);

/** Loads the tests of one file into a realm of its own, without `process` and `node:` modules. */
async function loadInEdge(file: string): Promise<LoadedTests> {
  const source = `import "./${file}"; import { list, run } from "${testModule}";
    globalThis.tests = { list, run };`;
  const script = await bundle(source, {
    conditions: ["edge-light", "worker", "browser"],
    aliases: { "node:test": testModule },
    // Scripts have no `import.meta`; only tests that need a file system read it.
    define: { "import.meta.url": '"file:///bundle.js"' },
  });
  // Hosts of this runtime (Next, Vercel) add the first; tests use the second to be called from outside.
  const added = { AsyncLocalStorage, MessageChannel };
  const vm = new EdgeVM({ extend: (globals) => Object.assign(globals, added) });
  // The VM adds a listener of its own to the process for each of a test's.
  process.setMaxListeners(0);
  // A script is not strict, and has no top-level await; the bundle exports nothing.
  await vm.evaluate(`(async () => { "use strict"; ${script}\n})()`);
  const call = async (what: string) => await vm.evaluate(`tests.${what}`);
  return {
    list: () => call("list()"),
    run: (index) => call(`run(${index})`),
    close: () => Promise.resolve(),
  };
}
