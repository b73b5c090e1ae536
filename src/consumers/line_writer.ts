import { describe } from "../core/options.ts";

/** A stream of Node, as far as it is used here: `process.stdout`, a file, a socket. */
export interface NodeWritable {
  /** Takes text, and calls back when that is written, or cannot be. */
  write(text: string, onWritten: (error?: Error | null) => void): unknown;
  /** Adds a listener. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Takes a listener away. */
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * Where lines go.
 *
 * - **A function** is called with each line, without its line break.
 * - **A web stream of bytes**, such as a file's, or **a stream of Node** gets lines with their breaks, several at
 *   a time. It is not closed: it is yours.
 */
export type LineSink =
  | ((line: string) => void | Promise<void>)
  | WritableStream<Uint8Array<ArrayBuffer>>
  | NodeWritable;

/** Writes lines to a sink. */
export interface LineWriter {
  /** Resolves when the sink takes more. */
  write(lines: readonly string[]): Promise<void>;
  /** Whether what `write()` rejects with is the end of the sink. */
  readonly isStream: boolean;
  /** Lets go of the sink. */
  release(): void;
}

/** @throws {TypeError} If `sink` is none, or is a stream that has another writer. */
export function lineWriter(owner: string, sink: LineSink): LineWriter {
  if (typeof sink === "function") return functionWriter(sink);
  if (hasMethod(sink, "getWriter")) {
    return webWriter(sink as WritableStream<Uint8Array<ArrayBuffer>>);
  }
  if (hasMethod(sink, "write") && hasMethod(sink, "on")) return nodeWriter(sink as NodeWritable);
  throw new TypeError(
    `${owner}: expected a function, a WritableStream or a stream of Node, got ${describe(sink)}`,
  );
}

function functionWriter(sink: (line: string) => void | Promise<void>): LineWriter {
  return {
    isStream: false,
    async write(lines) {
      // Each line has its chance, whatever the ones before did.
      const errors: unknown[] = [];
      for (const line of lines) {
        try {
          await sink(line);
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
    release() {},
  };
}

function webWriter(sink: WritableStream<Uint8Array<ArrayBuffer>>): LineWriter {
  const writer = sink.getWriter();
  const encoder = new TextEncoder();
  // Whether it fails is seen at the next write.
  writer.closed.catch(() => {});
  return {
    isStream: true,
    async write(lines) {
      await writer.ready;
      await writer.write(encoder.encode(asText(lines)));
    },
    release: () => writer.releaseLock(),
  };
}

function nodeWriter(sink: NodeWritable): LineWriter {
  // Without a listener an error of the stream would end the process; write() calls back with it as well.
  const ignore = () => {};
  sink.on("error", ignore);
  return {
    isStream: true,
    write: (lines) =>
      new Promise((resolve, reject) => {
        sink.write(asText(lines), (error) => error ? reject(error) : resolve());
      }),
    release: () => void sink.removeListener("error", ignore),
  };
}

function asText(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null &&
    typeof (value as Record<string, unknown>)[name] === "function";
}
