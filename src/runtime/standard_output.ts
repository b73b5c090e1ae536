/** Where a program writes: the standard output, in runtimes that have one. */
export interface StandardOutput {
  /** Writes text as it is. */
  write(text: string): unknown;
  /** Whether it is a terminal. */
  readonly isTTY?: boolean;
}

/** The standard output; undefined in browsers and on Workers. */
export function standardOutput(): StandardOutput | undefined {
  const { process } = globalThis as { process?: { stdout?: StandardOutput } };
  return typeof process?.stdout?.write === "function" ? process.stdout : undefined;
}
