/** A server in a process of its own, as the one who measures sees it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type BenchRuntime, prepare } from "../run/runtimes.ts";

/** What the server's process has used. */
export interface Usage {
  readonly cpuUs: number;
  readonly rss: number;
  readonly held: number;
}

/** Which server, and where. */
export interface ServerOptions {
  readonly runs?: number;
  readonly runtime?: BenchRuntime;
}

export class MeasuredServer {
  readonly port: number;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  private constructor(
    child: ChildProcessWithoutNullStreams,
    lines: AsyncIterator<string>,
    port: number,
  ) {
    this.#child = child;
    this.#lines = lines;
    this.port = port;
  }

  /** @param contender Its name; `locus@../other` is the one of another checkout that has this bench. */
  static async start(
    contender: string,
    { runs = 1, runtime = "node" }: ServerOptions = {},
  ): Promise<MeasuredServer> {
    const [name = "", folder] = contender.split("@");
    const { bench: [command = "", ...flags] } = await prepare(runtime);
    const child = spawn(command, [...flags, "bench/sse/server.ts", name, String(runs)], {
      cwd: folder ?? fileURLToPath(new URL("../../", import.meta.url)),
    });
    child.stderr.on("data", (text) => console.error(String(text)));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { port } = await nextAnswer(lines) as { port: number };
    return new MeasuredServer(child, lines, port);
  }

  /** Sends a command, and waits until it is done. */
  async ask(command: string): Promise<Usage> {
    this.#child.stdin.write(`${command}\n`);
    return await nextAnswer(this.#lines) as Usage;
  }

  stop(): void {
    this.#child.kill();
  }
}

/** Libraries print what they think of clients that leave: that is no answer. */
async function nextAnswer(lines: AsyncIterator<string>): Promise<object> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error("the server has ended");
    if (value.startsWith("{")) return JSON.parse(value);
  }
}
