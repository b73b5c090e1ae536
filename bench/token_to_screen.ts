/**
 * How long a token takes from the agent to a viewer's process, while others watch the same run.
 *
 * Method: the servers of `bench/sse`, each a process of its own on Node, publish 20 tokens a second, one at a time, to 1, 100
 * and 1000 viewers. Ten of them write down when each token came; the event carries when it was published. Clocks are those
 * of one machine. `ms` is the median, `p99 ms` the 99th percentile over these viewers and all tokens but the first
 * second's. The viewers share one process, so a part of the time with 1000 is theirs: compare, and do not take it for
 * what one server can do.
 *
 * Run alone: `deno run -A bench/token_to_screen.ts`
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { connect } from "node:net";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { prepare } from "./run/runtimes.ts";
import { Clients } from "./sse/clients.ts";
import { contenders } from "./sse/contenders.ts";
import { runOf } from "./sse/event.ts";
import { type Row, runCase, verify } from "./support/case.ts";
import { median, percentile } from "./support/rounds.ts";

const SUBJECTS = ["locus", "raw", "better_sse", "hono_stream_sse"];
const VIEWERS = [1, 100, 1000];
const WATCHED = 10;
const PER_SECOND = 20;

const serving = process.argv.find((arg) => arg.startsWith("--serve="))?.split("=")[1];
if (serving !== undefined) await publishTokens(serving);
else await runCase("from token to screen, 20 tokens a second, on Node: ms", measureAll);

async function measureAll(
  { quick, rounds, takesSubject }: Parameters<Parameters<typeof runCase>[1]>[0],
): Promise<Row[]> {
  const rows: Row[] = [];
  const tokens = quick ? 5 : PER_SECOND * Math.min(5, rounds);
  for (const viewers of quick ? [2] : VIEWERS) {
    for (const subject of SUBJECTS.filter(takesSubject)) {
      const times = await measure(subject, viewers, tokens, quick ? 1 : PER_SECOND);
      const figures = { ms: median(times), "p99 ms": percentile(times, 99) };
      rows.push({ subject, setting: `${viewers} viewers`, figures });
    }
  }
  return rows;
}

async function measure(
  subject: string,
  viewers: number,
  tokens: number,
  warmUp: number,
): Promise<number[]> {
  const { bench: [command = "", ...flags] } = await prepare("node");
  const file = fileURLToPath(import.meta.url);
  const server = spawn(command, [...flags, file, `--serve=${subject}`], {
    cwd: fileURLToPath(new URL("../", import.meta.url)),
  });
  server.stderr.resume();
  const others = new Clients();
  const watched: Watcher[] = [];
  try {
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    const port = Number((await lines.next()).value);
    const count = Math.min(WATCHED, viewers);
    await others.open(port, viewers - count);
    for (let i = 0; i < count; i++) watched.push(await watch(port, tokens + warmUp));
    server.stdin.write(`${tokens + warmUp}\n`);
    await Promise.all(watched.map(({ done }) => done));
  } finally {
    for (const { close } of watched) close();
    others.close();
    server.kill();
  }
  const times = watched.flatMap(({ times }) => times.slice(warmUp));
  verify(times.length === watched.length * tokens, () => `${subject} lost tokens`);
  return times;
}

/** A viewer that knows how old each token is when it comes. */
interface Watcher {
  times: number[];
  /** Resolves when all tokens have come. */
  done: Promise<void>;
  close(): void;
}

async function watch(port: number, tokens: number): Promise<Watcher> {
  const times: number[] = [];
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("utf8");
  let rest = "";
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(`${times.length} of ${tokens} tokens came`)));
  const opened = new Promise((resolve) => socket.once("data", resolve));
  socket.on("data", (text: string) => {
    const now = microseconds();
    rest += text;
    for (const [whole, published] of rest.matchAll(/"n":(\d{12,}),.*?\n/gs)) {
      times.push((now - Number(published)) / 1000);
      rest = rest.slice(rest.indexOf(whole) + whole.length);
    }
    if (times.length >= tokens) resolve();
  });
  socket.write(`GET /runs/${runOf(0, 1)}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await opened;
  // Leaving early is not a failure.
  done.catch(() => {});
  return { times, done, close: () => void socket.destroy() };
}

/** The server's process: says its port, then is told how many tokens to publish. */
async function publishTokens(subject: string): Promise<void> {
  const { port, publish } = await contenders[subject]!(1);
  console.log(port);
  for await (const line of createInterface({ input: process.stdin })) {
    for (let i = 0; i < Number(line); i++) {
      publish(microseconds());
      await delay(1000 / PER_SECOND);
    }
  }
}

/** Since 1970, by a clock that all processes of a machine share. */
function microseconds(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}
