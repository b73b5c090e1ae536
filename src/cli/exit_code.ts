/** How the program ends. */
export const EXIT = {
  /** What was asked for is done. */
  done: 0,
  /** A server or a file stood in the way. */
  failed: 1,
  /** The arguments make no sense. */
  usage: 2,
  /** The run that was followed failed. */
  runFailed: 3,
  /** Events are missing from what was recorded. */
  incomplete: 4,
} as const;

/** An error in words for the user who typed the command; a stack would not explain it. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The arguments make no sense. */
export class UsageError extends CliError {
  constructor(message: string) {
    super(message, EXIT.usage);
  }
}
