/**
 * Processes that share a bus, and what they wrote down.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { within } from "../contract/observe.ts";
import { until } from "../harness/support/until.ts";
import type { Line } from "./lines.ts";
import type { Role } from "./roles.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** How a program is started on this runtime. */
export const RUNTIME: readonly string[] = [
  process.execPath,
  ...("Deno" in globalThis ? ["run", "--quiet", "--allow-all", "--no-check"] : []),
  ...("Deno" in globalThis || "Bun" in globalThis
    ? []
    : ["--import=./tests/harness/support/node_resolve.mjs"]),
];

/** A process that plays a role. */
export class RoleProcess {
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #ended: Promise<void>;
  #errors = "";

  constructor(program: string, settings: object, role: Role) {
    this.#log = role.log;
    const [command = "", ...args] = [...RUNTIME, program, JSON.stringify({ ...settings, role })];
    this.#child = spawn(command, args, { cwd: ROOT, stdio: ["pipe", "ignore", "pipe"] });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => this.#errors += text);
    this.#child.stdin!.on("error", () => {});
    this.#ended = new Promise((resolve) => this.#child.once("exit", () => resolve()));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** What it wrote down so far; a line that it was killed over is none. */
  lines(): Line[] {
    if (!existsSync(this.#log)) return [];
    const whole = readFileSync(this.#log, "utf8").split("\n").slice(0, -1);
    return whole.map((line) => JSON.parse(line) as Line);
  }

  /** Waits until it has written down so many lines more than now. */
  async wrote(count: number): Promise<void> {
    const before = this.lines().length;
    await until(`${count} lines more in ${this.#log}`, () => {
      if (this.#errors.includes("rror")) throw new Error(this.#errors);
      return this.lines().length >= before + count;
    }, 25_000);
  }

  /** Waits until it has written down such a line. */
  async wroteSuch(what: string, isSuch: (line: Line) => boolean): Promise<void> {
    await until(`${what} in ${this.#log}`, () => this.lines().some(isSuch), 25_000);
  }

  /** Tells a publisher to stop, and waits for it, or for a reader. */
  async end(): Promise<void> {
    this.#child.stdin!.end();
    await within(`the end of the process that writes ${this.#log}`, this.#ended, 20_000);
    if (this.#errors.includes("rror")) throw new Error(this.#errors);
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    process.kill(this.#child.pid!, "SIGKILL");
    await this.#ended;
  }
}

/** Starts processes of one kind, and gives them files to write into. */
export class Processes {
  readonly #program: string;
  readonly #settings: object;
  readonly #folder = mkdtempSync(join(tmpdir(), "locus-processes-"));
  readonly #started: RoleProcess[] = [];

  /** @param program The file that makes a bus of the settings and plays the role that it is given with them. */
  constructor(program: string, settings: object) {
    this.#program = program;
    this.#settings = settings;
  }

  /** Starts one, with settings of its own where they differ. */
  start(role: Omit<Role, "log">, settings: object = {}): RoleProcess {
    const log = join(this.#folder, `${this.#started.length}-${role.name}.ndjson`);
    const all = { ...this.#settings, ...settings };
    const started = new RoleProcess(this.#program, all, { ...role, log });
    this.#started.push(started);
    return started;
  }

  /** Ends those that are left, and removes the files. */
  async stop(): Promise<void> {
    for (const started of this.#started) await started.kill().catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
