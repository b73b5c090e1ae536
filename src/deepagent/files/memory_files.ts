import { byPath, bytesOf, type FileBackend, FileError, MAX_FILES } from "./backend.ts";

/**
 * Keeps files in the memory of this process: at most 10,000 and 100 MB, then writing fails with `permission_denied`.
 *
 * @param given Files that are there from the start, by path.
 */
export function memoryFiles(given: Readonly<Record<string, string>> = {}): FileBackend {
  const files = new Map<string, { text: string; size: number; modified_at: string }>();
  let total = 0;
  const put = (path: string, text: string) => {
    const { length: size } = bytesOf(text);
    const grown = total + size - (files.get(path)?.size ?? 0);
    const isFull = grown > MAX_TOTAL || files.size >= MAX_FILES && !files.has(path);
    if (isFull) throw new FileError("permission_denied");
    total = grown;
    files.set(path, { text, size, modified_at: new Date().toISOString() });
  };
  for (const [path, text] of Object.entries(given)) put(path, text);
  return {
    read: (path) => Promise.resolve(files.get(path)?.text ?? null),
    // A promise, also where it fails.
    write: async (path, text) => await Promise.resolve(put(path, text)),
    list: () =>
      Promise.resolve(
        [...files].map(([path, { size, modified_at }]) => ({ path, size, modified_at })).sort(
          byPath,
        ),
      ),
  };
}

const MAX_TOTAL = 100 * 2 ** 20;
