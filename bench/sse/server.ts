/**
 * The server's process: takes a contender and a number of runs as arguments, then commands, one a line, and answers each
 * with a line of JSON.
 *
 * - `publish 2000 10 5000`: sends so many events, so many a turn of the event loop, and at most so many a second.
 * - `usage`: CPU so far in microseconds.
 * - `idle`: the same after a collection, with the memory that is held.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import { contenders } from "./contenders.ts";

const [name = "", runs = "1"] = process.argv.slice(2);
const start = contenders[name];
if (start === undefined) throw new Error(`there is no contender ${name}`);
const { port, publish } = await start(Number(runs));
let published = 0;
answer({ port });

for await (const line of createInterface({ input: process.stdin })) {
  const [command, amount = "0", burst = "10", perSecond = "0"] = line.split(" ");
  if (command === "publish") await publishMany(Number(amount), Number(burst), Number(perSecond));
  if (command === "idle") await collect();
  answer(usage());
}
process.exit(0);

/** @param perSecond How many a second; 0 for as many as possible. */
async function publishMany(amount: number, burst: number, perSecond: number): Promise<void> {
  const startedAt = performance.now();
  for (let n = 1; n <= amount; n++) {
    publish(++published);
    if (n % burst !== 0) continue;
    await turn();
    const aheadMs = perSecond === 0 ? 0 : n / perSecond * 1000 - (performance.now() - startedAt);
    if (aheadMs > 0) await delay(aheadMs);
  }
}

function usage() {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuUs: user + system, rss, held: heapUsed + external };
}

/** What `--expose-gc` gives, or Bun. Several times, because what finalizers give back is collected the next time. */
async function collect(): Promise<void> {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } };
  for (let n = 0; n < 4; n++) {
    if (Bun === undefined) gc?.();
    else Bun.gc(true);
    await turn();
  }
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
