import process from "node:process";
import { oneLine, visibleJson } from "../view/visible.ts";

/** Standard output, for those who write more than fits into a pipe at once. */
export async function write(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once("drain", () => resolve()));
}

/** A value as one line of JSON that is safe to display. Parsing it returns the same value. */
export function jsonLine(value: unknown): string {
  return `${visibleJson(value)}\n`;
}

/** Resolves when all that was written has left this program. */
export function flush(): Promise<void> {
  return new Promise((resolve) => process.stdout.write("", () => resolve()));
}

/** Says one line to the person, and not to the program that reads the output. */
export function say(text: string): void {
  process.stderr.write(`${oneLine(text)}\n`);
}
