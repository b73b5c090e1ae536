/**
 * The NATS that tests talk to: that of the machine, or one of a test's own.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { canConnect } from "../../harness/support/can_connect.ts";
import { until } from "../../harness/support/until.ts";
import { freePort } from "../../harness/support/free_port.ts";

/** A server of a test's own. */
export interface OwnNats {
  readonly port: number;
  /** For clients that speak NATS over a WebSocket. */
  readonly webSocketUrl: string;
  readonly url: string;
  /** Stops it, the hard way, and starts it again on the same port. */
  restart(options?: { isEmpty?: boolean }): Promise<void>;
  /** Stops it, and starts it again when something is done, perhaps with what it has written. */
  away(act: (data: string) => void): Promise<void>;
  /** Stops it, and removes what it has written. */
  stop(): Promise<void>;
}

/** Where the server for all tests is: `LOCUS_NATS_URL`, or this machine's, or one that is started now. */
export async function natsUrl(): Promise<string> {
  const given = process.env["LOCUS_NATS_URL"];
  if (given) return given;
  if (await canConnect(4222)) return "nats://127.0.0.1:4222";
  return (await (shared ??= startNats())).url;
}

// Ends with this process.
let shared: Promise<OwnNats> | null = null;

/** How a server is started. */
export interface NatsServerOptions {
  /** Whether it has JetStream. @default {true} */
  readonly jetStream?: boolean;
  /** Whether it is started again when it crashes: 2.9 does so when it is asked for what was just deleted. @default {false} */
  readonly isSupervised?: boolean;
  /** More of its configuration. */
  readonly config?: string;
}

/** Starts a server on a free port. */
export async function startNats(
  { jetStream = true, isSupervised = false, config: more = "" }: NatsServerOptions = {},
): Promise<OwnNats> {
  const [port, webSocketPort] = [await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), "locus-nats-"));
  const config = join(folder, "nats.conf");
  const data = join(folder, "data");
  writeFileSync(
    config,
    `listen: "127.0.0.1:${port}"
${jetStream ? `jetstream { store_dir: "${data}" }` : ""}
${more}
websocket { listen: "127.0.0.1:${webSocketPort}", no_tls: true }
`,
  );
  const ports = [port, webSocketPort];
  // Null while none shall be there.
  let child: ChildProcess | null = null;
  // One thing after the other: a crash may come at any time.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (act: () => Promise<unknown>) => last = last.then(act, act);
  const begin = async () => {
    const own = child = await start(ports, config);
    if (!isSupervised) return;
    own.once("exit", () => inTurn(async () => child === own && await begin()).catch(() => {}));
  };
  const end = async () => {
    const own = child;
    child = null;
    if (own !== null) await kill(own);
  };
  await begin();
  const away = (act: () => void) =>
    inTurn(async () => {
      await end();
      act();
      await begin();
    });
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    webSocketUrl: `ws://127.0.0.1:${webSocketPort}`,
    async restart({ isEmpty = false } = {}) {
      await away(() => isEmpty && rmSync(data, { recursive: true, force: true }));
    },
    async away(act) {
      await away(() => act(data));
    },
    async stop() {
      await inTurn(end);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function start(ports: readonly number[], config: string): Promise<ChildProcess> {
  const child = spawn("nats-server", ["-c", config], { stdio: "ignore", env: serverEnv() });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  for (const port of ports) {
    await until(`NATS listens on ${port}`, () => canConnect(port), 10_000);
  }
  return child;
}

// Debian puts it where users do not look.
function serverEnv(): Record<string, string | undefined> {
  return { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}
