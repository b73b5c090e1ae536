/**
 * Runs a command to its end, or to its limit.
 *
 * @module
 */
import { root } from "./paths.ts";

/** How a process ended. */
export interface Ended {
  code: number;
  /** Standard output and standard error, as they came. */
  output: string;
  /** Whether it was killed because it reached the limit. */
  killed: boolean;
}

/** Process groups that are alive, to be killed with the runner. */
const alive = new Set<number>();

/**
 * Runs a command in the root of the repository, with no input and without colours.
 *
 * It is the head of a process group, which is killed as a whole: at the limit, and at its end, so
 * that nothing a test has started stays behind or keeps the pipes open.
 */
export async function runProcess(command: string[], limitMs: number): Promise<Ended> {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, {
    args,
    cwd: root,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: plainEnvironment(),
    clearEnv: true,
    detached: true,
  }).spawn();
  alive.add(child.pid);
  const chunks: string[] = [];
  const reading = Promise.all([collect(child.stdout, chunks), collect(child.stderr, chunks)]);
  let killed = false;
  const timer = setTimeout(() => {
    killed = true;
    killGroup(child.pid);
  }, limitMs);
  const { code } = await child.status;
  clearTimeout(timer);
  killGroup(child.pid);
  alive.delete(child.pid);
  await reading;
  return { code, output: chunks.join(""), killed };
}

/** Ends with the runner what the runner has started: groups of their own get no Ctrl-C. */
export function killOnInterrupt(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    if (Deno.build.os === "windows" && signal === "SIGTERM") continue;
    Deno.addSignalListener(signal, () => {
      for (const pid of alive) killGroup(pid);
      Deno.exit(130);
    });
  }
}

function killGroup(pid: number): void {
  try {
    Deno.kill(Deno.build.os === "windows" ? pid : -pid, "SIGKILL");
  } catch {
    // It is gone already, as it should be.
  }
}

async function collect(stream: ReadableStream<Uint8Array>, chunks: string[]): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of stream) chunks.push(decoder.decode(bytes, { stream: true }));
}

function plainEnvironment(): Record<string, string> {
  const { FORCE_COLOR: _, ...environment } = Deno.env.toObject();
  return { ...environment, NO_COLOR: "1" };
}
