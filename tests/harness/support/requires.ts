/**
 * What a test may need from the machine, and how it says so.
 *
 * A test that needs something names it, and is skipped with the reason where it is missing:
 *
 * ```ts
 * test("RedisBus.publish() assigns the sequence", await requires("redis"), async () => {
 * ```
 *
 * The reporters of Deno and Bun drop the reason of a skip, so it is also written as a line to
 * standard error, which the runner (`tests/run.ts`) matches with the test by file and line.
 * With `CI=true` a missing thing that CI must have is an error, so nothing is skipped by accident.
 *
 * Test files that are bundled (for workerd, edge runtimes and Chromium) import this as well: what only some runtimes
 * have is asked for inside the functions that need it.
 *
 * @module
 */
import { hasAsyncContext } from "../../../src/runtime/async_context.ts";
import { canConnect } from "./can_connect.ts";
import { chromiumPath } from "./chromium_path.ts";
import { firefoxPath } from "./firefox_path.ts";

/** Options for `test()` of `node:test`: run the test, or skip it for this reason. */
export interface SkipOptions {
  skip: string | false;
}

interface Need {
  /** The reason to skip, or null when the need is met. */
  missing(): string | null | Promise<string | null>;
  /** Whether CI must meet it. A runtime is no such need: every file runs on every runtime. */
  inCi: boolean;
}

const needs = {
  redis: {
    inCi: true,
    missing: () => serverOf("Redis", "LOCUS_REDIS_URL", 6379, "redis-server"),
  },
  "redis-server": { inCi: true, missing: () => isInstalled("redis-server") },
  nats: { inCi: true, missing: () => serverOf("NATS", "LOCUS_NATS_URL", 4222, "nats-server") },
  "nats-server": { inCi: true, missing: () => isInstalled("nats-server") },
  chromium: {
    inCi: true,
    missing: async () => await exists(chromiumPath()) ? null : `there is no ${chromiumPath()}`,
  },
  firefox: {
    inCi: true,
    missing: async () => await exists(firefoxPath()) ? null : `there is no ${firefoxPath()}`,
  },
  shared: {
    inCi: true,
    missing: async () =>
      await exists(sharedFolder()) ? null : "there is no ../shared beside the repository",
  },
  "async-context": {
    inCi: false,
    missing: () => hasAsyncContext() ? null : "this runtime carries no context through awaits",
  },
  // For what is the same whatever serves it, such as the look of a page: asked once.
  "one-runtime": {
    inCi: false,
    missing: () => "Deno" in globalThis ? null : "it is the same whatever serves it; Deno asks",
  },
  deno: { inCi: false, missing: () => "Deno" in globalThis ? null : "it is about Deno" },
  bun: { inCi: false, missing: () => "Bun" in globalThis ? null : "it is about Bun" },
  node: {
    inCi: false,
    missing: () => "Deno" in globalThis || "Bun" in globalThis ? "it is about Node" : null,
  },
} as const satisfies Record<string, Need>;

/** The name of something a test may need. */
export type Requirement = keyof typeof needs;

/**
 * Options that run a test only where the machine has everything that is named.
 *
 * @throws {Error} If something is missing that CI has, and this is CI (`CI=true`).
 */
export async function requires(...names: Requirement[]): Promise<SkipOptions> {
  const caller = callerOf(new Error());
  for (const name of names) {
    const reason = await needs[name].missing();
    if (reason === null) continue;
    if (needs[name].inCi && isCi()) {
      throw new Error(`requires("${name}"): CI must have it, but ${reason}`);
    }
    return skipBecause(reason, caller);
  }
  return { skip: false };
}

/** The folder beside the repository that holds recordings and specifications. */
export function sharedFolder(): URL {
  return new URL("../../../../shared/", import.meta.url);
}

/** Options that skip a test when `condition` holds, for a reason no {@linkcode requires} knows. */
export function skipWhen(condition: boolean, reason: string): SkipOptions {
  return condition ? skipBecause(reason, callerOf(new Error())) : { skip: false };
}

function skipBecause(reason: string, caller: string): SkipOptions {
  console.error(`skip ${caller}: ${reason}`);
  return { skip: reason };
}

function isCi(): boolean {
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  return process?.env["CI"] === "true";
}

async function exists(path: string | URL): Promise<boolean> {
  const { existsSync } = await import("node:fs");
  return existsSync(path);
}

/** Debian puts servers where users do not look. */
async function isInstalled(name: string): Promise<string | null> {
  const { env } = (globalThis as { process?: { env: Record<string, string | undefined> } })
    .process!;
  for (const folder of [...(env["PATH"] ?? "").split(":"), "/usr/sbin"]) {
    if (await exists(`${folder}/${name}`)) return null;
  }
  return `${name} is not installed`;
}

/** A server that listens, or can be started. */
async function serverOf(
  service: string,
  variable: string,
  port: number,
  program: string,
): Promise<string | null> {
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  if (process?.env[variable] || await canConnect(port)) return null;
  if (await isInstalled(program) === null) return null;
  return `${service} does not listen on 127.0.0.1:${port}, ${variable} is not set, and there is no ${program}`;
}

/** `<file>:<line>` of the first frame outside this file. */
function callerOf(error: Error): string {
  for (const frame of error.stack?.split("\n").slice(1) ?? []) {
    const place = /(?:file:\/\/)?([^\s(]+):(\d+):\d+\)?$/.exec(frame);
    if (place && !place[1]?.endsWith("/support/requires.ts")) return `${place[1]}:${place[2]}`;
  }
  return "unknown:0";
}
