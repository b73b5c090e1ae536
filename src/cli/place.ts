import type { ClientOptions } from "../client/mod.ts";
import { files } from "../runtime/files.ts";
import { UsageError } from "./exit_code.ts";
import { readRoutes, type Routes } from "./routes.ts";

/** Where runs are: on a server, or in a file that `sqliteBus()` writes. */
export interface Place extends Routes {
  /** Asks the file as if it were a server; undefined if it is one. */
  readonly fetch: ClientOptions["fetch"];
}

/**
 * Opens the place that an argument names. A file is only read, and stays open until the program ends.
 *
 * @throws {UsageError} If it is neither the address of a server nor such a file.
 */
export async function openPlace(text: string): Promise<Place> {
  if (!isDatabase(text)) {
    try {
      return { ...readRoutes(text), fetch: undefined };
    } catch (error) {
      if (/^https?:/.test(text) || !files()?.exists(text)) throw error;
      throw new UsageError(
        `${text} is no file of sqliteBus(); recordings are shown by locus replay`,
      );
    }
  }
  const [{ locus }, bus] = await Promise.all([import("../adapters/hono.ts"), openDatabase(text)]);
  const app = locus({ bus, authorize: () => true });
  return {
    ...readRoutes("http://localhost"),
    place: text,
    fetch: async (url, init) => await app.fetch(new Request(url, init)),
  };
}

/** Whether there is an SQLite file at the path. */
export function isDatabase(path: string): boolean {
  try {
    const bytes = files()?.firstBytes(path, HEADER.length);
    return bytes !== undefined && new TextDecoder().decode(bytes) === HEADER;
  } catch {
    return false;
  }
}

/** The bus of a file that is only read. What only those who have such a file need is loaded only by them. */
export async function openDatabase(path: string) {
  const { sqliteBus } = await import("../transports/sqlite.ts");
  return sqliteBus({ path, readOnly: true, historyPerRun: Number.MAX_SAFE_INTEGER });
}

const HEADER = "SQLite format 3\0";
