/**
 * The cases, and how one of them is run.
 *
 * @module
 */
import { type CaseResult, readResult } from "../support/case.ts";
import { runProcess } from "../../tests/harness/run/process.ts";
import { measureImport } from "./import_time.ts";
import type { ReadyRuntime } from "./runtimes.ts";
import { measureSize } from "./size.ts";

/** All cases, in the order of the tables. Most are a file of that name in `bench/`. */
export const caseNames = [
  "publish",
  "stored",
  "stored_reading",
  "iterate",
  "batches",
  "handlers",
  "replay",
  "emit_off",
  "emit_off_cold",
  "stalled_readers",
  "retained_runs",
  "agent_loop",
  "graph",
  "pipeline",
  "a2a_send",
  "retrieval",
  "chunking",
  "first_token",
  "content",
  "bridges",
  "viewers",
  "token_to_screen",
  "import_time",
  "size",
] as const;

/** The name of a case. */
export type CaseName = typeof caseNames[number];

/** A case that did not come to a result, with what it wrote. */
export class CaseError extends Error {}

/** Cases of a server on the runtime, which Deno asks. */
const ofServers: readonly CaseName[] = ["viewers", "token_to_screen"];

/** Whether a case is run on a runtime: the size of a bundle depends on none. */
export function takes({ name }: ReadyRuntime, caseName: CaseName): boolean {
  if (caseName === "token_to_screen") return name === "node";
  return caseName !== "size" || name === "deno";
}

/** How a case is run. */
export interface CaseOptions {
  /** Only proves that it works. @default {false} */
  quick?: boolean;
  /** Further arguments of the bench, such as `--rounds=5`. */
  args?: readonly string[];
  /** The folder of the sources and benches. @default {root} */
  cwd?: string;
}

/**
 * Runs a case, in a process of its own.
 *
 * @throws {CaseError} If it fails, hangs, or ends without a result.
 */
export async function runCase(
  runtime: ReadyRuntime,
  name: CaseName,
  { quick = false, args = [], cwd }: CaseOptions = {},
): Promise<CaseResult> {
  if (name === "import_time") return await measureImport(runtime, quick);
  if (name === "size") return await measureSize();
  const command = [
    ...(ofServers.includes(name) ? clientsCommand : runtime.bench),
    `bench/${name}.ts`,
    ...(ofServers.includes(name) ? [`--server=${runtime.name}`] : []),
    "--json",
    ...(quick ? ["--quick"] : []),
    ...args,
  ];
  const { code, output, killed } = await runProcess(command, LIMIT_MS, cwd);
  const result = readResult(output);
  // A loop that waits for an event that never comes ends some runtimes without an error.
  if (code === 0 && result !== undefined) return result;
  const how = killed ? `was killed after ${LIMIT_MS / 1000} s` : `ended with code ${code}`;
  throw new CaseError(`${name} on ${runtime.name} ${how}, and has no result:\n${output}`);
}

const clientsCommand = [Deno.execPath(), "run", "--allow-all", "--no-check"];
const LIMIT_MS = 300_000;
