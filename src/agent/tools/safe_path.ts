import { describe } from "../../core/options.ts";
import { type Files, files } from "../../runtime/files.ts";

/**
 * The absolute path of `path` within the folder `base`, for tools that open files by names that a model
 * made up.
 *
 * - **Links** are followed, also those of folders on the way, and must not lead out. What does not exist
 *   yet may be named: the part that exists decides.
 * - **Absolute paths** are taken if they lie within `base`.
 * - It is a check, not a lock: a process that can create links inside `base` can do so between the check and your
 *   opening of the file.
 *
 * @returns The path with links followed.
 * @throws {TypeError} If a path is not a string, or holds a zero character.
 * @throws {RangeError} If the path leads out of `base`.
 * @throws {Error} If `base` does not exist, or this runtime has no files.
 *
 * @example Keep a tool inside its folder
 * ```ts
 * import { safeResolve } from "@locus/core/agent";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => safeResolve(".", "../secrets.txt"), RangeError, "leads out of");
 * ```
 */
export function safeResolve(base: string, path: string): string {
  const root = checkPath("base", base);
  const given = checkPath("path", path);
  const system = files();
  if (system === undefined) throw new Error("safeResolve(): this runtime has no files");

  const lexical = system.resolve(root, given);
  if (!isWithin(system, system.resolve(root), lexical)) throw leadsOut(given);
  const real = realPath(system, lexical, given);
  if (!isWithin(system, system.realPath(system.resolve(root)), real)) throw leadsOut(given);
  return real;
}

/** The path with the links of the part that exists followed. */
function realPath(system: Files, path: string, given: string): string {
  let existing = path;
  while (!system.exists(existing)) {
    const parent = system.dirname(existing);
    if (parent === existing) break;
    existing = parent;
  }
  let real: string;
  try {
    real = system.realPath(existing);
  } catch (cause) {
    // A later write would follow a link that leads nowhere yet.
    throw new RangeError(`safeResolve(): ${describe(given)} leads to a place that cannot be seen`, {
      cause,
    });
  }
  return system.resolve(real, system.relative(existing, path));
}

function isWithin(system: Files, root: string, path: string): boolean {
  const way = system.relative(root, path);
  return way !== ".." && !way.startsWith(`..${system.sep}`) && !system.isAbsolute(way);
}

function checkPath(name: string, value: unknown): string {
  if (typeof value === "string" && value !== "" && !value.includes("\0")) return value;
  throw new TypeError(
    `safeResolve(): "${name}" must be a path without zero characters, got ${describe(value)}`,
  );
}

function leadsOut(path: string): RangeError {
  // Without the base: the message may go to the model.
  return new RangeError(`safeResolve(): ${describe(path)} leads out of the folder`);
}
