/**
 * One process of a measurement: sends bursts on a stream of its own, and receives them. Says `ready`, waits for a
 * line, and then writes how long it took, as JSON.
 */
import process from "node:process";
import type { Open } from "./contender.ts";

const BURST = 250;
const [name = "", countText = ""] = process.argv.slice(2);
const count = Number(countText);
const { open }: { open: Open } = await import(`./contenders/${name}.ts`);

let received = 0;
let wake = () => {};
const contender = await open(`bench-${crypto.randomUUID()}`, (n) => {
  if (n !== received + 1) throw new Error(`Expected event ${received + 1}, got ${n}`);
  received = n;
  wake();
});

await send(1, 5 * BURST); // to be warm
console.log("ready");
await new Promise((resolve) => process.stdin.once("data", resolve));
const start = performance.now();
await send(5 * BURST + 1, 5 * BURST + count);
console.log(JSON.stringify({ ms: performance.now() - start }));
await contender.close();
process.exit(0);

/** Sends, one burst ahead of what has arrived, until all has. */
async function send(first: number, last: number): Promise<void> {
  for (let from = first; from <= last; from += BURST) {
    await contender.publish(from, Math.min(from + BURST - 1, last));
    await arrived(from - 1);
  }
  await arrived(last);
}

async function arrived(n: number): Promise<void> {
  while (received < n) await new Promise<void>((resolve) => wake = resolve);
}
