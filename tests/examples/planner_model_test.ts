import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Agent } from "@locus/core/agent";
import { createPlannerModel } from "../../examples/demo/planner_model.ts";
import { createTools } from "../../examples/demo/tools.ts";
import { withFolder } from "./_folder.ts";

const FILES = {
  "src/core/large.ts":
    "/** The heart of it. It beats. */\nexport class Large {}\n// more\n// more\n",
  "src/middle.ts":
    "import { Large } from './core/large.ts';\n/** Runs the heart.\n *\n * @module\n */\n",
  "src/small.ts": "export const x = 1;\n",
  "tests/large_test.ts": "import '../src/core/large.ts'; // TODO: more\n",
};

/** What the planner asks for and answers, in a repository of these files. */
async function ask(question: string, streaming = false) {
  let message = "";
  const calls: string[] = [];
  await withFolder(FILES, async (folder) => {
    const agent = new Agent({ model: createPlannerModel(), tools: createTools(folder), streaming });
    const result = await agent.invoke(question);
    message = result.message;
    for (const { tool_name, arguments: args } of result.state.tool_executions) {
      calls.push(`${tool_name} ${args.text ?? args.path}`);
    }
  });
  return { message, calls };
}

test("the planner answers which files are the largest from what it counted and read", async () => {
  const { message, calls } = await ask("Which source files are the largest, and what do they do?");
  assertEquals(calls, [
    "count_lines src",
    "list_files .",
    "read_file src/middle.ts",
    "read_file src/core/large.ts",
    "read_file src/small.ts",
    "search middle.ts",
  ]);
  assertEquals(message.split("\n").slice(0, 4), [
    "The largest file in src is src/middle.ts, with 5 of 10 lines.",
    "1. src/middle.ts, 5 lines: Runs the heart.",
    "2. src/core/large.ts, 4 lines: The heart of it.",
    "3. src/small.ts, 1 line: it has no documentation.",
  ]);
});

test("the planner counts lines and files", async () => {
  const { message } = await ask("How many lines are there?");
  assert(message.includes("src: 10 lines in 3 files"), message);
  assert(message.includes("tests: 1 line in 1 file"), message);
});

test("the planner finds where something is", async () => {
  const { message, calls } = await ask("Where is `Large` used?");
  assertEquals(calls.slice(0, 2), ["search Large", "search Large"]);
  assert(message.startsWith("Large is in 2 lines in 2 files of src"), message);
  assert(message.includes("src/core/large.ts:2, which says: export class Large {}"), message);
});

test("the planner explains a file, also when it has to look for it", async () => {
  const { message, calls } = await ask("What does large.ts do?");
  assertEquals(calls, [
    "read_file large.ts",
    "search large.ts",
    "list_files .",
    "read_file src/core/large.ts",
  ]);
  assert(message.startsWith("src/core/large.ts: The heart of it.\nIt exports Large."), message);
});

test("the planner says so when a file is not there", async () => {
  const { message } = await ask("What does nowhere.ts do?");
  assertEquals(message, "I could not find a file named nowhere.ts in this repository.");
});

test("the planner lists what is left to do", async () => {
  const { message } = await ask("Any TODOs?");
  assert(message.startsWith("TODO: 1 line in 1 file. FIXME: 0 lines in 0 files."), message);
  assert(message.includes("tests/large_test.ts:1"), message);
});

test("the planner searches for the words of any other question, and says what it is", async () => {
  const { message } = await ask("Explain the heart");
  assert(message.includes("built-in planner"), message);
  assert(message.includes("heart: 2 lines in 2 files"), message);
});

test("the planner answers even a question of nothing it knows", async () => {
  const { message } = await ask("?");
  assert(message !== "");
});

test("the planner streams what it would generate", async () => {
  const question = "How many files are there?";
  assertEquals(await ask(question, true), await ask(question, false));
});

test("the planner's stream ends at once when its signal is aborted", async () => {
  const stop = new AbortController();
  const { stream } = await createPlannerModel({ wordMs: 60_000 }).doStream({
    prompt: [{ role: "user", content: [{ type: "text", text: "How many?" }] }],
    abortSignal: stop.signal,
  });
  const reason = new Error("stop");
  const failure = (async () => {
    for await (const part of stream) if (part.type === "text-delta") stop.abort(reason);
  })().then(() => null, (error: Error) => error);
  assertEquals((await failure)?.name, "AbortError");
});
