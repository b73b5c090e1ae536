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
 * @module
 */
import { existsSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";

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

/** The folder beside the repository that holds recordings and specifications. */
export const sharedFolder: URL = new URL("../../../shared/", import.meta.url);

const needs = {
  redis: { inCi: true, missing: () => listens("Redis", 6379) },
  nats: { inCi: true, missing: () => listens("NATS", 4222) },
  // CI installs it in `.ci/run`, from the day that a test names it.
  chromium: {
    inCi: true,
    missing: () => existsSync("/usr/bin/chromium") ? null : "there is no /usr/bin/chromium",
  },
  shared: {
    inCi: true,
    missing: () => existsSync(sharedFolder) ? null : "there is no ../shared beside the repository",
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
    if (needs[name].inCi && process.env["CI"] === "true") {
      throw new Error(`requires("${name}"): CI must have it, but ${reason}`);
    }
    return skipBecause(reason, caller);
  }
  return { skip: false };
}

/** Options that skip a test when `condition` holds, for a reason no {@linkcode requires} knows. */
export function skipWhen(condition: boolean, reason: string): SkipOptions {
  return condition ? skipBecause(reason, callerOf(new Error())) : { skip: false };
}

function skipBecause(reason: string, caller: string): SkipOptions {
  console.error(`skip ${caller}: ${reason}`);
  return { skip: reason };
}

function listens(service: string, port: number): Promise<string | null> {
  const absent = `${service} does not listen on 127.0.0.1:${port}`;
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 500 });
    const settle = (reason: string | null) => {
      socket.destroy();
      resolve(reason);
    };
    socket.once("connect", () => settle(null));
    socket.once("error", () => settle(absent));
    socket.once("timeout", () => settle(absent));
  });
}

/** `<file>:<line>` of the first frame outside this file. */
function callerOf(error: Error): string {
  for (const frame of error.stack?.split("\n").slice(1) ?? []) {
    const place = /(?:file:\/\/)?([^\s(]+):(\d+):\d+\)?$/.exec(frame);
    if (place && !place[1]?.endsWith("/support/requires.ts")) return `${place[1]}:${place[2]}`;
  }
  return "unknown:0";
}
