import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type DrawOptions, drawRun } from "../../../src/cli/screen/draw.ts";
import { textWidth } from "../../../src/cli/screen/text.ts";
import { Script } from "../../view/_script.ts";

function draw(script: Script, options: Partial<DrawOptions> = {}): string[] {
  return drawRun(script.picture, { name: "demo", width: 80, now: script.now, ...options });
}

/** Two turns: two tools at the same time, then an answer. */
function twoTurns(): Script {
  return new Script()
    .chunk("I need the sizes.").wait(1100).turn(0, 2, 112)
    .start("count_lines", "a", "src").start("read_file", "b", "src/core/bus.ts").wait(412)
    .complete("read_file", "b", 31, "60 lines\nof text")
    .complete("count_lines", "a", 412, "5,412 lines in 38 files\n…")
    .wait(100).chunk("The largest file is ").wait(50).chunk("src/core/bus.ts.");
}

test("drawRun() draws turns, what they called and what is being written", () => {
  assertEquals(draw(twoTurns(), { source: "http://127.0.0.1:4" }), [
    "● demo  running  1.7 s   1 model call  2 tools     112 tok    http://127.0.0.1:4",
    "├─ think 0        I need the sizes.                         ✓   1.1 s    112 tok",
    "│  └┬ count_lines src             ✓  412 ms  5,412 lines in 38 files",
    "│   └ read_file   src/core/bus.ts ✓   31 ms  60 lines",
    "├─ think 1                                                  ⠦  150 ms",
    "▏The largest file is src/core/bus.ts.",
  ]);
});

test("drawRun() closes the tree and keeps the whole answer when the run is over", () => {
  const script = twoTurns().wait(1000).turn(1, 0, 1300).terminate("complete").wait(9000);
  assertEquals(draw(script), [
    "✓ demo  done     2.7 s  2 model calls  2 tools   1,412 tok",
    "├─ think 0        I need the sizes.                         ✓   1.1 s    112 tok",
    "│  └┬ count_lines src             ✓  412 ms  5,412 lines in 38 files",
    "│   └ read_file   src/core/bus.ts ✓   31 ms  60 lines",
    "└─ think 1        the answer below                          ✓   1.1 s  1,300 tok",
    "▏The largest file is src/core/bus.ts.",
  ]);
});

test("drawRun() puts a timeline beside the rows where there is room", () => {
  const script = twoTurns().wait(338).turn(1, 0).terminate("complete");
  const bars = draw(script, { width: 90 }).slice(1, -1).map((line) => line.slice(-18));
  assertEquals(bars, [
    "━━━━━━━━━━────────",
    "─────────━━━━━────",
    "─────────━────────",
    "─────────────━━━━━",
  ]);
});

test("drawRun() draws as one line what was done again and again, and what failed by itself", () => {
  const script = new Script().chunk("Look.").turn(0, 9);
  for (let n = 0; n < 7; n++) {
    script.start("search", `s${n}`, "src").wait(10);
    if (n === 5) script.fail("search", `s${n}`, 10, "Error: no");
    else script.complete("search", `s${n}`, 10, "17 matches");
  }
  for (let n = 0; n < 5; n++) script.emitAny("shop.paid", { amount: 10 });
  assertEquals(draw(script).slice(2), [
    "│  ├─ search × 5 src      ✓   50 ms  17 matches",
    "│  ├─ search     src      ✗   10 ms  Error: no",
    "│  └─ search     src      ✓   10 ms  17 matches",
    "├─ · shop.paid  amount=10 × 5",
  ]);
});

test("drawRun() hangs on a fork only what ran at the same time", () => {
  const script = new Script().chunk("Look.").turn(0, 3)
    .start("one", "a", "").complete("one", "a", 1, "")
    .start("two", "b", "").start("three", "c", "");
  const tree = draw(script).slice(2).map((line) => line.slice(0, 12).trimEnd());
  assertEquals(tree, ["│  ├─ one", "│  └┬ two", "│   └ three"]);
});

test("drawRun() nests spans under the span that they are part of", () => {
  const span = { name: "net", span_id: "n", parent_span_id: "a" };
  const script = new Script().chunk("Look.").turn(0, 2)
    .start("quote", "a", "").emit("span.started", { ...span, attributes: { sku: 7 } })
    .emit("span.linked", { span_id: "i", parent_span_id: "n" }).start("inner", "i", "x")
    .emit("span.completed", { ...span, success: false, duration_ms: 3, error: "Error: no" });
  assertEquals(draw(script).slice(2), [
    "│  └─ quote       path     ⠋    0 ms",
    "│     └─ net      sku=7    ✗    3 ms  Error: no",
    "│        └─ inner x        ⠋    0 ms",
  ]);
});

