import { test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  ConsoleHandler,
  type ConsoleHandlerOptions,
  handleStream,
  MinimalConsoleHandler,
  type StreamedEvent,
} from "../../src/consumers/mod.ts";
import { addTool, agentOf } from "../agent/_support.ts";
import { toolCall } from "../harness/support/scripted_model.ts";

const at = (event_type: string, fields: object) =>
  ({ event_type, timestamp: "2026-01-31T12:34:56.000Z", ...fields }) as StreamedEvent;

/** What is printed of these events, without symbols. */
function printed(events: readonly StreamedEvent[], options: ConsoleHandlerOptions = {}): string {
  let text = "";
  const handler = new ConsoleHandler({
    useEmoji: false,
    output: (piece) => text += piece,
    ...options,
  });
  for (const event of events) handler.onEvent(event);
  return text;
}

const done = (fields: object) =>
  at("tool_complete", {
    tool_name: "search",
    tool_call_id: "c1",
    result: "found",
    error: null,
    duration_ms: 12.4,
    ...fields,
  });

test("ConsoleHandler prints a run of an agent", async () => {
  let text = "";
  const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })], ["It is 3."]], {
    tools: [addTool()],
  });
  const output = (piece: string) => text += piece;
  await handleStream(agent.run("1 + 2?"), new ConsoleHandler({ output, useEmoji: false }));
  assertEquals(
    text.replace(/\(\d+ms\)/, "(0ms)"),
    `
Iteration 1
  Planning 1 tool call
add
add (0ms)
  3

Iteration 2
  It is 3.

Terminated: complete
  Iterations: 2, tool calls: 1, confidence: 0.00
Execution complete (1 tool call)
`,
  );
});

test("ConsoleHandler prints text as it is written, and ends its line", () => {
  const chunk = (content: string | null, done = false) =>
    at("model_chunk", { content, tool_calls: null, done });
  assertEquals(printed([chunk("Hel"), chunk("lo\nyou"), chunk(null, true)]), "  Hello\n  you\n");
  assertEquals(
    printed([chunk("Hel"), at("specialist_start", { specialist_id: "a", specialist_type: "b" })]),
    "  Hel\nSpecialist: a (b)\n",
  );
  // What looks like a line of the handler's own does not begin where those do.
  assertEquals(
    printed([
      chunk("\nError: no\n"),
      chunk("\n"),
      chunk("Error"),
      chunk(": no"),
      chunk("\nx", true),
    ]),
    "\n  Error: no\n\n  Error: no\n  x\n",
  );
});

test("ConsoleHandler prints tools: their arguments if asked, their results in part", () => {
  const start = at("tool_start", { tool_name: "search", tool_call_id: "c1", arguments: { q: 1 } });
  assertEquals(printed([start]), "search\n");
  assertEquals(printed([start], { showToolArgs: true }), 'search {"q":1}\n');
  assertEquals(printed([done({ result: "1\n2\n3\n4\n5\n6" })]).split("\n").length, 7);
  assertEquals(printed([done({})], { showToolResults: false }), "search (12ms)\n");
  assertEquals(printed([done({ result: null, error: "Error: no" })]), "search: Error: no\n");
  assertEquals(printed([done({ result: "x".repeat(600) })]).length, "search (12ms)\n".length + 503);
});

test("ConsoleHandler prints questions, reflection, grounding and whatever else comes", () => {
  assertEquals(
    printed([at("interrupt", { question: "Sure?", options: ["yes", "no"] })]),
    "Sure?\n  - yes\n  - no\n",
  );
  const reflect = { assessment: "stuck", new_confidence: 0.25, guidance: "Try\nagain" };
  assertEquals(
    printed([at("reflect", reflect)]),
    "Reflection: stuck (confidence: 0.25)\n  Try\n  again\n",
  );
  const grounding = { score: 0.5, claims_evaluated: 4, ungrounded_claims: ["a", "b", "c", "d"] };
  assertEquals(
    printed([at("grounding", grounding)]),
    "Grounding: 0.50 (4 claims)\n  Ungrounded: a\n  Ungrounded: b\n  Ungrounded: c\n",
  );
  assertEquals(printed([at("novelty", {})]), "Event: novelty\n");
});

