/**
 * The Redis that tests talk to: that of the machine, or one of a test's own.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { canConnect } from "../../harness/support/can_connect.ts";
import { until } from "../../harness/support/until.ts";
import { freePort } from "../../harness/support/free_port.ts";

/** A server of a test's own. */
export interface OwnRedis {
  readonly port: number;
  readonly url: string;
  /** Stops it, the hard way, and starts it again on the same port. */
  restart(): Promise<void>;
  /** Stops it, and removes what it has written. */
  stop(): Promise<void>;
}

/** Where the server for all tests is: `LOCUS_REDIS_URL`, or this machine's, or one that is started now. */
export async function redisUrl(): Promise<string> {
  const given = process.env["LOCUS_REDIS_URL"];
  if (given) return given;
  if (await canConnect(6379)) return "redis://127.0.0.1:6379";
  return (await (shared ??= startRedis())).url;
}

// Ends with this process.
let shared: Promise<OwnRedis> | null = null;

/** How a server is started. */
export interface RedisServerOptions {
  /** Whether what it has stored survives a restart. */
  readonly persists?: boolean;
  /** Further settings, as on the command line. */
  readonly args?: readonly string[];
}

/** Starts a server on a free port. */
export async function startRedis(options: RedisServerOptions = {}): Promise<OwnRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "locus-redis-"));
  let child = await start(port, folder, options);
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async restart() {
      await kill(child);
      child = await start(port, folder, options);
    },
    async stop() {
      await kill(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function start(
  port: number,
  folder: string,
  { persists = false, args = [] }: RedisServerOptions,
): Promise<ChildProcess> {
  const child = spawn("redis-server", [
    ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""],
    ...["--appendonly", persists ? "yes" : "no", "--appendfsync", "always"],
    ...args,
  ], { stdio: "ignore" });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  await until(`Redis answers on ${port}`, () => answers(port), 10_000);
  return child;
}

/** Whether it has loaded what it had stored. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port }, () => socket.write("PING\r\n"));
    const close = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.on("data", (bytes) => close(/^\+PONG|^-NOAUTH/.test(bytes.toString())));
    socket.on("error", () => close(false));
  });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}
