/**
 * Runs one test file inside workerd and writes what happened as JSON:
 * `deno run -A tests/harness/support/workerd.ts <test file> <report>`.
 *
 * @module
 */
import { Miniflare } from "miniflare";
import type { Registered } from "./registered_tests.ts";
import { type LoadedTests, main, testModule } from "./run_bundled.ts";
import { workerOptions } from "./workerd_bundle.ts";

if (import.meta.main) await main(loadInWorkerd);

/** Starts a worker with the tests of one file. */
async function loadInWorkerd(file: string): Promise<LoadedTests> {
  const source =
    `import "./${file}"; export { default } from "./tests/harness/support/workerd_worker.ts";`;
  const worker = new Miniflare(await workerOptions(source, { "node:test": testModule }));
  return {
    async list() {
      const response = await worker.dispatchFetch("http://worker/");
      const body = await response.text();
      if (response.ok) return JSON.parse(body) as Registered[];
      throw new Error(`The test file does not load in workerd:\n${body}`);
    },
    async run(index) {
      const response = await worker.dispatchFetch(`http://worker/${index}`);
      const body = await response.text();
      // Where workerd itself gives up on a request (a test that hangs, say), its words are the error.
      return response.ok ? JSON.parse(body) as string | null : body;
    },
    close: () => worker.dispose(),
  };
}
