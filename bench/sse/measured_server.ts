/** A server in a process of its own, as the one who measures sees it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { binaryOf } from "../../tests/harness/run/binaries.ts";

/** What the server's process has used. */
export interface Usage {
  readonly cpuUs: number;
  readonly rss: number;
  readonly held: number;
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

  static async start(contender: string): Promise<MeasuredServer> {
    const root = fileURLToPath(new URL("../../", import.meta.url));
    const resolve = "--import=./tests/harness/support/node_resolve.mjs";
    const args = ["--expose-gc", resolve, "bench/sse/server.ts", contender];
    const child = spawn(await binaryOf("node"), args, { cwd: root });
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
