/**
 * One run sent to 1, 100 and 1000 clients as Server-Sent Events: ours beside Hono's `streamSSE`, `better-sse`, and
 * writes of ready bytes as the limit.
 *
 * The server is a process of its own on Node, whoever it is; the clients are raw sockets of this process, which count
 * what arrives. An event is about 300 bytes. CPU is the server's own (`process.cpuUsage`), so that what the clients
 * cost does not count. Memory is what 1000 connections hold after a
 * collection before anything was sent, divided by them. Each figure is
 * the median of three rounds; all contenders take their turn before the next round begins.
 *
 * Run: `deno run -A bench/sse/main.ts`
 *
 * @module
 */
import { Clients } from "./clients.ts";
import { MeasuredServer } from "./measured_server.ts";

const ROUNDS = 3;
const CONTENDERS = ["locus", "hono_stream_sse", "better_sse", "raw"];
const CLIENTS = [1, 100, 1000];
/** Events that arrive in all: so many that each figure takes about a second. */
const DELIVERIES = 100_000;

const figures = new Map<string, number[]>();
for (let round = 1; round <= ROUNDS; round++) {
  for (const clients of CLIENTS) {
    for (const name of CONTENDERS) {
      const { cpuUs, bytes } = await measure(name, clients);
      note(`${name} ${clients}`, cpuUs);
      if (clients === 1000) note(`${name} idle`, bytes);
      console.error(`round ${round}: ${name}, ${clients}: ${cpuUs.toFixed(2)} µs, ${bytes} bytes`);
    }
  }
}

const columns = [...CLIENTS.map(String), "idle"];
console.log(
  "| | CPU an event, 1 client | 100 clients | 1000 clients | memory of an idle connection |",
);
console.log(`|---|${"---|".repeat(columns.length)}`);
for (const name of CONTENDERS) {
  const cells = columns.map((column) => {
    const [own, limit] = [median(`${name} ${column}`), median(`raw ${column}`)];
    const unit = column === "idle" ? `${(own / 1000).toFixed(1)} kB` : `${own.toFixed(2)} µs`;
    return `${unit} (${(own / limit).toFixed(2)}×)`;
  });
  console.log(`| \`${name}\` | ${cells.join(" | ")} |`);
}

async function measure(name: string, count: number): Promise<{ cpuUs: number; bytes: number }> {
  const server = await MeasuredServer.start(name);
  const clients = new Clients();
  try {
    const empty = await server.ask("usage");
    await clients.open(server.port, count);
    const idle = await server.ask("usage");
    const warmUp = Math.max(10, 5_000 / count);
    await server.ask(`publish ${warmUp}`);
    await clients.arrived(warmUp * count);
    const before = await server.ask("usage");
    const events = DELIVERIES / count;
    await server.ask(`publish ${events}`);
    await clients.arrived((warmUp + events) * count);
    const after = await server.ask("usage");
    return {
      cpuUs: (after.cpuUs - before.cpuUs) / DELIVERIES,
      bytes: Math.round((idle.held - empty.held) / count),
    };
  } finally {
    clients.close();
    server.stop();
  }
}

function note(key: string, figure: number): void {
  figures.set(key, [...figures.get(key) ?? [], figure]);
}

function median(key: string): number {
  const sorted = figures.get(key)!.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
