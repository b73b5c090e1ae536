/**
 * The arguments of `deno task bench:compare`.
 *
 * @module
 */
import { type BenchRuntime, benchRuntimes } from "../run/runtimes.ts";
import { OptionError, positiveInteger, runtimeNames } from "../run/options.ts";

export { OptionError };

/** What to compare, and how long. */
export interface CompareOptions {
  /** Undefined if it is the parent of what is checked out. */
  before: string | undefined;
  /** Null for the working tree. */
  after: string | null;
  /** Compare with the parent, briefly; say so and end well where there is none. */
  parent: boolean;
  rounds: number;
  /** No bench begins after that. */
  limitMs: number;
  runtimes: BenchRuntime[];
  /** Parts of names of benches; none: all. */
  filters: string[];
}

/** The text of `--help`. */
export const usage =
  `deno task bench:compare A [B] [--rounds 5] [--runtime deno,bun,node] [--only name,…]
deno task bench:compare --parent

Runs a short list of benches on two commits in turn, and prints how B's figures relate to A's. Without B: the working tree.
  --parent   what is checked out beside its parent commit, on Deno, within a minute`;

/**
 * Reads the arguments.
 *
 * @throws {OptionError} If one is unknown, missing, or has a bad value.
 */
export function parseOptions(args: readonly string[]): CompareOptions {
  const commits: string[] = [];
  let parent = false;
  let rounds: number | undefined;
  let runtimes: BenchRuntime[] | undefined;
  let filters: string[] = [];
  const rest = args.filter((arg) => arg !== "--");
  while (rest.length > 0) {
    const [name = "", inline] = rest.shift()?.split(/=(.*)/s) ?? [];
    const value = () => inline ?? rest.shift() ?? "";
    if (name === "--parent") parent = true;
    else if (name === "--rounds") rounds = positiveInteger(name, value());
    else if (name === "--runtime") runtimes = runtimeNames(value());
    else if (name === "--only") filters = value().split(",");
    else if (!name.startsWith("-")) commits.push(name);
    else throw new OptionError(`${name} is not an option:\n${usage}`);
  }
  if (parent ? commits.length > 0 : commits.length < 1 || commits.length > 2) {
    throw new OptionError(
      `The command takes one or two commits, or --parent; ${commits.length} were given:\n${usage}`,
    );
  }
  const [before, after = null] = commits;
  return {
    before,
    after,
    parent,
    rounds: rounds ?? (parent ? 3 : 5),
    limitMs: parent ? 45_000 : Infinity,
    runtimes: runtimes ?? (parent ? ["deno"] : benchRuntimes),
    filters,
  };
}