test("drawRun() shows the arguments' names where a tool does not say what it works on", () => {
  const script = new Script().chunk("Look.").turn(0, 1)
    .emit("agent.tool.started", { tool_name: "search", span_id: "a", arg_keys: ["path", "text"] });
  assertEquals(draw(script).at(-1), "│  └─ search    path, text ⠋    0 ms");
});

test("drawRun() shows a failed tool with its error", () => {
  const script = new Script().chunk("Look.").turn(0, 1).start("read_file", "a", "nowhere.ts")
    .fail("read_file", "a", 3, "RangeError: there is no nowhere.ts");
  const line = "│  └─ read_file nowhere.ts ✗    3 ms  RangeError: there is no nowhere.ts";
  assertEquals(draw(script).at(-1), line);
});

test("drawRun() shows a tool whose start fell into a gap", () => {
  const script = new Script().chunk("Look.").turn(0, 1)
    .gap(29)
    .wait(50).complete("search", "a", 40, "2 lines in 1 file");
  assertEquals(draw(script).slice(2), [
    "│  └─ search             ✓   40 ms  2 lines in 1 file",
    "├─ ⚠ 29 events missing (lagged)",
  ]);
});

test("drawRun() shows a lost connection where it happened, and rewords it when it is back", () => {
  const script = new Script().chunk("Look.");
  const note = script.picture.addNote("connection lost after x-1 · coming back");
  assertEquals(draw(script).at(2), "│  └─ ⚠ connection lost after x-1 · coming back");
  script.turn(0, 1).start("search", "a", '"TODO"');
  script.picture.reword(note, "connection lost · resumed after x-1 · nothing missed");
  assertEquals(draw(script).slice(2, 4), [
    "│  ├─ ⚠ connection lost · resumed after x-1 · nothing missed",
    '│  └─ search    "TODO"   ⠋    0 ms',
  ]);
});

test("drawRun() shows events that it does not know as they are", () => {
  const script = new Script().emitAny("shop.paid", { order_id: "42", items: [1, 2] });
  assertEquals(draw(script).at(-1), "├─ · shop.paid  order_id=42  items=[1,2]");
});

test("drawRun() says by the state how the run stands", () => {
  const states = ["complete", "max_iterations", "error"].map((reason) =>
    draw(new Script().terminate(reason))[0]?.slice(0, 16)
  );
  assertEquals(
    states,
    ["✓ demo  done   ", "■ demo  stopped", "✗ demo  failed "].map((s) => s + " "),
  );
  const question = { interrupt_id: "i", question_preview: "Delete it?", options: null };
  const waiting = draw(new Script().emit("agent.interrupt", question));
  assertEquals(waiting[0]?.slice(0, 15), "◐ demo  waiting");
  assertEquals(waiting[1], "├─ ⚠ waits for a person: Delete it?");
});

test("G10: drawRun() keeps the state apart from the time, however long that is", () => {
  const question = { interrupt_id: "i", question_preview: "Delete it?", options: null };
  const script = new Script().emit("agent.interrupt", question).wait(435_000);
  assertEquals(draw(script)[0]?.slice(0, 24), "◐ demo  waiting 7 m 15 s");
});

test("G10: drawRun() says what it waits for while there is no event", () => {
  const script = new Script();
  const hint = 'no run "dmeo" at http://127.0.0.1:4 yet, waiting for it; did you mean "demo"?';
  assertEquals(draw(script, { hint, width: 60 }).slice(1), [
    '  no run "dmeo" at http://127.0.0.1:4 yet, waiting for it;',
    '  did you mean "demo"?',
  ]);
  assertEquals(draw(script.emitAny("shop.paid", {}), { hint }).length, 2);
});

test("drawRun() keeps the columns where a duration needs more room than usual", () => {
  const script = new Script().turn(0, 2).start("slow", "a").start("fast", "b")
    .complete("fast", "b", 12, "ok").wait(4_000_000).complete("slow", "a", 4_000_000, "ok").end();
  for (const line of draw(script, { width: 100 }).slice(1)) {
    assertMatch(line, /^.{78} {2}[─━]{20}$/);
  }
});

