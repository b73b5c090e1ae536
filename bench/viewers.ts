/**
 * What a server pays for 1000 viewers: CPU an event and viewer, and memory of an idle one.
 *
 * Method: that of `bench/sse`, whose servers and clients these are, made short. The server is a process of its own, on the
 * runtime that is named; 1000 raw sockets of this process read. All read one run, whose events come one or ten in a
 * turn of the event loop, or each has a run of its own. `µs` is the server's CPU an event and viewer, after a third as many
 * events that only warm up; `bytes` is what an idle viewer holds of the heap and of buffers, after collections. Median of
 * the rounds, the contenders in turns, in changing order. Every viewer has to get every event.
 *
 * Run alone: `deno run -A bench/viewers.ts [--server=node|deno|bun]`
 */
import process from "node:process";
import { Clients } from "./sse/clients.ts";
import { MeasuredServer } from "./sse/measured_server.ts";
import { type BenchRuntime, benchRuntimes } from "./run/runtimes.ts";
import { type Row, runCase } from "./support/case.ts";
import { alternate, median } from "./support/rounds.ts";

const runtime = serverOf(process.argv);
const contenders = runtime === "node"
  ? ["locus", "raw_batch", "better_sse", "hono_stream_sse"]
  : ["locus", "enqueue", "hono_stream_sse"];
const scenes = [
  { setting: "one run, one at a time", isShared: true, burst: 1 },
  { setting: "one run, ten at a time", isShared: true, burst: 10 },
  { setting: "a run each", isShared: false, burst: 20 },
];

await runCase(`1000 viewers, served by ${runtime}: CPU and memory`, async (effort) => {
  const viewers = effort.quick ? 20 : 1000;
  // Each takes seconds, so a round here is worth several of those that take a tenth.
  const rounds = Math.ceil(effort.rounds / 5);
  const subjects = contenders.filter(effort.takesSubject);
  const rows: Row[] = [];
  for (const scene of scenes.filter(({ setting }) => effort.takesSetting(setting))) {
    const samples = new Map(subjects.map((subject) => [subject, [] as Sample[]]));
    for (let round = 0; round < rounds; round++) {
      for (const subject of alternate(subjects, round)) {
        samples.get(subject)!.push(await measure(subject, viewers, scene));
      }
    }
    for (const [subject, own] of samples) {
      const [µs, bytes] = [median(own.map(({ us }) => us)), median(own.map(({ held }) => held))];
      rows.push({ subject, setting: scene.setting, figures: { µs, bytes } });
    }
  }
  return rows;
});

/** What one server took. */
interface Sample {
  us: number;
  held: number;
}

async function measure(
  subject: string,
  viewers: number,
  { isShared, burst }: typeof scenes[number],
): Promise<Sample> {
  const runs = isShared ? 1 : viewers;
  const server = await MeasuredServer.start(subject, { runs, runtime });
  const clients = new Clients(runs);
  let sent = 0;
  /** So many to each viewer. */
  const publish = async (events: number) => {
    await server.ask(`publish ${events * runs} ${burst}`);
    await clients.arrived(sent += events * viewers);
  };
  try {
    const empty = await server.ask("idle");
    await clients.open(server.port, viewers);
    const idle = await server.ask("idle");
    await publish(20);
    const before = await server.ask("usage");
    await publish(60);
    const after = await server.ask("usage");
    return {
      us: (after.cpuUs - before.cpuUs) / (60 * viewers),
      held: (idle.held - empty.held) / viewers,
    };
  } finally {
    clients.close();
    server.stop();
  }
}

function serverOf(args: readonly string[]): BenchRuntime {
  const given = args.find((arg) => arg.startsWith("--server="))?.split("=")[1] ?? "node";
  const found = benchRuntimes.find((name) => name === given);
  if (found) return found;
  throw new TypeError(`--server must be one of ${benchRuntimes.join(", ")}, not "${given}"`);
}
