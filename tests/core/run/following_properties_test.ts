/** Nobody can tell whether what a function returned is followed. */
import { test } from "node:test";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { properties } from "./following/properties.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const COMMAND: readonly string[] = "Deno" in globalThis
  ? ["run", "--quiet", "--allow-all", "--no-check"]
  : "Bun" in globalThis
  ? []
  : ["--import=./tests/harness/support/node_resolve.mjs"];

for (const [kind, checks] of Object.entries(properties)) {
  let results: Promise<Record<string, string | null>> | undefined;
  for (const name of Object.keys(checks)) {
    test(name, async () => {
      results ??= check(kind);
      assertEquals((await results)[name], null);
    });
  }
}

function check(kind: string): Promise<Record<string, string | null>> {
  const args = [...COMMAND, "tests/core/run/following/process.ts", kind];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: ROOT, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout));
      else reject(new Error(stderr));
    });
  });
}
