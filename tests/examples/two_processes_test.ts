import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { fromSse } from "@locus/core/sse";
import { within } from "../contract/observe.ts";
import { requires } from "../harness/support/requires.ts";
import { clean, connectNodeRedis } from "../transports/redis/clients.ts";
import { redisUrl } from "../transports/redis/server.ts";

interface Steps {
  "kitchen.step": { step: string };
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const RUNTIME = [
  process.execPath,
  ...("Deno" in globalThis ? ["run", "--quiet", "--allow-all", "--no-check"] : []),
];

test(
  "examples/09_two_processes: the server streams what the worker does",
  await requires("redis"),
  async () => {
    const url = await redisUrl();
    const prefix = `locus-test-${crypto.randomUUID().slice(0, 8)}`;
    const server = start(url, "server.ts", prefix);
    const worker: ChildProcess[] = [];
    try {
      const line = await within("the server's address", firstLine(server));
      const address = /http:\S+/.exec(line)![0];
      const response = await fetch(address);
      worker.push(start(url, "worker.ts", "lunch", prefix));
      const seen: unknown[] = [];
      const read = async () => {
        for await (const { event_type, data } of response.body!.pipeThrough(fromSse<Steps>())) {
          // The run has not begun, or goes on: that depends on who is faster.
          if (event_type === "bus.live") continue;
          seen.push(event_type === "kitchen.step" ? data.step : event_type);
        }
      };
      await within("the end of the run", read());
      assertEquals(seen, ["wash", "cut", "fry", "bus.end"]);
    } finally {
      for (const child of [server, ...worker]) await stop(child);
      const own = await connectNodeRedis(url);
      await clean(own, prefix);
      await own.close();
    }
  },
);

function start(url: string, file: string, ...args: string[]): ChildProcess {
  const [command = "", ...rest] = [...RUNTIME, `examples/09_two_processes/${file}`, ...args];
  const env = { ...process.env, LOCUS_REDIS_URL: url };
  return spawn(command, rest, { cwd: ROOT, env, stdio: ["ignore", "pipe", "inherit"] });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.stdout!.once("data", (bytes) => resolve(String(bytes))));
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}
