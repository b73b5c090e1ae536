/** A command of the program. */
export interface Command {
  /** Its arguments, as the help shows them: `tail <url> [run]`. */
  readonly usage: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** The text of its `--help`, below the usage. */
  readonly help: string;
  /**
   * Does it.
   *
   * @returns The exit code.
   */
  run(args: readonly string[], signal: AbortSignal): Promise<number>;
}
