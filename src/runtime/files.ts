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
  /** Whether there is anything at the path, a link that leads nowhere included. */
  exists(path: string): boolean;
}

/** The files of this runtime, or undefined if it has none (browsers). */
export function files(): Files | undefined {
  const path = builtinModule<Omit<Files, "realPath" | "exists">>("node:path");
  const fs = builtinModule<{
    realpathSync(path: string): string;
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
    exists: (name) => fs.lstatSync(name, { throwIfNoEntry: false }) !== undefined,
  };
}
