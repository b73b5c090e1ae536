/**
 * The arguments of `deno task test`.
 *
 * @module
 */
import { type RuntimeName, runtimeNames } from "./runtimes.ts";

/** What to run, and how. */
export interface Options {
  /** Parts of paths; a file is run if it contains one of them. None: every file. */
  filters: string[];
  runtimes: RuntimeName[];
  /** Milliseconds for one test; six times as many for a file. */
  limitMs: number;
}

/** The text of `--help`. */
export const usage =
  `deno task test [part of a path…] [--runtime ${runtimeNames.join()}] [--limit seconds]

Runs every tests/**/*_test.ts on Deno, Bun and Node 24, and tests/runtime on Node 22 and inside workerd,
an edge runtime and Chromium as well. A machine without Chromium skips that part.`;

/** An argument that the test command does not understand. */
export class OptionError extends TypeError {}

/**
 * Reads the arguments.
 *
 * @throws {OptionError} If one is unknown or has a bad value.
 */
export function parseOptions(args: readonly string[]): Options {
  const options: Options = { filters: [], runtimes: runtimeNames, limitMs: 90_000 };
  const rest = args.filter((arg) => arg !== "--");
  while (rest.length > 0) {
    const [name = "", inline] = rest.shift()?.split(/=(.*)/s) ?? [];
    if (!name.startsWith("-")) {
      options.filters.push(name);
      continue;
    }
    const value = inline ?? rest.shift() ?? "";
    if (name === "--runtime") options.runtimes = value.split(",").map(runtimeName);
    else if (name === "--limit") options.limitMs = seconds(value) * 1000;
    else throw new OptionError(`${name} is no option of the test command:\n${usage}`);
  }
  return options;
}

function runtimeName(text: string): RuntimeName {
  const name = runtimeNames.find((known) => known === text);
  if (name) return name;
  throw new OptionError(`--runtime must be some of ${runtimeNames.join(",")}, not "${text}"`);
}

function seconds(text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new OptionError(`--limit must be a number of seconds above 0, not "${text}"`);
}
