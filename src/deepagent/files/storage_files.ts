import { extractJson } from "../../agent/output/extract_json.ts";
import type { CheckpointStorage } from "../../memory/checkpoint_storage.ts";
import { escapeKey } from "../../memory/storage_keys.ts";
import { isRecord } from "../../core/options.ts";
import { readName } from "../../core/option_values.ts";
import { byPath, bytesOf, type FileBackend, FileError, MAX_FILES } from "./backend.ts";

/**
 * Keeps files in any storage of `unstorage`: Redis, SQLite, and what else it has drivers for.
 *
 * @param options.scope Whose files they are: files of another scope are not seen. @default {"files"}
 * @throws {TypeError} If `scope` is not a text that is not empty.
 */
export function storageFiles(
  storage: CheckpointStorage,
  options: { readonly scope?: string } = {},
): FileBackend {
  const scope = readName("storageFiles()", "scope", options.scope ?? "files");
  const prefix = `locus:files:${escapeKey(scope)}:`;
  const keyOf = (path: string) => `${prefix}${escapeKey(path)}`;
  const read = async (key: string) => fileIn(await storage.getItem(key));
  return {
    async read(path) {
      return (await read(keyOf(path)))?.text ?? null;
    },
    async write(path, text) {
      const { length: size } = bytesOf(text);
      const file = { path, size, modified_at: new Date().toISOString(), text };
      await storage.setItem(keyOf(path), JSON.stringify(file));
    },
    async list() {
      const keys = (await storage.getKeys(prefix)).filter((key) => key.startsWith(prefix));
      const files = [];
      for (const key of keys.slice(0, MAX_FILES)) {
        const file = await read(key).catch(() => null);
        if (file === null) continue;
        const { path, size, modified_at } = file;
        files.push({ path, size, modified_at });
      }
      return files.sort(byPath);
    },
  };
}

/** @throws {FileError} If it is something else. */
function fileIn(stored: unknown) {
  if (stored === null || stored === undefined) return null;
  const [file] = typeof stored === "string" ? extractJson(stored) : [stored];
  if (!isRecord(file) || typeof file.text !== "string" || typeof file.path !== "string") {
    throw new FileError("permission_denied");
  }
  const { path, text } = file;
  return { path, text, size: Number(file.size), modified_at: String(file.modified_at) };
}
