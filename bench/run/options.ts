/**
 * The arguments of `deno task bench`.
 *
 * @module
 */
import { type BenchRuntime, benchRuntimes } from "./runtimes.ts";

/** What to measure, and how. */
export interface Options {
  /** Parts of names of cases; one is run if it contains one of them. None: all. */
  filters: string[];
  runtimes: BenchRuntime[];
  /** How often each case is run, in a process of its own each time. */
  runs: number;
  /** Only prove that everything works. */
  quick: boolean;
  /** Write bench/RESULTS.md: the cases that it needs, made short. */
  write: boolean;
  /** No case begins after that. */
  limitMs: number;
}

/** The text of `--help`. */
export const usage =
  `deno task bench [part of a case's name…] [--runtime deno,bun,node] [--runs 1] [--quick] [--write]

Measures the bus beside its peers on Deno, Bun and Node 24, and compares with the goals.
  --quick   only proves that every case works; the figures mean nothing
  --write   what bench/RESULTS.md needs, three times and made short, written there with pictures: \`deno task bench:results\`
  --minutes with --write: no case begins later, and the page says how many runs there were (10)`;

/** An argument that the bench command does not understand. */
export class OptionError extends TypeError {}

/**
 * Reads the arguments.
 *
 * @throws {OptionError} If one is unknown, has a bad value, or does not go with another.
 */
export function parseOptions(args: readonly string[]): Options {
  const filters: string[] = [];
  let runtimes: BenchRuntime[] = benchRuntimes;
  let runs: number | undefined;
  let quick = false;
  let write = false;
  let minutes: number | undefined;
  const rest = args.filter((arg) => arg !== "--");
  while (rest.length > 0) {
    const [name = "", inline] = rest.shift()?.split(/=(.*)/s) ?? [];
    if (name === "--quick") quick = true;
    else if (name === "--write") write = true;
    else if (name === "--runs") runs = positiveInteger(name, inline ?? rest.shift() ?? "");
    else if (name === "--minutes") minutes = positiveInteger(name, inline ?? rest.shift() ?? "");
    else if (name === "--runtime") runtimes = runtimeNames(inline ?? rest.shift() ?? "");
    else if (!name.startsWith("-")) filters.push(name);
    else throw new OptionError(`${name} is no option of the bench command:\n${usage}`);
  }
  if (write && (quick || filters.length > 0 || runtimes.length < benchRuntimes.length)) {
    throw new OptionError("--write takes all cases on all runtimes, and not --quick");
  }
  if (minutes !== undefined && !write) throw new OptionError("--minutes goes with --write");
  const limitMs = write ? (minutes ?? 10) * 60_000 : Infinity;
  return { filters, runtimes, runs: runs ?? (write ? 3 : 1), quick, write, limitMs };
}

/** The runtimes of a list such as `deno,bun`. */
export function runtimeNames(list: string): BenchRuntime[] {
  return list.split(",").map((text) => {
    const name = benchRuntimes.find((known) => known === text);
    if (name) return name;
    throw new OptionError(`--runtime must be some of ${benchRuntimes.join(",")}, not "${text}"`);
  });
}

/** The value of an option that counts something. */
export function positiveInteger(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new OptionError(`${name} must be a whole number above 0, not "${text}"`);
}
