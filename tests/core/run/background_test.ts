import { test } from "node:test";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const COMMAND: readonly string[] = "Deno" in globalThis
  ? ["run", "--quiet", "--allow-all", "--no-check"]
  : "Bun" in globalThis
  ? []
  : ["--import=./tests/harness/support/node_resolve.mjs"];

test("B5: an error in a run that was started in the background ends no process", async () => {
  const args = [...COMMAND, "tests/core/run/background_process.ts"];
  const { code, stdout, stderr } = await new Promise<Record<string, unknown>>((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
  assertEquals([code, stderr], [0, ""]);
  const ends = JSON.parse(String(stdout)) as string[];
  // Each was completed once; those whose work itself went well are none the worse for what failed beside it.
  const failing = Array(6 * 4).fill("error");
  const sound = Array(3 * 4).fill("ok");
  assertEquals(ends, [...failing, ...sound, "error", "error"]);
});