test("drawRun() goes on where a second agent of the run begins", () => {
  const script = new Script().chunk("One.").turn(0, 0).terminate("complete").wait(500).chunk("Two");
  assertEquals(draw(script)[0]?.slice(0, 22), "● demo  running 500 ms");
  assertEquals(draw(script).at(-1), "▏Two");
});

test("drawRun() marks the answer of a model that does not stream as a preview", () => {
  const preview = "x".repeat(240);
  const script = new Script()
    .emit("agent.model.completed", {
      content_preview: preview,
      tool_call_count: 0,
      stop_reason: null,
    })
    .terminate("complete");
  assertEquals(
    draw(script, { width: 300 }).slice(-3).join("").replaceAll("▏", ""),
    `${preview} … (a preview)`,
  );
});

test("drawRun() shows how long a tool waited for a person, and that the work itself was short", () => {
  const question = { interrupt_id: "i", question_preview: "May I?", options: null };
  const script = new Script().chunk("I ask.").wait(1000).turn(0, 1).start("refund", "a", "1042")
    .emit("agent.interrupt", question).wait(8000).start("refund", "a").wait(12)
    .complete("refund", "a", 12, "done").wait(988).end();
  const line = (width: number) => draw(script, { width }).find((line) => line.includes("refund"));
  assertEquals(line(80), "   └─ refund    1042     ✓   12 ms  waited 8.0 s · done");
  // A second of work, eight of waiting, and no time at all.
  assertMatch(line(100)!, / {2}─{19}╱$/);
});

test("G8: drawRun() folds a long wait, so that the work beside it can be seen", () => {
  const question = { interrupt_id: "i", question_preview: "May I?", options: null };
  const script = new Script().chunk("I ask.").wait(4_000).turn(0, 1).start("refund", "a", "1042")
    .emit("agent.interrupt", question).wait(660_000).start("refund", "a").wait(2_000)
    .complete("refund", "a", 2_000, "done").chunk("Done.").wait(2_000).turn(1, 0)
    .terminate("complete");
  const bars = draw(script, { width: 120 }).map((line) => /[─━╱]{24}$/.exec(line)?.[0])
    .filter((bar) => bar !== undefined);
  assertEquals(bars, [
    "━━━━━━━━━━━━╱───────────",
    "───────────━╱━━━━━──────",
    "────────────╱─────━━━━━━",
  ]);
});

test("drawRun() keeps what there was of a text that was cut off", () => {
  const lines = draw(new Script().chunk("The largest file is").wait(5).end());
  assertEquals(lines.slice(1), [
    "└─ think 0      cut off, see below                          ?",
    "▏The largest file is … (cut off)",
  ]);
});

test("drawRun() shows control characters in data instead of obeying them", () => {
  const script = new Script().chunk("Look.").turn(0, 1).start("read_file", "a", "a\x1b[2Jb")
    .complete("read_file", "a", 1, "\0evil\x07")
    .chunk("red: \x1b[31m");
  const lines = draw(script, { source: "http://\x9b1m" }).join("\n");
  assert(lines.includes("a␛[2Jb"), lines);
  assert(lines.includes("␀evil␇"), lines);
  assert(lines.includes("▏red: ␛[31m"), lines);
  // deno-lint-ignore no-control-regex
  assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(lines), "no control character is left");
});

test("drawRun() never draws a line wider than it may, whatever is in it", () => {
  const script = new Script().chunk("漢字".repeat(60)).turn(0, 2)
    .start("読む".repeat(20), "a", "👨‍👩‍👧".repeat(40)).fail("x", "a", 5, "엄청난 오류 ".repeat(30))
    .start("search", "b", "x".repeat(200)).chunk("長い文章".repeat(80));
  script.picture.addNote("é".repeat(300));
  for (const width of [20, 40, 61, 79, 88, 120, 201]) {
    for (const line of draw(script, { width, source: "http://例え.jp" })) {
      assert(textWidth(line) <= width, `${textWidth(line)} > ${width}: ${line}`);
    }
  }
});

