/** Several processes, and one that is killed in the middle of a step. */

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { until } from "../harness/support/until.ts";
import { RUNTIME } from "../transports/processes.ts";
import { ENDED, NODES, paying, type Settings, THREADS, threadsIn, wide } from "./_process.ts";

/** A folder, the processes that work in it, and what they wrote down. */
async function inFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "locus-graph-"));
  try {
    await fn(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function linesOf(folder: string): string[] {
  const log = join(folder, "log");
  return existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : [];
}

function start(settings: Settings) {
  const program = fileURLToPath(new URL("_process.ts", import.meta.url));
  const [command = "", ...args] = [...RUNTIME, program, JSON.stringify(settings)];
  const cwd = fileURLToPath(new URL("../../", import.meta.url));
  const child = spawn(command, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors += text);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { ended, pid: child.pid!, errors: () => errors };
}

test(`of ${NODES} nodes in a step, those that have ended do not run again when the process is killed`, () =>
  inFolder(async (folder) => {
    const place = { folder, kind: "files" as const };
    const child = start({ ...place, role: "step" });
    const store = join(folder, "store");
    await until(`results of ${ENDED} nodes; ${child.errors()}`, () => {
      const parts = existsSync(store) ? readdirSync(store).filter((key) => /g-p-/.test(key)) : [];
      const ended = parts.flatMap((key) =>
        Object.keys(JSON.parse(readFileSync(join(store, key), "utf8")) as object)
      );
      return ended.length === ENDED && linesOf(folder).length === NODES;
    }, 25_000);
    process.kill(child.pid, "SIGKILL");
    await child.ended;
    const { state } = await wide(folder, false).recover({
      threadId: "t",
      checkpointer: threadsIn(place),
    });
    const names = Array.from({ length: NODES }, (_, i) => `n${i}`);
    assertEquals(state.log, names);
    assertEquals(linesOf(folder), [...names, ...names.slice(ENDED)]);
  }));

for (const kind of ["files", "claims", "sqlite"] as const) {
  test(`four processes answer ${THREADS} threads in ${kind}: each is gone on with once`, () =>
    inFolder(async (folder) => {
      const checkpointer = threadsIn({ folder, kind });
      for (let i = 0; i < THREADS; i++) {
        await paying(folder).execute({}, { threadId: `t${i}`, checkpointer });
      }
      const role = "answer" as const;
      const all = Array.from({ length: 4 }, () => start({ folder, kind, role }));
      for (const { ended, errors } of all) assertEquals([await ended, errors()], [0, ""]);
      const effects = linesOf(folder);
      assertEquals([effects.length, new Set(effects).size], [THREADS, THREADS]);
      for (let i = 0; i < THREADS; i++) {
        const t = { checkpointer: threadsIn({ folder, kind }) };
        const { value: head } = await paying(folder).history(`t${i}`, t).next();
        assertEquals([head?.kind, head?.state.log], ["end", ["yes"]]);
      }
    }));
}
