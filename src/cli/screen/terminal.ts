/**
 * The terminal itself: what it can do, a frame that is redrawn in place, and leaving it as it was.
 */
import process from "node:process";
import { textWidth } from "./text.ts";

/** The part of `process.stdout` that is used. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** What an output can show. */
export interface Capabilities {
  /** Whether lines can be redrawn in place, in colour. */
  readonly live: boolean;
  /** Cells a line may take; unbounded where there is no terminal. */
  readonly width: number;
}

/**
 * Works out what `output` can show: a live picture only on a terminal that is wide enough and not set to plain output.
 */
export function capabilitiesOf(
  output: Output,
  env: Readonly<Record<string, string | undefined>>,
): Capabilities {
  if (!output.isTTY) return { live: false, width: Infinity };
  const width = output.columns || 80;
  const isPlain = env.TERM === "dumb" || (env.NO_COLOR ?? "") !== "";
  return { live: !isPlain && width >= MIN_LIVE_WIDTH, width };
}

/** Lines at the bottom of the terminal that are drawn over again until they are left to stand. */
export class Frame {
  readonly #output: Output;
  #lines: readonly string[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  /** Draws the frame again, over itself. */
  draw(lines: readonly string[]): void {
    // One write, hidden from view until it is complete where the terminal knows how.
    const body = lines.map((line) => `${line}${CLEAR_LINE}\n`).join("");
    this.#output.write(`${HOLD}${HIDE_CURSOR}${this.#home()}${body}${CLEAR_BELOW}${RELEASE}`);
    this.#lines = lines;
  }

  /** Leaves what is drawn where it is, and gives the cursor back. */
  close(): void {
    this.#lines = [];
    this.#output.write(SHOW_CURSOR);
  }

  /** Back to the first line. After the window became narrower, old lines take several rows. */
  #home(): string {
    const columns = this.#output.columns || 80;
    let rows = 0;
    for (const line of this.#lines) {
      rows += Math.max(1, Math.ceil(textWidth(line.replace(CODES, "")) / columns));
    }
    return rows === 0 ? "\r" : `\x1b[${rows}A\r`;
  }
}

/**
 * Calls `restore` when this program ends, for whatever reason. A signal without a handler ends the program properly;
 * with one, the handler decides.
 *
 * @returns Its undo.
 */
export function restoreOnExit(restore: () => void): () => void {
  const undos = endings()
    .filter(([signal]) => process.listenerCount(signal) === 0)
    .map(([signal, code]) => {
      const exit = () => process.exit(code);
      process.once(signal, exit);
      return () => process.removeListener(signal, exit);
    });
  process.once("exit", restore);
  return () => {
    process.removeListener("exit", restore);
    for (const undo of undos) undo();
  };
}

/** The signals that ask a program to end on this system, each with its exit code. */
export function endings(): [signal: keyof typeof SIGNALS, code: number][] {
  // Windows has no other, and some runtimes throw when they are asked for one there.
  if (process.platform === "win32") return [["SIGINT", SIGNALS.SIGINT]];
  return Object.entries(SIGNALS) as [keyof typeof SIGNALS, number][];
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 } as const;

/** Ends this program quietly when its output is closed, as in `locus runs … | head`. */
export function exitOnBrokenPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
}

const MIN_LIVE_WIDTH = 60;
const HOLD = "\x1b[?2026h";
const RELEASE = "\x1b[?2026l";
const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";
// deno-lint-ignore no-control-regex
const CODES = /\x1b\[[0-9;]*m/g;
