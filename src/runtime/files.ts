import { builtinModule } from "./builtin_module.ts";

/** What of this runtime's file system is needed to tell where a path leads. */
export interface Files {
  /** The absolute path, without `.` and `..`. */
  resolve(...paths: string[]): string;
  /** How to get from one path to another. */
  relative(from: string, to: string): string;
  isAbsolute(path: string): boolean;
  dirname(path: string): string;
  readonly sep: string;
  /** The path with all links followed. @throws {Error} If there is nothing, or it may not be seen. */
  realPath(path: string): string;
  /** Gives a file another name. @throws {Error} If that cannot be done. */
  rename(from: string, to: string): void;
  /** So many bytes of a file, or as many as it has. @throws {Error} If it cannot be read. */
  firstBytes(path: string, count: number): Uint8Array;
  /** Tells the file at a path from any other that may be there later; null if there is none. */
  identity(path: string): string | null;
  /** Whether there is anything at the path, a link that leads nowhere included. */
  exists(path: string): boolean;
}

/** The files of this runtime, or undefined if it has none (browsers). */
export function files(): Files | undefined {
  const path = builtinModule<
    Omit<Files, "realPath" | "exists" | "rename" | "firstBytes" | "identity">
  >("node:path");
  const fs = builtinModule<{
    realpathSync(path: string): string;
    statSync(
      path: string,
      options: { throwIfNoEntry: false },
    ): { readonly dev: number; readonly ino: number } | undefined;
    renameSync(from: string, to: string): void;
    openSync(path: string, flags: "r"): number;
    readSync(file: number, into: Uint8Array): number;
    closeSync(file: number): void;
    lstatSync(path: string, options: { throwIfNoEntry: false }): object | undefined;
  }>("node:fs");
  if (path === undefined || fs === undefined) return undefined;
  return {
    resolve: (...paths) => path.resolve(...paths),
    relative: (from, to) => path.relative(from, to),
    isAbsolute: (name) => path.isAbsolute(name),
    dirname: (name) => path.dirname(name),
    sep: path.sep,
    realPath: (name) => fs.realpathSync(name),
    rename: (from, to) => fs.renameSync(from, to),
    firstBytes(name, count) {
      const bytes = new Uint8Array(count);
      const file = fs.openSync(name, "r");
      try {
        return bytes.subarray(0, fs.readSync(file, bytes));
      } finally {
        fs.closeSync(file);
      }
    },
    identity(name) {
      const stat = fs.statSync(name, { throwIfNoEntry: false });
      return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
    },
    exists: (name) => fs.lstatSync(name, { throwIfNoEntry: false }) !== undefined,
  };
}
