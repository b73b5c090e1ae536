import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventBus, runContext } from "@locus/core";
import { Agent, type ToolContext } from "@locus/core/agent";
import { scriptedModel } from "@locus/core/testing";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { createTools } from "../../examples/demo/tools.ts";
import { withFolder } from "./_folder.ts";

/** What an agent's tool makes of these arguments. */
async function call(folder: string, tool: string, args: object, bus = new EventBus()) {
  const model = scriptedModel([{ toolCalls: [{ toolName: tool, input: args }] }, "done"]);
  const agent = new Agent({ model, tools: createTools(folder) });
  const { state } = await runContext({ runId: "r", bus }, () => agent.invoke("Go."));
  bus.closeStream("r");
  const [execution] = state.tool_executions;
  return { result: execution?.result ?? null, error: execution?.error ?? null };
}

const FILES = {
  "src/a.ts": "one\ntwo TODO\n",
  "src/deep/b.ts": "todo\nTODO\nthree",
  "README.md": "# Title\n",
  "picture.png": "no text",
  ".env": "SECRET=1\n",
  "node_modules/x/index.js": "TODO\n",
};

test("list_files lists text files, and neither hidden ones nor packages", async () => {
  await withFolder(FILES, async (folder) => {
    const { result } = await call(folder, "list_files", {});
    assertEquals(result, "3 files, 1 kB\nREADME.md  8\nsrc/a.ts  13\nsrc/deep/b.ts  15");
  });
});

test("count_lines counts the lines of every file, the largest first", async () => {
  await withFolder(FILES, async (folder) => {
    const { result } = await call(folder, "count_lines", { path: "src" });
    assertEquals(result, "5 lines in 2 files\n3  src/deep/b.ts\n2  src/a.ts");
  });
});

test("search finds exactly what has capitals, and any case of what has none", async () => {
  await withFolder(FILES, async (folder) => {
    const exact = await call(folder, "search", { text: "TODO" });
    assertEquals(exact.result, "2 lines in 2 files\nsrc/a.ts:2: two TODO\nsrc/deep/b.ts:2: TODO");
    const any = await call(folder, "search", { text: "todo", path: "src/deep" });
    assertEquals(any.result, "2 lines in 1 file\nsrc/deep/b.ts:1: todo\nsrc/deep/b.ts:2: TODO");
  });
});

test("read_file reads from a line on, and says how much there is", async () => {
  await withFolder(FILES, async (folder) => {
    const all = await call(folder, "read_file", { path: "src/a.ts" });
    assertEquals(all.result, "2 lines\none\ntwo TODO");
    const rest = await call(folder, "read_file", { path: "src/a.ts", first_line: 2 });
    assertEquals(rest.result, "1 of 2 lines\ntwo TODO");
  });
});

test("results are bounded, and say what they leave out", async () => {
  await withFolder({ "long.txt": "line\n".repeat(1000) }, async (folder) => {
    const found = (await call(folder, "search", { text: "line" })).result?.split("\n");
    assertEquals([found?.length, found?.[0], found?.at(-1)], [
      402,
      "1,000 lines in 1 file",
      "(600 more)",
    ]);
    const read = (await call(folder, "read_file", { path: "long.txt" })).result?.split("\n");
    assertEquals([read?.length, read?.[0]], [401, "400 of 1,000 lines"]);
  });
});

test("no tool leaves the repository, whatever path it is given", async () => {
  await withFolder({ "outer.txt": "secret", "repo/inner.txt": "open" }, async (folder) => {
    const repo = join(folder, "repo");
    await symlink(join(folder, "outer.txt"), join(repo, "link.txt"));
    await symlink(folder, join(repo, "up"));
    const paths = [
      "../outer.txt",
      "..",
      join(folder, "outer.txt"),
      "/etc/passwd",
      "link.txt",
      "up",
    ];
    for (const tool of ["list_files", "read_file", "count_lines", "search"]) {
      for (const path of paths) {
        const { result, error } = await call(repo, tool, { path, text: "secret" });
        assertEquals(result, null, `${tool} ${path} returned ${result}`);
        assert(error?.includes("is outside of the repository"), `${tool} ${path}: ${error}`);
      }
    }
    const { result } = await call(repo, "search", { text: "secret" });
    assertEquals(result, "0 lines in 0 files", "links are not followed on the way either");
  });
});

test("no tool reads what is hidden", async () => {
  await withFolder(FILES, async (folder) => {
    for (const path of [".env", "node_modules/x/index.js", "src/../.env"]) {
      const { error } = await call(folder, "read_file", { path });
      assert(error?.includes("is not to be read"), `${path}: ${error}`);
    }
  });
});

test("a tool publishes what it works on, under the id of its call", async () => {
  await withFolder(FILES, async (folder) => {
    const bus = new EventBus();
    await call(folder, "search", { text: "TODO", path: "src" }, bus);
    const said: unknown[] = [];
    let spanId: string | undefined;
    for await (const event of bus.subscribe<Catalogue>("r")) {
      if (event.event_type === "agent.tool.started") spanId = event.data.span_id;
      if (event.event_type === "demo.tool.subject") said.push(event.data);
    }
    assertEquals(said, [{ span_id: spanId, subject: '"TODO" in src' }]);
  });
});

test("a tool stops reading when its signal is aborted", async () => {
  await withFolder(FILES, async (folder) => {
    const countLines = createTools(folder, { paceMs: 60_000 }).find(({ name }) =>
      name === "count_lines"
    )!;
    const stop = new AbortController();
    const context = { toolCallId: "1", signal: stop.signal } as ToolContext;
    const result = Promise.resolve(countLines.execute({ path: "." }, context));
    stop.abort(new Error("stop"));
    await assertRejects(() => result);
  });
});

type Catalogue = {
  "agent.tool.started": { span_id: string };
  "demo.tool.subject": { span_id: string; subject: string };
};
