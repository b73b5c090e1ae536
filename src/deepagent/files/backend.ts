/** Where an agent's files are. */

/** Why a file could not be read or written, as the model is told. */
export type FileErrorCode =
  | "file_not_found"
  | "permission_denied"
  | "is_directory"
  | "invalid_path"
  | "too_large";

/** A file cannot be read or written. */
export class FileError extends Error {
  /** The name of the class. */
  override readonly name = "FileError";
  /** What is wrong, for a `switch`. */
  readonly code: FileErrorCode;

  /** Makes the error. */
  constructor(code: FileErrorCode) {
    super(code);
    this.code = code;
  }
}

/** What is known of a file without reading it. */
export interface FileInfo {
  /** Absolute, with forward slashes: `/notes/a.md`. */
  readonly path: string;
  /** In bytes of UTF-8. */
  readonly size: number;
  /** ISO 8601 in UTC. */
  readonly modified_at: string;
}

/**
 * Keeps files of text: {@linkcode memoryFiles}, {@linkcode diskFiles}, {@linkcode storageFiles}, or one of your own.
 *
 * Paths are absolute and normal: they begin with `/`, and have neither `.`, `..` nor empty parts. A folder is there if a file is in it.
 */
export interface FileBackend {
  /** The text of a file; null if there is none. @throws {FileError} If it may not be read. */
  read(path: string): Promise<string | null>;
  /** Writes a file, whole. @throws {FileError} If it may not be written. */
  write(path: string, text: string): Promise<void>;
  /** All files, sorted by path; the first 10,000 if there are more. */
  list(): Promise<readonly FileInfo[]>;
}

/** How many files are listed at most. */
export const MAX_FILES = 10_000;
/** How large a file may be, in bytes of UTF-8. */
export const MAX_BYTES = 10 * 2 ** 20;

/** @throws {FileError} If a text is too large to be a file here. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MAX_BYTES) throw new FileError("too_large");
  return bytes;
}

/**
 * A path as backends take it.
 *
 * @throws {FileError} If it is not absolute, leads up, or has characters that no path has.
 */
export function readPath(path: unknown): string {
  const isPath = typeof path === "string" && path.startsWith("/") && path.length <= MAX_PATH &&
    // Nor what shows it as another one than it is.
    // deno-lint-ignore no-control-regex
    !/[\0-\x1f\x7f\\\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u.test(path);
  if (!isPath) throw new FileError("invalid_path");
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new FileError("invalid_path");
  return `/${parts.join("/")}`;
}

const MAX_PATH = 1024;

/** Sorts infos by path. */
export function byPath(a: FileInfo, b: FileInfo): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
