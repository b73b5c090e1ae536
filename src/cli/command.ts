/** An option of a command. */
export interface Option {
  /** What it does, for the help. */
  readonly about: string;
  /** What its value is: `n`, `name=value`. A switch has none. */
  readonly value?: string;
  /** What its value may be, where that is known beforehand. */
  readonly choices?: readonly string[];
}

/** What was given to a command. */
export interface Given {
  readonly words: readonly string[];
  /** The switches that are on. */
  readonly flags: ReadonlySet<string>;
  /** The values of each option, in the order in which they were given. */
  readonly values: Readonly<Record<string, readonly string[] | undefined>>;
}

/** A command of the program: one table for what it takes, its help, and the completion of shells. */
export interface Command {
  /** Its arguments, as the help shows them: `tail <url> [run]`. */
  readonly usage: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** More of it, for its `--help`: before its options, and after them. */
  readonly about: readonly [before: string, after?: string];
  /** How many words it takes at least and at most. */
  readonly words: readonly [min: number, max: number];
  /** What its first word may be, where that is known beforehand. */
  readonly choices?: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  /**
   * Does it.
   *
   * @returns The exit code.
   */
  run(given: Given, signal: AbortSignal): Promise<number>;
}

/** The text of a command's `--help`. */
export function helpOf({ usage, summary, about: [before, after], options }: Command): string {
  const lines = Object.entries(options).map(([name, { about }]) =>
    `  ${`--${name}`.padEnd(LABEL)}${about.replaceAll("\n", `\n  ${" ".repeat(LABEL)}`)}`
  );
  return [`locus ${usage}`, `${summary}.`, before, lines.join("\n"), after]
    .filter(Boolean).join("\n\n") + "\n";
}

/** `--header`, for all commands that ask a server. */
export const HEADER: Option = {
  about: "sent with every request; may be given several times",
  value: "Name: value",
};

const LABEL = 12;
