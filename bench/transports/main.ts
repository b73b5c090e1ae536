/**
 * Events a second, published and delivered by way of a server, with 1, 4 and 16 processes: ours, and the bare
 * commands of the same client as the limit.
 *
 * Every process publishes to a stream of its own and reads it, in bursts of 250, the next one sent as soon as the
 * one before the last has arrived. Each figure is the median of three rounds; all contenders take their turn before
 * the next round begins.
 *
 * Run: `deno run -A bench/transports/main.ts redis_bus redis_streams redis_pubsub graphql_redis`,
 * or `… nats_bus nats_jetstream nats_pubsub`
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const ROUNDS = 3;
const PROCESSES = [1, 4, 16];
const EVENTS = 20_000;
const program = fileURLToPath(new URL("process.ts", import.meta.url));

if (import.meta.main) {
  const names = Deno.args;
  const rates = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const processes of PROCESSES) {
      for (const name of names) {
        const rate = await measure(name, processes);
        const key = `${name} ${processes}`;
        rates.set(key, [...rates.get(key) ?? [], rate]);
        console.error(`round ${round + 1}: ${key}: ${Math.round(rate)} events/s`);
      }
    }
  }
  console.log(`| events/s | ${PROCESSES.map((count) => `${count} processes`).join(" | ")} |`);
  console.log(`|---|${"---|".repeat(PROCESSES.length)}`);
  for (const name of names) {
    const cells = PROCESSES.map((count) => median(rates.get(`${name} ${count}`)!));
    console.log(`| \`${name}\` | ${cells.map(formatRate).join(" | ")} |`);
  }
}

/** Events a second of all processes together. */
async function measure(name: string, processes: number): Promise<number> {
  const count = Math.ceil(EVENTS / processes);
  const children = Array.from({ length: processes }, () => start(name, count));
  await Promise.all(children.map((child) => child.line()));
  for (const child of children) await child.go();
  const results = await Promise.all(children.map((child) => child.line()));
  const slowest = Math.max(...results.map((line) => (JSON.parse(line) as { ms: number }).ms));
  return count * processes / slowest * 1_000;
}

function start(name: string, count: number) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", program, name, String(count)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    async line(): Promise<string> {
      while (!text.includes("\n")) {
        const { value, done } = await lines.read();
        if (done) throw new Error(`${name} ended`);
        text += value;
      }
      const line = text.slice(0, text.indexOf("\n"));
      text = text.slice(line.length + 1);
      return line;
    },
    async go() {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode("go\n"));
      await writer.close();
    },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function formatRate(rate: number): string {
  return Math.round(rate).toLocaleString("en");
}
