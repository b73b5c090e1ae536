/** G9: what events say can neither steer the terminal nor pass for what the terminal says itself. */
import { test } from "node:test";
import fc from "../../harness/support/property.ts";
import { assert, assertEquals } from "@std/assert";
import { createRunSummary, RunPicture, type RunSummary } from "@locus/core/view";
import type { StreamEvent } from "@locus/core/events";
import { drawRun } from "../../../src/cli/screen/draw.ts";
import { drawRuns } from "../../../src/cli/screen/draw_runs.ts";
import { drawFacts } from "../../../src/cli/screen/facts.ts";
import { plainEvent } from "../../../src/cli/screen/plain.ts";
import { quoteName } from "../../../src/cli/screen/quote_name.ts";
import { FORGED_LINES, HOSTILE_MARKS, unsafeIn } from "../../harness/support/hostile.ts";

/** A run that has `text` wherever an event can have one. */
function eventsWith(text: string): StreamEvent[] {
  const ids = { span_id: "s", tool_name: text };
  const drafts: [type: string, data: object][] = [
    ["agent.model.chunk", { content_preview: text }],
    ["agent.think", { iteration: 0, reasoning_preview: text, has_tool_calls: true }],
    ["agent.tool.started", { ...ids, arg_keys: [text] }],
    ["demo.subject", { span_id: "s", subject: text }],
    ["agent.tool.completed", { ...ids, success: true, output_preview: text, duration_ms: 1 }],
    ["agent.tool.started", { ...ids, span_id: "t", arg_keys: [] }],
    ["agent.tool.completed", { ...ids, span_id: "t", success: false, error: text, duration_ms: 1 }],
    ["multiagent.specialist.started", { specialist_id: text, task_preview: text }],
    ["span.started", { span_id: "u", name: text, attributes: { [text]: text } }],
    ["shop.paid", { [text]: text }],
    ["bus.gap", { count: 1, reason: text }],
    ["agent.interrupt", { interrupt_id: text, question_preview: text, options: [text] }],
    ["agent.model.chunk", { content_preview: text }],
    ["agent.terminate", { reason: text, final_message_preview: text }],
  ];
  return drafts.map(([event_type, data], n) => ({
    event_id: `e-${n + 1}`,
    run_id: "demo",
    event_type,
    timestamp: new Date(n * 10).toISOString(),
    data,
  } as StreamEvent));
}

const hostile = fc.array(
  fc.oneof(
    fc.constantFrom(...HOSTILE_MARKS, ...FORGED_LINES, "漢字", "👨‍👩‍👧", " ", "\t", "word"),
    fc.string({ unit: "binary", maxLength: 8 }),
  ),
  { minLength: 1, maxLength: 8 },
).map((parts) => `x${parts.join("")}x`);

test("G9: a picture has the same lines, whatever the events say", () => {
  const branchesOf = (text: string, width: number) => {
    const picture = new RunPicture("demo");
    for (const event of eventsWith(text)) picture.add(event);
    const lines = drawRun(picture, { name: "demo", width, now: 1_000, source: text });
    assertEquals(unsafeIn(lines.join("\n")), []);
    assert(!lines.some((line) => line.includes("\n")));
    return lines.map((line) => /^(?:[│├└┬─ ]+(?:[⚠·] )?|▏|.)/.exec(line)?.[0]);
  };
  const ours = (text: string, width: number) =>
    branchesOf(text, width).filter((branch) => branch !== "▏");
  fc.assert(fc.property(hostile, fc.constantFrom(60, 80, 120), (text, width) => {
    assertEquals(ours(text, width), ours("words", width));
  }));
});

test("G9: plain lines are the same, whatever the events say; all else is indented", () => {
  const linesOf = (text: string, width: number) => {
    const picture = new RunPicture("demo");
    const lines = eventsWith(text).flatMap((event) => plainEvent(picture, event, width));
    assertEquals(unsafeIn(lines.join("\n")), []);
    return lines.filter((line) => !line.startsWith(" ".repeat(9)) && line !== "")
      .map((line) => line.slice(0, 9));
  };
  fc.assert(fc.property(hostile, fc.constantFrom(60, 80, Infinity), (text, width) => {
    assertEquals(linesOf(text, width), linesOf("words", width));
  }));
});

test("G9: a list of runs has its own lines at the left, whatever the runs say", () => {
  fc.assert(fc.property(hostile, fc.constantFrom(60, 80, 120), (text, width) => {
    const run: object = {
      ...createRunSummary("r"),
      run_id: text,
      state: text,
      question: { interrupt_id: text, question_preview: text, options: null },
    };
    const list = [run, run] as RunSummary[];
    const lines = drawRuns(list, { width, colour: false, now: 0 });
    assertEquals(unsafeIn(lines.join("\n")), []);
    assertEquals(lines.filter((line) => !line.startsWith("  ")).map((line) => line[0]), ["?", "?"]);
  }));
});

test("G9: a label of wide characters has its column", () => {
  assertEquals(drawFacts([{ label: "漢字", text: "x" }, { label: "ab", text: "y" }], 80, false), [
    "漢字  x",
    "ab    y",
  ]);
});

test("G9: labelled texts are shown, and not obeyed", () => {
  fc.assert(fc.property(hostile, (text) => {
    assertEquals(unsafeIn(drawFacts([{ label: text, text }], 80, false).join("\n")), []);
  }));
});

test("G9: a name that begins like a line of ours is quoted, and imitates no columns", () => {
  const cases: [name: string, shown: string][] = [
    ["search", "search"],
    ["$quote", "$quote"],
    ["漢字", "漢字"],
    ["🔧 fix", "🔧 fix"],
    ["notebook", "notebook"],
    ["done", "“done”"],
    ["note         forged", "“note forged”"],
    ["think 3", "“think 3”"],
    ["Failed  9 ms", "“Failed 9 ms”"],
    ["⚠ 29 events missing", "“⚠ 29 events missing”"],
    ["✓ demo", "“✓ demo”"],
    ["▏text", "“▏text”"],
    ["└─ x", "“└─ x”"],
    ["⠋ x", "“⠋ x”"],
    ["", ""],
  ];
  for (const [name, shown] of cases) assertEquals(quoteName(name), shown);
});
