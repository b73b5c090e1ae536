import { test } from "node:test";
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { setImmediate } from "node:timers";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "../harness/support/property.ts";
import {
  createDeepAgent,
  diskFiles,
  type FileBackend,
  memoryFiles,
  storageFiles,
} from "../../src/deepagent/mod.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { readPath } from "../../src/deepagent/files/backend.ts";
import { globPattern } from "../../src/deepagent/files/glob.ts";
import { linePattern } from "../../src/deepagent/files/line_pattern.ts";
import { check } from "../core/properties/settings.ts";
import { MapStorage } from "../memory/_support.ts";
import { expectedCatalogue, extrasOf } from "../events/expected_catalogue.ts";
import { acting, call, told } from "./_support.ts";

const folder = () => mkdtempSync(join(tmpdir(), "locus-files-"));
const backends: Readonly<Record<string, () => FileBackend>> = {
  memory: () => memoryFiles(),
  storage: () => storageFiles(new MapStorage()),
  disk: () => diskFiles(folder()),
};
const files = { enableFilesystem: true };

for (const [name, open] of Object.entries(backends)) {
  test(`files in ${name} are written, read, edited, listed and searched`, async () => {
    const { results } = await acting([
      call("write_file", { path: "/notes/a.md", contents: "one\ntwo\nthree" }),
      call("write_file", { path: "/b.ts", contents: "let two = 2;" }),
      call("read_file", { path: "/notes/a.md", offset: 1, limit: 1 }),
      call("edit_file", { path: "/notes/a.md", old_str: "two", new_str: "$& zwei" }),
      call("read_file", { path: "/notes/a.md", limit: 0 }),
      call("read_file", { path: "/notes/a.md", offset: 9 }),
      call("glob", { pattern: "**/*.md" }),
      call("grep", { pattern: "zw|2" }),
    ], { ...files, backend: open() });
    const [, , second, , whole, past, glob, grep] = results;
    assertEquals([second, past], ["     2\ttwo", ""]);
    assertEquals(whole, "     1\tone\n     2\t$& zwei\n     3\tthree");
    assertEquals(JSON.parse(glob!).map(({ path }: { path: string }) => path), ["/notes/a.md"]);
    assertEquals(JSON.parse(grep!), [
      { path: "/b.ts", line: 1, text: "let two = 2;" },
      { path: "/notes/a.md", line: 2, text: "$& zwei" },
    ]);
  });

  test(`files in ${name}: what goes wrong is a word, and is no event`, async () => {
    const { results, events } = await acting([
      call("write_file", { path: "/d/a", contents: "x" }),
      call("read_file", { path: "/none" }),
      call("read_file", { path: "/d" }),
      call("read_file", { path: "/../etc/passwd" }),
      call("read_file", { path: "relative" }),
      call("write_file", { path: "/d", contents: "x" }),
      call("edit_file", { path: "/d/a", old_str: "y", new_str: "z" }),
      call("edit_file", { path: "/d/a", old_str: "", new_str: "z" }),
      call("grep", { pattern: "(" }),
      call("grep", { pattern: "(x+x+)+y" }),
      call("ls", {}),
    ], { ...files, backend: open() });
    assertEquals(results.slice(1, 6), [
      "file_not_found",
      "is_directory",
      "invalid_path",
      "invalid_path",
      "is_directory",
    ]);
    assertEquals(results.slice(6, 10), [
      "old_str is not in /d/a",
      "old_str is not in /d/a",
      "invalid_pattern",
      "invalid_pattern",
    ]);
    assertEquals(JSON.parse(results[10]!), [
      { path: "/d", is_dir: true, size: 0, modified_at: null },
    ]);
    assertEquals(told(events, "deepagent.fs."), [
      { write: { path: "/d/a", byte_count: 1, bytes_before: null } },
    ]);
  });

  test(`files in ${name} are as they were written, whatever is in them and in their names`, () =>
    check(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }), fc.string()),
        ),
        async (written) => {
          const backend = open();
          const expected = new Map<string, string>();
          for (const [name, text] of written) {
            const path = `/${encodeURIComponent(name.toWellFormed())}`;
            if (readPath(path) !== path) continue;
            await backend.write(path, text.toWellFormed());
            expected.set(path, text.toWellFormed());
          }
          for (const [path, text] of expected) assertEquals(await backend.read(path), text);
          assertEquals((await backend.list()).map(({ path }) => path), [...expected.keys()].sort());
        },
      ),
      30,
    ));
}

test("each read and write is an event with all its keys: bytes, not characters", async () => {
  const { events } = await acting([
    call("write_file", { path: "/a", contents: "é" }),
    call("edit_file", { path: "/a", old_str: "é", new_str: "hello" }),
    call("read_file", { path: "/a" }),
  ], files);
  assertEquals(told(events, "deepagent.fs."), [
    { write: { path: "/a", byte_count: 2, bytes_before: null } },
    { write: { path: "/a", byte_count: 5, bytes_before: 2 } },
    { read: { path: "/a", byte_count: 12 } },
  ]);
  for (const { event_type: type, data } of events) {
    if (!type.startsWith("deepagent.")) continue;
    const keys = Object.keys({ ...expectedCatalogue[type as "run.started"], ...extrasOf(type) });
    assertEquals(Object.keys(data).sort(), keys.sort());
    assertMatch(String(data.span_id), /^[0-9a-f]{16}$/);
  }
});

