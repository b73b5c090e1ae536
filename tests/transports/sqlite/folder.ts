import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SkipOptions, skipWhen } from "../../harness/support/requires.ts";

/** A folder of its own for a test's file. */
export function makeFolder(): { readonly path: string; readonly file: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "locus-sqlite-"));
  return {
    path,
    file: join(path, "runs.db"),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A folder that is a disk of its own, of so many megabytes; null where nobody may mount one. */
export function makeSmallDisk(megabytes: number): SmallDisk | null {
  const folder = makeFolder();
  const what = ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder.path];
  if (spawnSync("mount", what, { stdio: "ignore" }).status !== 0) {
    folder.remove();
    return null;
  }
  const remove = () => {
    spawnSync("umount", [folder.path], { stdio: "ignore" });
    folder.remove();
  };
  const protect = () =>
    void spawnSync("mount", ["-o", "remount,ro", folder.path], { stdio: "ignore" });
  return { ...folder, remove, protect };
}

/** Options that skip a test where nobody may mount a disk. */
export function needsDisk(): SkipOptions {
  const disk = makeSmallDisk(1);
  disk?.remove();
  return skipWhen(disk === null, "nobody here may mount a disk");
}

/** A disk, as long as it is mounted. */
export interface SmallDisk extends ReturnType<typeof makeFolder> {
  /** From here on, nobody may write to it: also not the superuser. */
  protect(): void;
}
