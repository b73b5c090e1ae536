/**
 * Locus at a prompt: draw a run while it happens, list runs, record one, show it again.
 *
 * ```sh
 * deno run -A jsr:@locus/core/cli tail http://localhost:8000/locus
 * ```
 *
 * The drawing is here for programs of your own as well: {@linkcode showRun} shows a run on standard output.
 *
 * @example Watch your own agent at work
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { showRun } from "@locus/core/cli";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { amount: 10 } });
 * bus.closeStream("r1");
 *
 * const display = showRun({ name: "r1", source: "this process" });
 * for await (const event of bus.subscribe("r1")) display.event(event);
 * display.close();
 * assertEquals(display.picture.summary.run_id, "r1");
 * ```
 *
 * @module
 */

import { existsSync, realpathSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runProgram } from "./main.ts";

export { runProgram } from "./main.ts";
export { showRun } from "./screen/show_run.ts";
export type { RunDisplay, ShowRunOptions } from "./screen/show_run.ts";
export { printFacts } from "./screen/print_facts.ts";
export type { Fact } from "./screen/facts.ts";
export { exitOnBrokenPipe } from "./screen/terminal.ts";
export type { RunPicture } from "../view/run_picture.ts";

// Node says so from 24 on.
if (import.meta.main ?? isProgram(process.argv[1])) void runProgram(process.argv.slice(2));

function isProgram(path = ""): boolean {
  return existsSync(path) && realpathSync(path) === fileURLToPath(import.meta.url);
}