test("a folder on disk is not left: not by links, not by a folder that becomes one", async () => {
  const root = folder();
  const outside = folder();
  writeFileSync(join(outside, "secret"), "secret");
  mkdirSync(join(root, "in"));
  symlinkSync(outside, join(root, "out"));
  symlinkSync(join(outside, "secret"), join(root, "file"));
  symlinkSync(join(outside, "new"), join(root, "dangling"));
  const backend = diskFiles(root);
  for (const path of ["/out/secret", "/file", "/dangling", "/out/new"]) {
    await assertRejects(() => backend.read(path), Error, "invalid_path");
    await assertRejects(() => backend.write(path, "x"), Error, "invalid_path");
  }
  assertEquals(await backend.list(), []);
  for (let nth = 0; nth < 200; nth++) {
    // The folder is now itself, now a link, at any moment of the call.
    const calls = Promise.all([
      backend.write("/in/secret", "overwritten").catch(() => {}),
      backend.read("/in/secret").then((text) => assertEquals(text === "secret", false), () => {}),
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    renameSync(join(root, "in"), join(root, `was${nth}`));
    try {
      symlinkSync(outside, join(root, "in"));
    } catch {
      // The call has made it anew.
    }
    await calls;
    rmSync(join(root, "in"), { recursive: true });
    mkdirSync(join(root, "in"));
  }
  assertEquals(readFileSync(join(outside, "secret"), "utf8"), "secret");
});

test("a file on disk that has another name elsewhere is not written", async () => {
  const [root, outside] = [folder(), folder()];
  writeFileSync(join(outside, "a"), "text");
  linkSync(join(outside, "a"), join(root, "a"));
  const backend = diskFiles(root);
  assertEquals(await backend.read("/a"), "text");
  await assertRejects(() => backend.write("/a", "x"), Error, "permission_denied");
  assertEquals(readFileSync(join(outside, "a"), "utf8"), "text");
});

test("a folder on disk can be read only", async () => {
  const root = folder();
  writeFileSync(join(root, "a"), "text");
  const backend = diskFiles(root, { readOnly: true });
  assertEquals(await backend.read("/a"), "text");
  await assertRejects(() => backend.write("/b", "x"), Error, "permission_denied");
});

test("edits of one file at once are all kept, also where files are made anew for each call", async () => {
  const root = folder();
  const words = Array.from({ length: 8 }, (_, i) => `[old ${i}]`);
  for (const backend of [diskFiles(root), () => diskFiles(root)]) {
    const edits = words.map((word, i) =>
      call("edit_file", { path: "/a", old_str: word, new_str: `new ${i}` })
    );
    const contents = words.join("\n");
    const turns = [
      { toolCalls: [call("write_file", { path: "/a", contents })] },
      { toolCalls: edits },
      "Done.",
    ];
    const model = scriptedModel(turns);
    await createDeepAgent({ model, grounding: false, backend, ...files }).invoke("Go.");
    assertEquals(readFileSync(join(root, "a"), "utf8"), words.map((_, i) => `new ${i}`).join("\n"));
  }
  rmSync(root, { recursive: true });
});

test("without a backend, files are of one run alone", async () => {
  const { results } = await acting([
    call("write_file", { path: "/a", contents: "mine" }),
    call("read_file", { path: "/a" }),
  ], files);
  assertEquals(results[1], "     1\tmine");
  assertEquals((await acting([call("read_file", { path: "/a" })], files)).results, [
    "file_not_found",
  ]);
});

test("our own sources can be read, found and searched", async () => {
  const root = fileURLToPath(new URL("../../src/", import.meta.url));
  const { results } = await acting([
    call("glob", { pattern: "core/**/event_{bus,log}.ts" }),
    call("grep", { pattern: "^export class EventBus\\b", path: "/core" }),
    call("ls", { path: "/deepagent" }),
  ], { ...files, backend: diskFiles(root, { readOnly: true }) });
  const paths = results.map((text) => JSON.parse(text!).map(({ path }: { path: string }) => path));
  assertEquals(paths[0], ["/core/bus/event_bus.ts", "/core/log/event_log.ts"]);
  assertEquals(paths[1], ["/core/bus/event_bus.ts"]);
  assertEquals(paths[2].includes("/deepagent/files"), true);
});

const globs: readonly (readonly [string, string, boolean])[] = [
  ["*.ts", "a.ts", true],
  ["*.ts", "b/a.ts", false],
  ["**/*.ts", "a.ts", true],
  ["**/*.ts", "b/c/a.ts", true],
  ["b/**", "b/c/a.ts", true],
  ["[!a].md", "b.md", true],
  ["[!a].md", "a.md", false],
  ["{a,b}.md", "b.md", true],
  ["a?c", "abc", true],
  ["a?c", "a/c", false],
  ["a.c", "abc", false],
];
for (const [pattern, path, expected] of globs) {
  test(`${pattern} ${expected ? "matches" : "does not match"} ${path}`, () => {
    assertEquals(globPattern(pattern)(path), expected);
  });
}

test("an expression that could take for ever is refused", () => {
  for (const bad of ["(a+)+$", "(a|a)*b", "(a){2,}", ".*.*.*x", "(a)\\1", "["]) {
    assertThrows(() => linePattern(bad), RangeError);
  }
  assertEquals(linePattern("a.*b$")("xaxb"), true);
  assertEquals(linePattern("[*+(]{1}")("x+"), true);
});
