import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own for a test's file. */
export function makeFolder(): { readonly path: string; readonly file: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "locus-sqlite-"));
  return {
    path,
    file: join(path, "runs.db"),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
