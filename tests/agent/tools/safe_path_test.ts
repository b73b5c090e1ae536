import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { safeResolve } from "../../../src/agent/mod.ts";

/** Two folders side by side, `base` and `outside`, each with a file. */
function withFolders(use: (base: string, outside: string) => void): void {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "locus-")));
  const [base, outside] = [join(root, "base"), join(root, "outside")];
  try {
    mkdirSync(join(base, "sub"), { recursive: true });
    mkdirSync(outside);
    writeFileSync(join(base, "a.txt"), "inside");
    writeFileSync(join(outside, "b.txt"), "outside");
    use(base, outside);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test("safeResolve() finds what is in the folder, whether it exists or not", () => {
  withFolders((base) => {
    const good: [string, string][] = [
      ["a.txt", "a.txt"],
      [".", ""],
      ["sub/../a.txt", "a.txt"],
      ["sub/new/file.txt", "sub/new/file.txt"],
      ["..a", "..a"],
      [join(base, "a.txt"), "a.txt"],
    ];
    for (const [path, expected] of good) {
      assertEquals(safeResolve(base, path), join(base, expected).replace(/\/$/, ""), path);
    }
  });
});

test("safeResolve() refuses what leads out of the folder", () => {
  withFolders((base, outside) => {
    const bad = [
      "..",
      "../outside/b.txt",
      "sub/../../outside",
      "/etc/passwd",
      outside,
      `${base}-2`,
    ];
    for (const path of bad) {
      assertThrows(() => safeResolve(base, path), RangeError, "leads out of the folder", path);
    }
  });
});

test("safeResolve() follows links, and refuses those that lead out", () => {
  withFolders((base, outside) => {
    symlinkSync(join(base, "a.txt"), join(base, "inner"));
    symlinkSync(outside, join(base, "folder"));
    symlinkSync(join(outside, "b.txt"), join(base, "file"));
    symlinkSync(join(outside, "not-yet"), join(base, "dangling"));
    symlinkSync(join(base, "circle"), join(base, "circle"));

    assertEquals(safeResolve(base, "inner"), join(base, "a.txt"));
    for (const path of ["folder", "folder/b.txt", "folder/new.txt", "file"]) {
      assertThrows(() => safeResolve(base, path), RangeError, "leads out of the folder", path);
    }
    for (const path of ["dangling", "dangling/x", "circle"]) {
      assertThrows(() => safeResolve(base, path), RangeError, "cannot be seen", path);
    }
  });
});

test("safeResolve() takes a folder that is reached through a link", () => {
  withFolders((base, outside) => {
    const link = join(outside, "link");
    symlinkSync(base, link);
    assertEquals(safeResolve(link, "a.txt"), join(base, "a.txt"));
    assertThrows(() => safeResolve(link, "../b.txt"), RangeError, "leads out");
  });
});

test("safeResolve() refuses bad arguments, and a folder that does not exist", () => {
  for (const path of ["", "a\0b", 5]) {
    assertThrows(() => safeResolve(".", path as string), TypeError, '"path" must be a path');
  }
  assertThrows(() => safeResolve("", "a"), TypeError, '"base" must be a path');
  withFolders((base) => {
    assertThrows(() => safeResolve(join(base, "nowhere"), "a"), Error);
  });
});
