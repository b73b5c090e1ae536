import process from "node:process";

/** Standard output, for those who write more than fits into a pipe at once. */
export async function write(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once("drain", () => resolve()));
}

/**
 * A value as one line of JSON that is safe to look at: what a terminal could obey, and JSON lets stand, is escaped.
 * Whoever parses it gets the same value.
 */
export function jsonLine(value: unknown): string {
  const escaped = JSON.stringify(value).replace(
    UNSAFE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${escaped}\n`;
}

// DEL, the second set of control characters, and marks that change the reading order or the line.
const UNSAFE = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Resolves when all that was written has left this program. */
export function flush(): Promise<void> {
  return new Promise((resolve) => process.stdout.write("", () => resolve()));
}

/** Says something to the person, and not to the program that reads the output. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
