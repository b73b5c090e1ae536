import { builtinModule } from "./builtin_module.ts";

/** A file that is open: whatever becomes of its path, it is this one that is read and written. */
export interface OpenFile {
  /** Tells it from any other file: see `Files.identity()`. */
  readonly identity: string;
  readonly isFile: boolean;
  readonly size: number;
  /** How many names it has: with another one, it may be anywhere else as well. */
  readonly names: number;
  /** In milliseconds since 1970. */
  readonly modifiedAt: number;
  read(): Promise<Uint8Array>;
  /** Writes it anew. */
  replace(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** What there is in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "other";
}

/** Files of this runtime, opened one by one. */
export interface OpenFiles {
  /**
   * Opens a file; a link in its own place is not followed.
   *
   * @throws {Error} With a `code`, such as `ENOENT`.
   */
  open(path: string, use: "read" | "write"): Promise<OpenFile>;
  /** Makes a folder, and those around it. */
  makeFolder(path: string): Promise<void>;
  /** @throws {Error} With a `code`, if it is not a folder. */
  entries(path: string): Promise<FolderEntry[]>;
}

/** The files of this runtime, or undefined if it has none (browsers). */
export function openFiles(): OpenFiles | undefined {
  const fs = builtinModule<NodeFiles>("node:fs/promises");
  const constants = builtinModule<{ constants: Record<string, number> }>("node:fs")?.constants;
  if (fs === undefined || constants === undefined) return undefined;
  const { O_RDONLY = 0, O_RDWR = 0, O_CREAT = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  return {
    async open(path, use) {
      // A pipe would be waited for.
      const flags = (use === "read" ? O_RDONLY : O_RDWR | O_CREAT) | O_NOFOLLOW | O_NONBLOCK;
      const file = await fs.open(path, flags);
      const stat = await file.stat();
      return {
        identity: `${stat.dev}:${stat.ino}`,
        isFile: stat.isFile(),
        size: stat.size,
        names: stat.nlink,
        modifiedAt: stat.mtimeMs,
        read: () => file.readFile(),
        async replace(bytes) {
          await file.truncate(0);
          await file.writeFile(bytes);
        },
        close: () => file.close(),
      };
    },
    makeFolder: async (path) => void await fs.mkdir(path, { recursive: true }),
    async entries(path) {
      const entries = await fs.readdir(path, { withFileTypes: true });
      return entries.map((entry) => ({
        name: entry.name,
        kind: entry.isFile() ? "file" : entry.isDirectory() ? "folder" : "other",
      }));
    },
  };
}

interface NodeFiles {
  open(path: string, flags: number): Promise<{
    stat(): Promise<
      {
        dev: number;
        ino: number;
        nlink: number;
        size: number;
        mtimeMs: number;
        isFile(): boolean;
      }
    >;
    readFile(): Promise<Uint8Array>;
    truncate(length: number): Promise<void>;
    writeFile(bytes: Uint8Array): Promise<void>;
    close(): Promise<void>;
  }>;
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  readdir(path: string, options: { withFileTypes: true }): Promise<
    { name: string; isFile(): boolean; isDirectory(): boolean }[]
  >;
}
