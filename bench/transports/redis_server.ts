/**
 * What a Redis server spends on an event, as its own counters say, and what it keeps of a run. It starts a server of its own
 * (`redis-server`), so that nobody else's commands count.
 *
 * 50 runs get an event each at a time, in one pipeline: what several processes or a busy one send. `PING` and two bare
 * commands say what the server takes at least. All take their turns; the least of the rounds counts, the others were
 * disturbed.
 *
 * Run: `deno run -A bench/transports/redis_server.ts`
 *
 * @module
 */
import { createClient } from "redis";
import { connectionOf } from "../../src/transports/redis/connection.ts";
import { RedisStore } from "../../src/transports/redis/redis_store.ts";
import { startRedis } from "../../tests/transports/redis/server.ts";
import { TEXT } from "./contender.ts";

const ROUNDS = 7;
const EVENTS = 20_000;
const RUNS = 50;
const KEPT_RUNS = 2_000;
const CPU = ["used_cpu_user_main_thread", "used_cpu_sys_main_thread"];
const MEMORY = ["used_memory"];

if (import.meta.main) {
  const server = await startRedis();
  const client = createClient({ url: server.url });
  await client.connect();
  const send = (...args: string[]) => client.sendCommand(args);
  const store = new RedisStore(connectionOf("bench", client), {
    prefix: "locus-bench",
    historyPerRun: 500,
    maxPageEvents: 1_000,
    maxRunsRetained: 1_000_000,
    maxNotices: 1_000,
    maxEventBytes: 64 * 1024,
    maxBytes: 16 * 1024 * 1024,
    retentionMs: 24 * 60 * 60 * 1_000,
    heartbeatMs: 10_000,
  });
  let seq = 0;
  const event = {
    type: "bench.tick",
    time: Date.now(),
    data: JSON.stringify({ n: 1, text: TEXT }),
  };
  const append = (runId: string, count: number) =>
    store.append(runId, {
      producer: { id: "bench", epoch: 0, seq: ++seq },
      lost: 0,
      events: Array.from({ length: count }, () => event),
    });
  const ways: Record<string, (run: number) => Promise<unknown>> = {
    "an event": (run) => append(`r${run}`, 1),
    "an event of a batch of 10": (run) => append(`b${run}`, 10),
    "bare: XADD, PUBLISH": (run) =>
      Promise.all([
        send("XADD", `x:${run}`, "MAXLEN", "~", "500", "*", "e", event.data),
        send("PUBLISH", `n:${run}`, "1"),
      ]),
    "bare: PING": () => send("PING"),
  };
  const batch = 10;
  const least: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, act] of Object.entries(ways)) {
      const events = name.includes("batch") ? EVENTS / batch : EVENTS;
      const before = await info(send, "cpu", CPU);
      for (let i = 0; i < events; i += RUNS) {
        await Promise.all(Array.from({ length: RUNS }, (_, run) => act(run)));
      }
      const micros = (await info(send, "cpu", CPU) - before) * 1e6 / EVENTS;
      least[name] = Math.min(least[name] ?? Infinity, micros);
    }
  }
  for (const [name, micros] of Object.entries(least)) {
    console.log(`${name}: ${micros.toFixed(2)} µs of the server's CPU`);
  }
  for (const events of [1, 10, 20]) {
    const before = await info(send, "memory", MEMORY);
    for (let run = 0; run < KEPT_RUNS; run++) await append(`m${events}-${run}`, events);
    const bytes = (await info(send, "memory", MEMORY) - before) / KEPT_RUNS;
    const written = events * `${event.type} ${event.time} ${event.data}`.length;
    console.log(
      `a run of ${events}: ${Math.round(bytes)} bytes kept, of which ${written} were written`,
    );
  }
  client.destroy();
  await server.stop();
}

/** The sum of some figures of the server. */
async function info(
  send: (...args: string[]) => Promise<unknown>,
  section: string,
  names: readonly string[],
): Promise<number> {
  const lines = String(await send("INFO", section)).split("\r\n").map((line) => line.split(":"));
  return lines.filter(([name]) => names.includes(name!))
    .reduce((sum, [, value]) => sum + Number(value), 0);
}