test("ConsoleHandler prints the call that a question is about", () => {
  const call = (name: string, id: string, args: object) =>
    at("tool_start", { tool_name: name, tool_call_id: id, arguments: args });
  const asked = at("interrupt", { question: "Sure?", options: null });
  assertEquals(
    printed([
      call("search", "c1", { q: 1 }),
      call("pay", "c2", { amount: 12, api_key: "s3cret-s3cret" }),
      done({ tool_call_id: "c1" }),
      asked,
    ], { showToolResults: false }).split("\n").slice(3),
    ["Sure?", '  pay {"amount":12,"api_key":"[REDACTED]"}', ""],
  );
});

test("ConsoleHandler colours on terminals only, and only if it may", () => {
  const pieces: string[] = [];
  const terminal = { write: (piece: string) => pieces.push(piece), isTTY: true };
  new ConsoleHandler({ output: terminal }).onEvent(done({}));
  assertEquals(pieces.join(""), "✅ \x1b[32msearch\x1b[0m (12ms)\n  \x1b[2mfound\x1b[0m\n");
  assertEquals(printed([done({})]), "search (12ms)\n  found\n");
  pieces.length = 0;
  new ConsoleHandler({ output: terminal, useColor: false }).onEvent(done({}));
  assertEquals(pieces.join("").includes("\x1b"), false);
});

test("ConsoleHandler prints the time in front if asked", () => {
  assertEquals(printed([done({})], { showTimestamps: true }).slice(0, 15), "12:34:56 search");
});

test("ConsoleHandler and MinimalConsoleHandler obey no control character and print no secret", () => {
  const evil = "x\x1b]0;t\x07\u009b2J\u202e sk-proj-abcdefghijklmnop\r\n\tend";
  let minimal = "";
  const handler = new MinimalConsoleHandler({ output: (piece) => minimal += piece });
  const events = [
    at("think", { iteration: 0, reasoning: evil, tool_calls: [] }),
    at("tool_start", {
      tool_name: evil,
      tool_call_id: "c1",
      arguments: { password: "hunter2", evil },
    }),
    done({ tool_name: "t", result: evil }),
    done({ tool_name: "t", result: null, error: evil }),
    at("model_chunk", { content: evil.slice(0, 30), tool_calls: null, done: false }),
    at("model_chunk", { content: evil.slice(30), tool_calls: null, done: false }),
    at("interrupt", { question: evil, options: [evil] }),
    at("reflect", { assessment: evil, new_confidence: 0, guidance: evil }),
    at("terminate", { reason: evil, iterations_used: 1, final_confidence: 0, total_tool_calls: 1 }),
    at(`evil\x1b[2J`, {}),
    at("orchestrator_decision", { decision: evil, reasoning: evil }),
  ];
  for (const event of events) handler.onEvent(event);
  handler.onError(new Error(evil));
  for (const text of [printed(events, { showToolArgs: true }), minimal]) {
    // deno-lint-ignore no-control-regex
    assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(text), false, JSON.stringify(text));
    assertEquals(/hunter2/.test(text), false);
  }
});

test("MinimalConsoleHandler prints a line for each tool, and one at the end", () => {
  let text = "";
  const handler = new MinimalConsoleHandler({ output: (piece) => text += piece });
  handler.onEvent(at("tool_start", { tool_name: "search", tool_call_id: "c", arguments: {} }));
  handler.onEvent(done({ result: null, error: "Error: no" }));
  handler.onEvent(at("terminate", { iterations_used: 1 }));
  handler.onComplete();
  assertEquals(text, "• search\n  Error: no\nCompleted in 1 iteration\n");
});

test("ConsoleHandler prints to the standard output if nothing else is said", () => {
  const { log } = console;
  const { process } = globalThis as { process?: { stdout: { write: unknown } } };
  const write = process?.stdout.write;
  let text = "";
  const take = (...pieces: unknown[]) => (text += pieces.join(" "), true);
  console.log = take;
  if (process !== undefined) process.stdout.write = take;
  try {
    new ConsoleHandler().onComplete();
  } finally {
    console.log = log;
    if (process !== undefined) process.stdout.write = write;
  }
  assertStringIncludes(text, "Execution complete (0 tool calls)");
});

test("ConsoleHandler refuses what it cannot use", () => {
  const refuse = (options: unknown, message: string) =>
    assertThrows(() => new ConsoleHandler(options as ConsoleHandlerOptions), TypeError, message);
  refuse({ color: true }, 'unknown option "color"');
  refuse({ useColor: 1 }, '"useColor" must be true or false, got 1');
  refuse({ output: {} }, '"output" must be a function or a stream, got an object');
  assertThrows(() => new ConsoleHandler({ maxResultLength: -1 }), RangeError, "maxResultLength");
});
