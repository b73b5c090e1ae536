import { safeResolve } from "../../agent/tools/safe_path.ts";
import { readName } from "../../core/option_values.ts";
import { files } from "../../runtime/files.ts";
import { type OpenFile, openFiles } from "../../runtime/open_file.ts";
import {
  byPath,
  bytesOf,
  type FileBackend,
  FileError,
  type FileErrorCode,
  type FileInfo,
  MAX_BYTES,
  MAX_FILES,
} from "./backend.ts";

/**
 * Keeps files in a folder of this machine, and reads and writes nothing outside of it: links that lead out are refused, also if
 * they appear while a file is opened. A file with several names (hard links) may be elsewhere as well: it is read, never written.
 *
 * @param root The folder; it must be there.
 * @param options.readOnly Whether nothing may be written. @default {false}
 * @throws {TypeError} If `root` is not a text that is not empty.
 * @throws {Error} If this runtime has no files.
 */
export function diskFiles(
  root: string,
  options: { readonly readOnly?: boolean } = {},
): FileBackend {
  readName("diskFiles()", "root", root);
  const [system, disk] = [files(), openFiles()];
  if (system === undefined || disk === undefined) {
    throw new Error("diskFiles(): this runtime has no files");
  }
  const placeOf = (path: string) => safeResolve(root, `.${path}`);
  const opened = async <T>(
    path: string,
    use: "read" | "write",
    fn: (file: OpenFile) => Promise<T>,
  ): Promise<T> => {
    const file = await disk.open(placeOf(path), use);
    try {
      if (!file.isFile) throw new FileError("is_directory");
      // Whether it is still what the path leads to: a folder on the way may have become a link meanwhile.
      if (system.identity(placeOf(path)) !== file.identity) throw new FileError("invalid_path");
      // A file with another name may lie elsewhere as well.
      if (use === "write" && file.names > 1) throw new FileError("permission_denied");
      return await fn(file);
    } finally {
      await file.close();
    }
  };
  return {
    read: (path) =>
      told(async () => {
        if (!system.exists(placeOf(path))) return null;
        return await opened(path, "read", async (file) => {
          if (file.size > MAX_BYTES) throw new FileError("too_large");
          return new TextDecoder().decode(await file.read());
        });
      }),
    write: (path, text) =>
      told(async () => {
        if (options.readOnly) throw new FileError("permission_denied");
        const bytes = bytesOf(text);
        await disk.makeFolder(system.dirname(placeOf(path)));
        await opened(path, "write", (file) => file.replace(bytes));
      }),
    list: () =>
      told(async () => {
        const found: FileInfo[] = [];
        const folders = ["/"];
        // The list grows while it is gone through.
        for (const folder of folders) {
          if (found.length >= MAX_FILES) break;
          for (const { name, kind } of await disk.entries(placeOf(folder))) {
            const path = `${folder === "/" ? "" : folder}/${name}`;
            if (kind === "folder" && folders.length < MAX_FILES) folders.push(path);
            if (kind !== "file" || found.length >= MAX_FILES) continue;
            const info = await opened(path, "read", ({ size, modifiedAt }) =>
              Promise.resolve({ path, size, modified_at: new Date(modifiedAt).toISOString() }))
              .catch(() =>
                null
              );
            if (info !== null) {
              found.push(info);
            }
          }
        }
        return found.sort(byPath);
      }),
  };
}

/** What goes wrong, in the words that the model knows. */
async function told<T>(fn: () => Promise<T>): Promise<T> {
  try {
    return await fn();
  } catch (error) {
    if (error instanceof FileError) throw error;
    // `safeResolve()` refuses what leads out.
    const { name, code: reason } = Object(error) as { name?: unknown; code?: unknown };
    const code = name === "RangeError" ? "invalid_path" : CODES[String(reason)];
    throw code === undefined ? error : new FileError(code);
  }
}

const CODES: Readonly<Record<string, FileErrorCode>> = {
  ENOENT: "file_not_found",
  EACCES: "permission_denied",
  EPERM: "permission_denied",
  EROFS: "permission_denied",
  EISDIR: "is_directory",
  ENXIO: "is_directory",
  ENOTDIR: "invalid_path",
  EEXIST: "invalid_path",
  ELOOP: "invalid_path",
  ENAMETOOLONG: "invalid_path",
};
