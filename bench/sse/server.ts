/**
 * The server's process: takes commands, one a line, and answers each with a line of JSON.
 *
 * - `publish 2000`: sends so many events, 10 a turn of the event loop.
 * - `usage`: CPU so far in microseconds, and memory after a collection.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { setImmediate as turn } from "node:timers/promises";
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

async function publishMany(amount: number, perSecond: number): Promise<void> {
  const startedAt = performance.now();
  for (let n = 0; n < amount; n++) {
    publish(++published);
    if (n % 10 !== 9) continue;
    do await turn(); while (
      perSecond > 0 && (performance.now() - startedAt) * perSecond < n * 1000
    );
  }
}

function usage() {
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuUs: user + system, rss, held: heapUsed + external };
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
