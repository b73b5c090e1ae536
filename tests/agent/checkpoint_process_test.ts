import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const COMMAND: readonly string[] = "Deno" in globalThis
  ? ["run", "--allow-all", "--no-check"]
  : "Bun" in globalThis
  ? []
  : ["--import=./tests/harness/support/node_resolve.mjs"];

/** Has a process of its own do something; null if it did not live to tell. */
function inProcess(
  base: string,
  what: string,
  text: string,
  /** By how many seconds its clock is later. */
  later = 0,
): Promise<Record<string, unknown> | null> {
  const args = [...COMMAND, "tests/agent/checkpoint_process.ts", base, what, text, `${later}`];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: ROOT }, (error, stdout, stderr) => {
      if (stdout !== "") resolve(JSON.parse(stdout));
      else if (error?.killed === false && error.signal === "SIGKILL") resolve(null);
      else reject(new Error(stderr));
    });
  });
}

async function withFolder(body: (base: string) => Promise<void>): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), "locus-threads-"));
  try {
    await body(base);
  } finally {
    await rm(base, { recursive: true });
  }
}

test("A question that one process asks is answered in another one, once", async () => {
  await withFolder(async (base) => {
    const asked = await inProcess(base, "run", "approve");
    assertEquals([asked?.stop_reason, asked?.message], ["interrupted", "ok?"]);

    assertEquals(await inProcess(base, "answer", "yes"), {
      outline: ["tool_complete c1", "model_complete", "think", "terminate"],
      message: "read 4 messages",
      stop_reason: "complete",
      failure: null,
    });
    const late = await inProcess(base, "answer", "no");
    assertEquals(late?.outline, []);
    assertMatch(String(late?.failure), /the thread "a\/b:c" does not wait for an answer/);
  });
});

test("A question that a process was killed over while it took it is answered by the next one, 30 seconds later", async () => {
  await withFolder(async (base) => {
    await inProcess(base, "run", "approve");
    assertEquals(await inProcess(base, "answer, and die", "yes"), null);

    const soon = await inProcess(base, "answer", "yes", 15);
    assertMatch(String(soon?.failure), /others try the same/);
    const next = await inProcess(base, "answer", "yes", 31);
    assertEquals([next?.stop_reason, next?.message], ["complete", "read 4 messages"]);
    const late = await inProcess(base, "answer", "no", 62);
    assertMatch(String(late?.failure), /does not wait for an answer/);
  });
});

test("What was saved before a process was killed is there for the next one", async () => {
  await withFolder(async (base) => {
    assertEquals(await inProcess(base, "crash", "work"), null);
    const next = await inProcess(base, "run", "and now?");
    // The system's, the user's, the call, its result, and the new prompt.
    assertEquals([next?.stop_reason, next?.message], ["complete", "read 5 messages"]);
  });
});
