/** Files as a model that is misled, and a disk that is not kept well, would have them; and results that are too long. */

import { test } from "node:test";
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { tool } from "../../src/agent/mod.ts";
import { createDeepAgent, FileError, memoryFiles, storageFiles } from "../../src/deepagent/mod.ts";
import { globPattern } from "../../src/deepagent/files/glob.ts";
import { linePattern } from "../../src/deepagent/files/line_pattern.ts";
import { fileTools } from "../../src/deepagent/files/tools.ts";
import { nextTurn } from "../../src/runtime/next_turn.ts";
import { scriptedModel } from "../../src/testing/mod.ts";
import { MapStorage } from "../memory/_support.ts";
import { acting, call, told } from "./_support.ts";

const files = { enableFilesystem: true };

test("edits of one turn wait for each other, and none is lost", async () => {
  const inMemory = memoryFiles({ "/a": "one two three" });
  const slow = {
    ...inMemory,
    read: async (path: string) => (await nextTurn(), await inMemory.read(path)),
  };
  const edits = ["one", "two", "three"].map((word) =>
    call("edit_file", { path: "/a", old_str: word, new_str: word.toUpperCase() })
  );
  const agent = createDeepAgent({
    model: scriptedModel([{ toolCalls: edits }, "Done."]),
    enableFilesystem: true,
    backend: slow,
    grounding: false,
  });
  await agent.invoke("Go.");
  assertEquals(await inMemory.read("/a"), "ONE TWO THREE");
});

test("no file is inside of another one", async () => {
  const { results } = await acting([
    call("write_file", { path: "/a", contents: "x" }),
    call("write_file", { path: "/a/b", contents: "x" }),
    call("write_file", { path: "/c/d", contents: "x" }),
    call("write_file", { path: "/c", contents: "x" }),
  ], files);
  assertEquals(results, ["Wrote /a", "invalid_path", "Wrote /c/d", "is_directory"]);
});

test("paths that are shown as others are refused", async () => {
  for (const path of ["/a\u202etxt.exe", "/\u2066a", "/\ud800", "/a\u0007"]) {
    const { results } = await acting([call("write_file", { path, contents: "x" })], files);
    assertEquals(results, ["invalid_path"], JSON.stringify(path));
  }
});

test("patterns of a model take no time to speak of", () => {
  const path = `${"a/".repeat(400)}${"a".repeat(100)}b`;
  assertEquals(globPattern("**/**/*a*a*a*a*a*")(path), true);
  assertEquals(globPattern("**/**/*a*a*a*a*c")(path), false);
  assertThrows(() => globPattern("*a".repeat(60)), RangeError);
  assertThrows(() => globPattern("{a,b}".repeat(20)), RangeError);
  for (const pattern of ["(a+)+$", "a?".repeat(50), "(a|aa)".repeat(20), "a{1,999}a", "(a?){9}"]) {
    assertThrows(() => linePattern(pattern), RangeError, undefined, pattern);
  }
  assertEquals(linePattern("^a?b|c{2}$")("cc"), true);
});

test("a search in a large file gives way, and stops when it is aborted", async () => {
  const backend = memoryFiles({ "/a": "x\n".repeat(100_000) });
  const stop = new AbortController();
  const grep = fileTools(() => backend).find(({ name }) => name === "grep")!;
  const searching = grep.execute({ pattern: "y" } as never, { signal: stop.signal } as never);
  stop.abort(new Error("enough"));
  await assertRejects(async () => await searching, Error, "enough");
});

test("a stored file that is damaged is not listed, and not read", async () => {
  const storage = new MapStorage();
  const backend = storageFiles(storage);
  await backend.write("/a", "x");
  const [key] = await storage.getKeys("");
  await storage.setItem(key!, "no JSON");
  assertEquals(await backend.list(), []);
  await assertRejects(() => backend.read("/a"), FileError, "permission_denied");
});

test("long results of tools become files, and each is told as a change", async () => {
  const text = "a line of it\n".repeat(100);
  const give = (name: string, execute: () => unknown) => tool({ name, execute });
  const image = { type: "content", value: [{ type: "text", text: "y".repeat(500) }] };
  const { result, events } = await acting([
    call("long", {}),
    call("short", {}),
    call("json", {}),
    call("image", {}),
    call("ls", { path: "/results" }),
  ], {
    ...files,
    maxResultChars: 200,
    tools: [
      give("long", () => text),
      give("short", () => "short"),
      give("json", () => ({ rows: Array(200).fill(1) })),
      give("image", () => image),
    ],
  });
  const [long, short, json, , listed] = result.tool_executions.map(({ result }) => result!);
  assertMatch(
    long!,
    /^a line of it\n[^]*\[1300 characters; all of it is in \/results\/long-0-\w+\.txt\]$/,
  );
  assertEquals(short, "short");
  assertMatch(json!, /\/results\/json-/);
  assertEquals(JSON.parse(listed!).length, 2);
  assertEquals(told(events, "deepagent.fs.").map((said) => Object.keys(said)), [["write"], [
    "write",
  ]]);
});
