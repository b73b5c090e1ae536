import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createRunSummary, type RunSummary } from "@locus/core/view";
import { drawRuns } from "../../../src/cli/screen/draw_runs.ts";
import { textWidth } from "../../../src/cli/screen/text.ts";

const NOW = Date.parse("2026-01-01T12:00:00.000Z");

function runOf(runId: string, agoMs: number, fields: object = {}): RunSummary {
  const started = new Date(NOW - agoMs).toISOString();
  return { ...createRunSummary(runId), started_at: started, updated_at: started, ...fields };
}

const QUESTION =
  "Refund 120 EUR for order 1042, although the customer has had two refunds this year?";

/** Latest first, as a server lists them. */
const LIST: readonly RunSummary[] = [
  runOf("nightly-7", 60_000, { model_calls: 11, tool_calls: 22, total_tokens: 29_810 }),
  runOf("refund-3", 900_000, {
    state: "failed",
    ended_at: new Date(NOW - 897_800).toISOString(),
    errors: 2,
    model_calls: 1,
    tool_calls: 1,
    total_tokens: 132,
  }),
  runOf("approve-9", 435_000, {
    state: "waiting",
    question: { interrupt_id: "i", question_preview: QUESTION, options: null },
    model_calls: 1,
    tool_calls: 1,
    total_tokens: 200,
  }),
];

function draw(width: number, list = LIST): string[] {
  const lines = drawRuns(list, { width, colour: false, now: NOW });
  for (const line of lines) assert(textWidth(line) <= width, line);
  return lines;
}

test("G10: drawRuns() at 80 columns shows the question and the errors, and first what needs a person", () => {
  assertEquals(draw(80), [
    "◐ approve-9  waiting 7 m 15 s  7 m 15 s ago    1 model call    1 tool",
    "  asks: Refund 120 EUR for order 1042, although the customer has had two refunds",
    "        this year?",
    "✗ refund-3   failed     2.2 s 15 m 00 s ago    1 model call    1 tool  2 errors",
    "● nightly-7  running 1 m 00 s  1 m 00 s ago  11 model calls  22 tools",
  ]);
});

test("G10: drawRuns() at 120 columns has all counters", () => {
  assertEquals(draw(120), [
    "◐ approve-9  waiting 7 m 15 s  7 m 15 s ago    1 model call    1 tool      200 tok",
    "  asks: Refund 120 EUR for order 1042, although the customer has had two refunds this year?",
    "✗ refund-3   failed     2.2 s 15 m 00 s ago    1 model call    1 tool      132 tok  2 errors",
    "● nightly-7  running 1 m 00 s  1 m 00 s ago  11 model calls  22 tools   29,810 tok",
  ]);
});

test("G10: drawRuns() keeps a run on one line where there is no terminal", () => {
  assertEquals(draw(Infinity)[0]?.endsWith(`200 tok  ${QUESTION}`), true);
});

test("G10: drawRuns() bounds a question, and shows its errors at every width", () => {
  const question = { interrupt_id: "i", question_preview: "Really? ".repeat(120), options: null };
  const list = [runOf("a".repeat(128), 0, { state: "waiting", errors: 1, question })];
  for (const width of [40, 61, 80, 200]) {
    const lines = draw(width, list);
    assertEquals(lines.length, 4, lines.join("\n"));
    assert(lines.at(-1)!.endsWith("…"), lines.at(-1));
    assert(lines[0]!.endsWith("1 error"), lines[0]);
  }
});

test("G10: drawRuns() draws whatever a newer server says of a run", () => {
  const odd: object[] = [
    { run_id: "new", state: "hibernating" },
    { run_id: "odd", state: "__proto__", errors: "two", question: 7, started_at: 5 },
    { run_id: "long", state: "x".repeat(50), question: { question_preview: {} } },
    { run_id: "evil", state: "\u001b[2J\nline", started_at: "never" },
  ];
  assertEquals(
    draw(60, odd as RunSummary[]).map((line) => line.split(/ +/).slice(0, 3).join(" ")),
    [
      "? new hibernating",
      "? odd __proto__",
      "? long xxxxxxxxxxx…",
      "? evil ␛[2J",
    ],
  );
});

test("drawRuns() lists what waits, what broke and what runs before the rest, each as it was listed", () => {
  const states = ["done", "running", "failed", "ended", "waiting", "failed", "running", "waiting"];
  const list = states.map((state, at) => runOf(`${state}-${at}`, at, { state }));
  list.push(runOf("gone", 9, { interrupted: true }));
  assertEquals(draw(80, list).map((line) => line.split(/ +/)[1]), [
    ...["waiting-4", "waiting-7", "failed-2", "failed-5", "gone", "running-1", "running-6"],
    ...["done-0", "ended-3"],
  ]);
});

const ID = "0198d7a2-5b1e-7c3f-9d00-3f1d0a6c42e7";
const TITLED: readonly RunSummary[] = [
  runOf(ID, 4_000, { title: "Refund order 1042", tags: { customer: "7", plan: "pro" } }),
  runOf("refund-3", 900_000, {
    title: "Refund order 7 to a customer whose name is longer than any column",
    state: "failed",
    error: "TimeoutError: the database did not answer within 1000 ms",
    errors: 1,
    ended_at: new Date(NOW - 897_800).toISOString(),
  }),
  runOf("left-1", 60_000, { state: "cancelled", ended_at: new Date(NOW - 50_000).toISOString() }),
];

test("drawRuns() has the title, and below it the whole id, the tags and the error", () => {
  assertEquals(draw(80, TITLED), [
    "✗ Refund order 7 to a custo…  failed       2.2 s 15 m 00 s ago  1 error",
    "  refund-3",
    "  error: TimeoutError: the database did not answer within 1000 ms",
    "● Refund order 1042           running      4.0 s     4.0 s ago",
    `  ${ID}  customer=7  plan=pro`,
    "⊘ left-1                      cancelled   10.0 s  1 m 00 s ago",
  ]);
});

test("drawRuns() shows nothing of a title, a tag or an error but text", () => {
  const evil = "\x1b[2J\u202e\nx";
  const lines = draw(80, [
    runOf("a", 0, { title: evil, tags: { [evil]: evil }, state: "failed", error: evil }),
    runOf("b", 0, { title: { no: "text" }, tags: ["x"], error: 7, state: "failed" }),
    // What an older server says.
    runOf("c", 0, { title: undefined, tags: undefined }),
  ]);
  // deno-lint-ignore no-control-regex
  for (const line of lines) assert(!/[\x00-\x1f\u202e]/.test(line), JSON.stringify(line));
  assertEquals(lines.filter((line) => /^\S/.test(line)).length, 3);
});