test("drawRun() leaves out the top of a tree that is too tall for the screen", () => {
  const script = new Script();
  for (let n = 0; n < 9; n++) script.emitAny("shop.paid", { n });
  script.chunk("Now").wait(1);
  const lines = draw(script, { height: 5 });
  assertEquals(lines.slice(1), [
    "│  8 lines above",
    "├─ · shop.paid  n=8",
    "├─ think 0                                                  ⠋    1 ms",
    "▏Now",
  ]);
});

test("drawRun() uses colour only when it is told to, and never to say more", () => {
  const script = twoTurns();
  const coloured = draw(script, { colour: true, width: 100 });
  assert(coloured[1]?.includes("\x1b[32m"), "what is done is green");
  // deno-lint-ignore no-control-regex
  const stripped = coloured.map((line) => line.replace(/\x1b\[\d+m/g, "").trimEnd());
  assertEquals(stripped, draw(script, { width: 100 }));
  const [, lane] = draw(new Script().specialist("ada"), { colour: true });
  assert(lane?.includes("\x1b[1mada"), "the name of an agent is bold");
});

test("drawRun() ends with why the run failed, where, and by which event", () => {
  const script = new Script().chunk("I pay.").turn(0, 1).start("pay", "a").wait(20)
    .fail("pay", "a", 20, "PaymentError: the card\nwas refused")
    .emitAny("agent.terminate", { reason: "error", error: "PaymentError: the card" });
  const { event_id: eventId } = script.events.at(-2)!;
  assertEquals(draw(script).slice(-2), [
    `✗ PaymentError: the card · in pay · event ${eventId}`,
    "  Its arguments were not captured: LOCUS_CAPTURE_CONTENT=true shows them.",
  ]);
  assertEquals(draw(script, { height: 3 }).length, 3);
  const unsaid = draw(new Script().chunk("I pay.").terminate("error"), { width: 30 });
  assertEquals(unsaid.slice(-2), ["✗ no event says why · event", "  x-2"]);
});

test("drawRun() says nothing of a failure that was dealt with", () => {
  const script = new Script().chunk("I pay.").turn(0, 1).start("pay", "a")
    .fail("pay", "a", 20, "PaymentError: refused").turn(1, 0).terminate("complete");
  assert(!draw(script).at(-1)!.startsWith("✗"));
});

test("drawRun() calls a run by its title, and says its id where there is room", () => {
  const script = new Script().emitAny("run.started", { name: "Refund order 42" });
  const head = (width: number) => draw(script, { width, source: "http://127.0.0.1:4" })[0];
  assertEquals(head(110)?.slice(0, 26), "● Refund order 42  running");
  assertMatch(head(110)!, /following http:\/\/127\.0\.0\.1:4 · demo$/);
  assertMatch(head(100)!, / {2}http:\/\/127\.0\.0\.1:4 · demo$/);
  const long = new Script().emitAny("run.started", { name: "word ".repeat(40) });
  assertMatch(draw(long)[0]!, /^● word .*… {2}running .* 0 calls · 0 tools/);
});

test("drawRun() shows what went into a span and came out of it, where that was captured", () => {
  const script = new Script().chunk("Look.").turn(0, 1).start("search", "a")
    .content("a", "input", "arguments", { q: "TODO\n" })
    .content("a", "output", "result", "22 lines\nin 8 files").complete("search", "a", 3);
  assertEquals(draw(script).at(-1), "│  └─ search    q=TODO   ✓    3 ms  22 lines");
});

test("drawRun() ends with the question that a run waits for, and what it is about", () => {
  const question = { interrupt_id: "i", question_preview: "Pay?\nReally?", options: null };
  const script = new Script().chunk("I pay.").turn(0, 1).start("pay", "a")
    .content("a", "input", "arguments", { amount: 12 }).emit("agent.interrupt", question);
  assertEquals(draw(script).slice(-2), ["◐ Pay? Really?", "  pay  amount=12"]);
  const gone = script.chunk("Paid.");
  assert(!draw(gone).some((line) => line.startsWith("◐ Pay")));
});

test("drawRun() says which attempt at a call it is", () => {
  const tool = { tool_name: "pay", span_id: "a", tool_span_id: "a", attempt: 2 };
  const end = { success: true, duration_ms: 3, output_preview: "paid" };
  const script = new Script().chunk("I pay.").turn(0, 1)
    .emitAny("agent.tool.started", tool).emitAny("agent.tool.completed", { ...tool, ...end });
  assertMatch(draw(script).at(-1)!, /✓ {4}3 ms {2}attempt 2 · paid$/);
});
