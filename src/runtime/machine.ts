import { builtinModule } from "./builtin_module.ts";

/**
 * Names the time since this machine was started: the same in all processes until it goes down. Undefined if this runtime
 * cannot say, or may not.
 */
export function bootName(): string | undefined {
  try {
    const fs = builtinModule<{ readFileSync(path: string, encoding: "utf8"): string }>("node:fs");
    if (mayAsk({ name: "read", path: BOOT_ID })) return fs?.readFileSync(BOOT_ID, "utf8").trim();
  } catch {
    // Only Linux has that file.
  }
  return bootMinute();
}

const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/** Whether two names of {@linkcode bootName} stand for one start. */
export function isSameBoot(one: string, other: string): boolean {
  const [a, b] = [one, other].map((name) => /^minute (\d+)$/.exec(name)?.[1]);
  // Clocks are set while machines run.
  return a && b ? Math.abs(Number(a) - Number(b)) <= 2 : one === other;
}

/** Names this process among all that share files with it: `4711@web-1`. Undefined if this runtime cannot say, or may not. */
export function processName(): string | undefined {
  try {
    if (!mayAsk({ name: "sys", kind: "hostname" })) return undefined;
    const host = builtinModule<{ hostname(): string }>("node:os")?.hostname();
    return host && processOf()?.pid ? `${processOf()!.pid}@${host}` : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process of such a name is there; undefined if that cannot be told, as of one on another host. */
export function isProcessThere(name: string): boolean | undefined {
  const [, pid, host] = /^(\d+)@(.+)$/.exec(name) ?? [];
  if (pid === undefined || processName()?.endsWith(`@${host}`) !== true) return undefined;
  try {
    if (!mayAsk({ name: "run" })) return undefined;
    // It only asks.
    processOf()!.kill!(Number(pid), 0);
    return true;
  } catch (error) {
    const { code } = Object(error);
    return code === "ESRCH" ? false : code === "EPERM" ? true : undefined;
  }
}

function processOf(): { pid?: number; kill?(pid: number, signal: 0): unknown } | undefined {
  return (globalThis as { process?: { pid?: number; kill?(pid: number, signal: 0): unknown } })
    .process;
}

/** Calls `run` when the process ends, where that can be heard; takes it away again. */
export function onExit(run: () => void): () => void {
  const { process } = globalThis as {
    process?: Partial<Record<"on" | "off", (event: "exit", run: () => void) => unknown>>;
  };
  process?.on?.("exit", run);
  return () => void process?.off?.("exit", run);
}

function bootMinute(): string | undefined {
  try {
    if (!mayAsk({ name: "sys", kind: "osUptime" })) return undefined;
    const uptime = builtinModule<{ uptime(): number }>("node:os")?.uptime();
    return uptime && `minute ${Math.round((Date.now() / 1_000 - uptime) / 60)}` || undefined;
  } catch {
    return undefined;
  }
}

/** Deno stops at a terminal, and asks the user, unless it is asked this way. */
function mayAsk(what: object): boolean {
  const { Deno } = globalThis as {
    Deno?: { permissions?: { querySync?(what: object): { state: string } } };
  };
  return (Deno?.permissions?.querySync?.(what).state ?? "granted") === "granted";
}
