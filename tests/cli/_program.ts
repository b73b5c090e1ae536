import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { EventBus, runContext } from "@locus/core";
import { locus, type LocusOptions } from "@locus/core/hono";
import { serve, type TestServer } from "../harness/support/serve.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The command that runs the program on this runtime. */
export const PROGRAM: readonly string[] = [
  process.execPath,
  ...("Deno" in globalThis ? ["run", "--quiet", "--allow-all", "--no-check"] : []),
  ...("Deno" in globalThis || "Bun" in globalThis
    ? []
    : ["--import=./tests/harness/support/node_resolve.mjs"]),
  "src/cli/mod.ts",
];

/** How a program ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A program that is running. */
export class Program {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  out = "";
  err = "";

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [command = "", ...rest] = args;
    const { NO_COLOR: _, FORCE_COLOR: __, ...own } = process.env;
    this.child = spawn(command, rest, { cwd: ROOT, env: { ...own, ...env } });
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => this.out += text);
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => this.err += text);
    this.ended = new Promise((resolve) => {
      this.child.once("close", (code) => resolve({ code, out: this.out, err: this.err }));
    });
  }

  /** Ctrl-C. Not with the child's own `kill()`: after that, Deno reports no exit code. */
  interrupt(): void {
    process.kill(this.child.pid!, "SIGINT");
  }
}

/** Starts the program. */
export function start(...args: string[]): Program {
  return new Program([...PROGRAM, ...args]);
}

/** Runs the program to its end. */
export function run(...args: string[]): Promise<Ended> {
  return start(...args).ended;
}

/** Calls `fn` with a server of the bus. */
export async function withServer(
  fn: (server: TestServer, bus: EventBus) => Promise<void>,
  { bus = new EventBus(), ...options }: LocusOptions & { bus?: EventBus } = {},
): Promise<void> {
  const server = await serve(locus({ bus, local: true, ...options }));
  try {
    await fn(server, bus);
  } finally {
    await server.close();
  }
}

/** Calls `fn` with the path of a file that does not exist yet. */
export async function withFile(fn: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "locus-cli-"));
  try {
    await fn(join(folder, "run.ndjson"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Publishes a small run: a turn, a tool, an answer. */
export function publishRun(bus: EventBus, runId: string, reason = "complete"): void {
  const run = runContext({ runId, bus }, (run) => run);
  const say = (text: string, tools: number, iteration: number) => {
    run.emit("agent.model.chunk", { content_preview: text, done: true, has_tool_calls: tools > 0 });
    run.emit("agent.model.completed", {
      content_preview: text,
      tool_call_count: tools,
      stop_reason: null,
    });
    run.emit("agent.think", {
      iteration,
      reasoning_preview: text,
      has_tool_calls: tools > 0,
      tool_call_count: tools,
    });
  };
  say("I look.", 1, 0);
  run.emit("agent.tool.started", { tool_name: "search", span_id: "t1", arg_keys: ["path"] });
  run.emit("agent.tool.completed", {
    tool_name: "search",
    span_id: "t1",
    success: true,
    duration_ms: 0,
    output_preview: "22 lines",
    error: null,
  });
  say("There are 22.", 0, 1);
  run.emit("agent.terminate", {
    reason,
    iterations_used: 2,
    final_confidence: 0,
    total_tool_calls: 1,
    final_message_preview: "There are 22.",
  });
}
