/**
 * The server's process: takes commands, one a line, and answers each with a line of JSON.
 *
 * - `publish 2000 5000`: sends so many events, 10 a turn of the event loop, and at most so many a second.
 * - `usage`: CPU so far in microseconds, and memory after a collection.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import { contenders } from "./contenders.ts";

const name = process.argv[2] ?? "";
const start = contenders[name];
if (start === undefined) throw new Error(`there is no contender ${name}`);
const { port, publish } = await start();
let published = 0;
answer({ port });

for await (const line of createInterface({ input: process.stdin })) {
  const [command, amount = "0", perSecond = "0"] = line.split(" ");
  if (command === "publish") await publishMany(Number(amount), Number(perSecond));
  answer(usage());
}
process.exit(0);

/** @param perSecond How many a second; 0 for as many as possible. */
async function publishMany(amount: number, perSecond: number): Promise<void> {
  const startedAt = performance.now();
  for (let n = 0; n < amount; n++) {
    publish(++published);
    if (n % 10 !== 9) continue;
    await turn();
    const aheadMs = perSecond === 0 ? 0 : n / perSecond * 1000 - (performance.now() - startedAt);
    if (aheadMs > 0) await delay(aheadMs);
  }
}

function usage() {
  const { user, system } = process.cpuUsage();
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuUs: user + system, rss, held: heapUsed + external };
}

/** What `--expose-gc` gives. */
function collect(): void {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
