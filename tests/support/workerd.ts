/**
 * Runs one test file inside workerd and writes what happened as JSON:
 * `deno run -A tests/support/workerd.ts <test file> <report>`.
 *
 * @module
 */
import { Miniflare } from "miniflare";
import type { TestCase } from "../run/report.ts";
import { workerOptions } from "./workerd_bundle.ts";

const shim = "./tests/support/workerd_test_shim.ts";

if (import.meta.main) {
  const [file, report] = Deno.args;
  if (!file || !report) throw new TypeError("Usage: workerd.ts <test file> <report>");
  const cases = await runInWorkerd(file);
  for (const { name, status, detail } of cases) {
    console.log(`${status} ${name}${detail ? `\n${detail}` : ""}`);
  }
  await Deno.writeTextFile(report, JSON.stringify(cases));
  Deno.exit(cases.some(({ status }) => status === "failed") ? 1 : 0);
}

/** Runs the tests of one file, each in a request of its own. */
export async function runInWorkerd(file: string): Promise<TestCase[]> {
  const source = `import "./${file}"; export { default } from "${shim}";`;
  const worker = new Miniflare(await workerOptions(source, { "node:test": shim }));
  try {
    const listed = await get(worker, "") as { name: string; skip: string | boolean }[];
    const cases: TestCase[] = [];
    for (const [index, { name, skip }] of listed.entries()) {
      if (skip !== false) {
        cases.push({ name, status: "skipped", detail: skip === true ? "" : skip });
        continue;
      }
      const { error } = await get(worker, String(index)) as { error: string | null };
      cases.push({ name, status: error === null ? "passed" : "failed", detail: error ?? "" });
    }
    return cases;
  } finally {
    await worker.dispose();
  }
}

/** Where workerd itself gives up on a request (a test that hangs, say), its words are the error. */
async function get(worker: Miniflare, path: string): Promise<unknown> {
  const response = await worker.dispatchFetch(`http://worker/${path}`);
  const body = await response.text();
  if (response.ok) return JSON.parse(body);
  if (path === "") throw new Error(`The test file does not load in workerd:\n${body}`);
  return { error: body };
}
