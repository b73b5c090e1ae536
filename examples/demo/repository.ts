/**
 * Read-only access to the files of one folder, and to nothing outside it.
 *
 * @module
 */
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";

/** A text file of the repository. */
export interface RepositoryFile {
  /** Relative to the root, with `/` between the parts on every system. */
  readonly path: string;
  readonly bytes: number;
}

/** A folder of text files. */
export class Repository {
  readonly #root: string;

  constructor(root: string) {
    this.#root = resolve(root);
  }

  /**
   * The text files under a folder (or the one file), in order of their paths.
   *
   * @throws {RangeError} If `path` leads out of the repository, or into what is hidden.
   */
  async list(path: string, signal: AbortSignal): Promise<RepositoryFile[]> {
    const start = await this.#locate(path);
    const { isFile, size } = await stat(start).then((s) => ({ isFile: s.isFile(), size: s.size }));
    const files: RepositoryFile[] = [];
    if (isFile) files.push({ path: this.#nameOf(start), bytes: size });
    else await this.#walk(start, files, signal);
    return files;
  }

  /**
   * The text of a file.
   *
   * @throws {RangeError} If `path` leads out of the repository, or into what is hidden, or the file is
   * too large to read.
   */
  async read(path: string, signal: AbortSignal): Promise<string> {
    const file = await this.#locate(path);
    const { size } = await stat(file);
    if (size > MAX_FILE_BYTES) {
      throw new RangeError(
        `${path} has ${size} bytes; files of up to ${MAX_FILE_BYTES} can be read`,
      );
    }
    return await readFile(file, { encoding: "utf8", signal });
  }

  async #walk(folder: string, files: RepositoryFile[], signal: AbortSignal): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      signal.throwIfAborted();
      if (files.length >= MAX_FILES) return;
      const path = join(folder, entry.name);
      // Symbolic links are neither: nothing that they point to is read by accident.
      if (isHidden(entry.name)) continue;
      if (entry.isDirectory()) await this.#walk(path, files, signal);
      else if (entry.isFile() && TEXT_FILE.test(entry.name)) {
        const { size } = await stat(path);
        if (size <= MAX_FILE_BYTES) files.push({ path: this.#nameOf(path), bytes: size });
      }
    }
  }

  /** Where `path` is on disk, after all links were followed. */
  async #locate(path: string): Promise<string> {
    const root = await realpath(this.#root);
    const wanted = resolve(root, path);
    this.#check(path, relative(root, wanted));
    const actual = await realpath(wanted).catch(() => {
      throw new RangeError(`there is no ${path} in the repository`);
    });
    this.#check(path, relative(root, actual));
    return actual;
  }

  #check(path: string, inside: string): void {
    const parts = inside.split(sep);
    if (parts[0] === ".." || isAbsolute(inside)) {
      throw new RangeError(`${path} is outside of the repository`);
    }
    if (inside !== "" && parts.some(isHidden)) throw new RangeError(`${path} is not to be read`);
  }

  #nameOf(file: string): string {
    return relative(this.#root, file).replaceAll(sep, "/");
  }
}

function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "node_modules" || name === "coverage";
}

const MAX_FILES = 5_000;
const MAX_FILE_BYTES = 1_000_000;
const TEXT_FILE = /\.(?:[cm]?[jt]sx?|md|json|toml|ya?ml|css|html|sh|txt)$|^LICENSE$/i;
