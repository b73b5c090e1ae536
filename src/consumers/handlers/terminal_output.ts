import { describe } from "../../core/options.ts";
import { type StandardOutput, standardOutput } from "../../runtime/standard_output.ts";
import { visible } from "../../view/visible.ts";

/** Where a handler prints: a terminal, a file, or a function that takes text. */
export type TextOutput = ((text: string) => void) | {
  /** Takes text, line breaks included. */
  write(text: string): unknown;
  /** Whether it is a terminal, which shows colours. */
  readonly isTTY?: boolean;
};

/** An output, and whether it is a terminal. */
export interface Terminal {
  print(text: string): void;
  readonly isTerminal: boolean;
}

/** @throws {TypeError} If `output` cannot be written to. */
export function terminalOf(owner: string, output: TextOutput | undefined): Terminal {
  if (typeof output === "function") return { print: (text) => output(text), isTerminal: false };
  const target: StandardOutput | undefined = output ?? standardOutput();
  if (target === undefined) return consoleTerminal();
  if (typeof (target as Partial<StandardOutput> | null)?.write !== "function") {
    throw new TypeError(
      `${owner}: "output" must be a function or a stream, got ${describe(output)}`,
    );
  }
  return { print: (text) => void target.write(text), isTerminal: target.isTTY === true };
}

/** The text with its line breaks, and nothing in it that could steer a terminal. */
export function harmless(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll("\t", "  ").split("\n").map(visible).join("\n");
}

/** A console prints whole lines only. */
function consoleTerminal(): Terminal {
  let line = "";
  return {
    isTerminal: false,
    print(text) {
      line += text;
      const end = line.lastIndexOf("\n");
      if (end < 0 && line.length < MAX_LINE) return;
      console.log("%s", end < 0 ? line : line.slice(0, end));
      line = end < 0 ? "" : line.slice(end + 1);
    },
  };
}

const MAX_LINE = 4096;
