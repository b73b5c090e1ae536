/**
 * Runs sent to clients as Server-Sent Events: ours beside Hono's `streamSSE`, `better-sse`, and writes of ready bytes.
 *
 * The server is a process of its own; the clients are raw sockets of this process, which count what arrives. An event is
 * about 300 bytes. CPU is the server's own, so that what the clients cost does not count, and everything is warmed up
 * first. All contenders take their turn before the next round begins; figures are medians over the rounds. Compare
 * figures of one call only.
 *
 * Run: `deno run -A bench/sse/main.ts [--runtime node|deno|bun] [--rounds 3] [--only "one 1000"] [contender…]`.
 * A contender `locus@../other` is the one of another checkout that has this bench, for a comparison with an earlier commit.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { benchRuntimes } from "../run/runtimes.ts";
import { Clients } from "./clients.ts";
import { MeasuredServer } from "./measured_server.ts";

/** Who reads what: clients, over so many runs. */
const SCENES = [
  { name: "one 1", clients: 1, runs: 1, bursts: [1, 10, 20] },
  { name: "one 100", clients: 100, runs: 1, bursts: [1, 10, 20] },
  { name: "one 1000", clients: 1_000, runs: 1, bursts: [1, 10, 20] },
  // All runs get their events in turn.
  { name: "own 1000", clients: 1_000, runs: 1_000, bursts: [20, 1_000] },
];
/** Events that arrive in all, for each figure. */
const DELIVERIES = 100_000;
const FIRST_BYTES = 200;

const { values, positionals } = parseArgs({
  options: {
    runtime: { type: "string", default: "node" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
  },
  allowPositionals: true,
});
const runtime = benchRuntimes.find((name) => name === values.runtime);
if (runtime === undefined) throw new TypeError(`--runtime must be one of ${benchRuntimes}`);
const names = positionals.length > 0
  ? positionals
  : runtime === "node"
  ? ["raw_batch", "raw", "locus", "better_sse", "better_push", "hono_stream_sse", "enqueue"]
  : ["enqueue", "locus", "hono_stream_sse"];

const figures = new Map<string, number[]>();
for (const scene of SCENES.filter(({ name }) => name.startsWith(values.only))) {
  const columns = new Set<string>();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const name of names) {
      for (const [column, figure] of Object.entries(await measure(name, scene))) {
        const key = `${scene.name}, ${name}: ${column}`;
        figures.set(key, [...figures.get(key) ?? [], figure]);
        columns.add(column);
      }
    }
  }
  printTable(scene.name, [...columns]);
}

/** Everything that is measured of one server. */
async function measure(
  name: string,
  { clients: count, runs, bursts }: typeof SCENES[number],
): Promise<Record<string, number>> {
  const server = await MeasuredServer.start(name, { runs, runtime });
  const clients = new Clients(runs);
  const result: Record<string, number> = {};
  let sent = 0;
  const publish = async (amount: number, burst: number) => {
    await server.ask(`publish ${amount} ${burst}`);
    await clients.arrived(sent += amount * count / runs);
  };
  try {
    const empty = await server.ask("idle");
    const waits: number[] = [];
    const one = Math.min(FIRST_BYTES, count);
    while (waits.length < one) waits.push(await clients.timeToFirstByte(server.port));
    const before = await server.ask("usage");
    await clients.open(server.port, count - one);
    const after = await server.ask("usage");
    const idle = await server.ask("idle");
    if (count > one) {
      result["first byte, ms"] = middle(waits);
      result["opening, µs"] = (after.cpuUs - before.cpuUs) / (count - one);
      result["held, kB"] = (idle.held - empty.held) / count / 1000;
      result["resident, kB"] = (idle.rss - empty.rss) / count / 1000;
    }
    for (const burst of bursts) {
      const amount = toMultiple(DELIVERIES * runs / count, Math.max(burst, runs));
      await publish(toMultiple(amount / 5, Math.max(burst, runs)), burst);
      const before = await server.ask("usage");
      await publish(amount, burst);
      const after = await server.ask("usage");
      result[`${burst} a turn, µs`] = (after.cpuUs - before.cpuUs) / (amount * count / runs);
    }
    return result;
  } finally {
    clients.close();
    server.stop();
  }
}

function toMultiple(amount: number, unit: number): number {
  return Math.max(1, Math.ceil(amount / unit)) * unit;
}

/** Each figure, and beside it how many times that of the first contender it is. */
function printTable(scene: string, columns: readonly string[]): void {
  console.log(`\n| ${scene} | ${columns.join(" | ")} |\n|---|${"---|".repeat(columns.length)}`);
  for (const name of names) {
    const cells = columns.map((column) => {
      const [own, first] = [name, names[0]].map((name) =>
        middle(figures.get(`${scene}, ${name}: ${column}`)!)
      );
      return `${own!.toFixed(2)} (${(own! / first!).toFixed(2)}×)`;
    });
    console.log(`| \`${name}\` | ${cells.join(" | ")} |`);
  }
}

function middle(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)]!;
}
