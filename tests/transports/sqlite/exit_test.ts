/** How a process ends that has published, and closes nothing. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { count, readTo, within } from "../../contract/observe.ts";
import { summarize } from "../../harness/support/read.ts";
import { RUNTIME } from "../processes.ts";
import { makeFolder } from "./folder.ts";

for (
  const [how, what] of [["exit", "calls process.exit()"], ["end", "comes to its end"]] as const
) {
  test(`sqliteBus() stores what a process has published that ${what} in the same turn`, async () => {
    const folder = makeFolder();
    const program = fileURLToPath(new URL("exit_child.ts", import.meta.url));
    const [command = "", ...args] = [...RUNTIME, program, folder.file, how];
    const child = spawn(command, args, {
      cwd: fileURLToPath(new URL("../../../", import.meta.url)),
      stdio: ["ignore", "ignore", "inherit"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    assertEquals(await within("its end", ended, 30_000), 0);
    await using bus = sqliteBus({ path: folder.file });
    assertEquals(summarize(await readTo(bus.subscribe("r"), 1_000)), count(1, 1_000));
    await bus.close();
    folder.remove();
  });
}
