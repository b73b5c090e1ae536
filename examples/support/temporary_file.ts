import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A path in a folder of its own, which is removed at the end. */
export function temporaryFile(name: string): { readonly path: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), "locus-"));
  return {
    path: join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
