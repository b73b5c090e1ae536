/**
 * Runs a command to its end, or to its limit.
 *
 * @module
 */
import { root } from "./paths.ts";

/** How long a process may take. */
export interface Limits {
  /** Milliseconds from its start to its end. */
  readonly totalMs: number;
  /** Milliseconds in which it writes nothing; as long as `totalMs` if it is not given. */
  readonly silentMs?: number;
}

/** How a process ended. */
export interface Ended {
  code: number;
  /** Standard output and standard error, as they came. */
  output: string;
  /** Whether it was killed because it reached a limit. */
  killed: boolean;
}

/** Process groups that are alive, to be killed with the runner. */
const alive = new Set<number>();

/**
 * Runs a command, in the root of the repository if no other folder is given, with no input and without
 * colours.
 *
 * It is the head of a process group, which is killed as a whole: at a limit, and at its end, so
 * that nothing a test has started stays behind or keeps the pipes open.
 *
 * @param limits Milliseconds for the whole, or both limits.
 */
export async function runProcess(
  command: readonly string[],
  limits: number | Limits,
  cwd: string = root,
): Promise<Ended> {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, {
    args,
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: plainEnvironment(),
    clearEnv: true,
    detached: true,
  }).spawn();
  alive.add(child.pid);
  let killed = false;
  const kill = () => {
    killed = true;
    killGroup(child.pid);
  };
  const { totalMs, silentMs = totalMs } = typeof limits === "number" ? { totalMs: limits } : limits;
  const ending = setTimeout(kill, totalMs);
  let silence = setTimeout(kill, silentMs);
  const chunks: string[] = [];
  const heard = (text: string) => {
    chunks.push(text);
    clearTimeout(silence);
    silence = setTimeout(kill, silentMs);
  };
  const reading = Promise.all([collect(child.stdout, heard), collect(child.stderr, heard)]);
  const { code } = await child.status;
  clearTimeout(ending);
  killGroup(child.pid);
  alive.delete(child.pid);
  await reading;
  clearTimeout(silence);
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

async function collect(
  stream: ReadableStream<Uint8Array>,
  heard: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of stream) heard(decoder.decode(bytes, { stream: true }));
}

function plainEnvironment(): Record<string, string> {
  const { FORCE_COLOR: _, ...environment } = Deno.env.toObject();
  return { ...environment, NO_COLOR: "1" };
}
